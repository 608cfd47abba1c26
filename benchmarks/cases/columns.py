"""Single columns: thumbnails from photos decoded at reduced size, and a column added later."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure, compare
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces

_READS_AT = {"reads_at_its_size": "their size", "reads_at_twice_its_size": "twice their size"}
"""The columns of `benchmarks.thumbnails` that are compared with the one without."""


def thumbnails(settings: Settings) -> Iterator[Figure]:
    """Thumbnails alone with `decode_size`, against full decode."""
    rows = settings.rows(1_000)
    source = make_inputs(PHOTO, rows)
    with workspaces() as new:

        def make(column: str) -> Sample:
            options = "--module", "benchmarks.thumbnails", "--columns", column
            return run_job("step", source, *options, environment=_home(new())).inside()

        for column, size in _READS_AT.items():
            found = compare(
                partial(make, column), lambda: make("thumbnail"), repeats=settings.repeats
            )
            what = f"{rows:,} thumbnails alone, full decode against decode_size {size}"
            faster, details = 1 / found.wall_ratio, found.details()
            yield Figure(
                f"{what}: wall", faster, "x", 1.7, 2.5, is_more_better=True, details=details
            )
            yield Figure(f"{what}: CPU", 1 / found.cpu_ratio, "x")


def further_column(settings: Settings) -> Iterator[Figure]:
    """One more column of rows that have two."""
    rows = settings.rows(200)
    source = make_inputs(PHOTO, rows)
    with workspaces() as new:
        home = new()
        run_job("step", source, "--columns", "source_image", "flipped", environment=_home(home))
        before = _files(home)
        told = run_job("step", source, "--columns", "thumbnail", environment=_home(home)).told
        after = _files(home)
    assert told["made"] == rows
    touched = sum(after[path] != seen for path, seen in before.items())
    what = f"one further column of {rows:,} rows"
    opened = float(str(told["sources_opened"])) / rows
    yield Figure(f"{what}: times that a source is opened", opened, "times", 1, 1, details=told)
    yield Figure(f"{what}: files of other columns touched", touched, "files", 0, 0)


def _home(folder: Path) -> dict[str, str]:
    return {"DAGSTER_HOME": str(folder)}


def _files(home: Path) -> dict[Path, int]:
    """Returns when each stored file was written."""
    return {path: path.stat().st_mtime_ns for path in (home / "media/files").rglob("*.jpg")}
