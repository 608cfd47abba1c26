"""`media-assets estimate`, as a person runs it."""

import json
from pathlib import Path

import pytest

from media_assets_tests.cli.verbs import run

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
BILLION = ("estimate", "--rows", "1e9", "--columns", "10", "--cores", "1000")


def test_it_prints_what_the_page_on_scaling_shows() -> None:
    told = json.loads(run(*BILLION, "--format", "json").output)

    page = PAGE.read_text()
    assert [line for line in told if f"| {line['takes']} | {line['amount']} |" not in page] == []


def test_it_says_what_breaks_first_and_what_to_do() -> None:
    told = run(*BILLION)

    assert told.exit_code == 0
    assert "breaks first" in told.output
    assert "Spread the rows over several tables." in told.output


@pytest.mark.parametrize("rows", ["0", "many", "1.5", "inf"])
def test_a_count_that_is_none_is_refused(rows: str) -> None:
    told = run("estimate", "--rows", rows, "--columns", "1", "--cores", "1")

    assert told.exit_code == 2
    assert "is no whole number of 1 or more" in told.errors
