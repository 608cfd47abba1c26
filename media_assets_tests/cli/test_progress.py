"""How verbs show progress: a bar on a terminal, plain lines elsewhere."""

import sys
from pathlib import Path

import pytest

from media_assets.progress import ProgressReporter
from media_assets.verbs import progress
from media_assets_tests.cli.terminal import on_terminal
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos

SHOW = """
import sys, time
from media_assets.verbs.progress import show_progress
from media_assets.progress import ProgressReporter

with show_progress():
    for partition in ("p1", "p2"):
        reporter = ProgressReporter(partition, 8, lambda _: None)
        for number in range(8):
            time.sleep(0.1)
            reporter.add(has_error=number == 0)
print("done")
"""


def test_a_terminal_shows_a_bar_that_disappears_at_the_end() -> None:
    written = on_terminal([sys.executable, "-c", SHOW])

    assert "8/8" in written
    assert "rows/s, 1 error" in written
    assert "━" in written
    assert "\x1b[2K" in written, "lines are taken back"
    assert written.rstrip().endswith("done")


def test_without_a_terminal_lines_are_printed_to_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def later() -> float:
        nonlocal now
        now += 1.0
        return now

    monkeypatch.setattr(progress, "monotonic", later)
    monkeypatch.setattr("media_assets.progress.monotonic", later)
    with progress.show_progress():
        reporter = ProgressReporter("p1", 40, lambda _: None)
        for _ in range(40):
            reporter.add(has_error=False)

    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert 10 <= len(lines) <= 20
    assert all(line.startswith("p1: ") and "rows/s" in line for line in lines)
    assert "\x1b" not in captured.err


def test_a_short_insert_prints_no_progress_and_keeps_its_output_clean(
    project: Path, tmp_path: Path
) -> None:
    save_photos(tmp_path / "in", 2)

    outcome = run("insert", "photos", tmp_path / "in", "-f", project)

    assert outcome.errors == ""
    assert outcome.first_line.startswith("Inserted 2 rows with 0 errors")
