"""What assistants are told: every command, and nothing that is not so."""

import re
import shlex
from pathlib import Path

import click
import dagster as dg
import pytest

import media_assets as ma
from media_assets.cli.main import VERBS, cli
from media_assets_tests.conftest import PROJECT
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog, insert
from media_assets_tests.steps import run_step

FOLDER = Path(ma.__path__[0]) / "for_assistants"
SKILL = (FOLDER / "SKILL.md").read_text("utf-8")
INDEX = (FOLDER / "llms.txt").read_text("utf-8")
COMMANDS = re.findall(r"`media-assets (?:--branch \w+ )?([^`]+)`", SKILL)


def test_every_verb_is_mentioned() -> None:
    assert {command.split()[0] for command in COMMANDS} == set(VERBS)


@pytest.mark.parametrize("shown", COMMANDS)
def test_every_command_that_is_mentioned_can_be_understood(shown: str) -> None:
    name, *words = shlex.split(shown)
    command = cli.get_command(click.Context(cli), name)

    assert command is not None
    command.make_context(name, words)


def test_the_example_runs_as_it_stands(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    (code,) = re.findall(r"(?ms)^```python\n(.*?)^```$", SKILL)
    path = tmp_path / "example.py"
    path.write_text(code)
    names: dict[str, object] = {"__name__": "example"}

    exec(compile(code, str(path), "exec"), names)  # noqa: S102  our own page
    table = names["photos"]
    assert isinstance(table, ma.MediaTable)
    (partition,) = insert(table, *save_photos(tmp_path / "photos", 2))
    run_step(table, partition)

    assert len(catalog().sql("select * from photos where brightness > 0.2")) == 2


def test_names_that_are_mentioned_exist() -> None:
    named = set(re.findall(r"`@?ma\.(\w+)", SKILL)) | set(re.findall(r"\bma\.(\w+)", SKILL))

    assert named <= set(ma.__all__)
    column = (PROJECT / "docs" / "columns.md").read_text("utf-8")
    column += (PROJECT / "docs" / "models.md").read_text("utf-8")
    options = set(re.findall(r"`(\w+)=", SKILL))
    assert options
    assert {option for option in options if f"`{option}" not in column} == set()


def test_every_page_is_in_the_index() -> None:
    pages = {path.name for path in (PROJECT / "docs").glob("*.md")} - {"index.md"}

    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", INDEX))

    assert listed == pages
    assert (PROJECT / "docs" / "llms.txt").read_text("utf-8") == INDEX
