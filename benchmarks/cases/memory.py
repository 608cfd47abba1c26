"""Memory: its growth with the rows, and the use by large photos."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.inputs import LARGE, SMALL, Kind, make_inputs
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces


def growth(settings: Settings) -> Iterator[Figure]:
    """From 1,000 to 10,000 rows, and materializing the unchanged 10,000 again."""
    few, many = settings.rows(1_000), settings.rows(10_000)
    with workspaces() as new:
        home = new()
        of_few = _step(SMALL, few, new())
        of_many = _step(SMALL, many, home)
        again = _step(SMALL, many, home)
    grown = 100 * (of_many.peak_rss_mb / of_few.peak_rss_mb - 1)
    details: dict[str, object] = {
        "peak_rss_mb": {few: of_few.peak_rss_mb, many: of_many.peak_rss_mb}
    }
    what = f"peak RSS from {few:,} to {many:,} rows (640x480): growth"
    yield Figure(what, grown, "%", 10, 3, details=details)
    assert again.told["made"] == 0
    cells = 3 * many
    cell_ms = 1000 * float(str(again.told["step_seconds"])) / cells
    what = f"rematerialize {many:,} unchanged rows x 3 columns, in the step"
    yield Figure(f"{what}: a cell", cell_ms, "ms", 0.1, 0.02, details=again.told)
    opened = float(str(again.told["sources_opened"]))
    yield Figure(f"{what}: sources read", opened, "files", 0, 0)


def large_photos(settings: Settings) -> Iterator[Figure]:
    """Photos of 12 megapixels."""
    rows = settings.rows(24)
    with workspaces() as new:
        sample = _step(LARGE, rows, new())
    yield Figure("12-megapixel photos, 2 workers: peak RSS", sample.peak_rss_mb, "MB", 700, 500)


def _step(kind: Kind, rows: int, home: Path) -> Sample:
    source = make_inputs(kind, rows)
    return run_job("step", source, environment={"DAGSTER_HOME": str(home)}).inside()
