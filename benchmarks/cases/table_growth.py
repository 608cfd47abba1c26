"""A few new rows in a large table."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, compare
from benchmarks.inputs import SMALL, make_inputs
from benchmarks.large_catalog import ROWS_OF_PARTITION, make_catalog
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces

_COLUMNS = ("source_image", "flipped", "rotated", "thumbnail")
_NEW_ROWS = 10
_LEAST_REPEATS = 5


def new_rows(settings: Settings) -> Iterator[Figure]:
    """Inserts 10 rows into a table of 1,000,000, against a table of 1,000."""
    many = settings.rows(1_000)
    large, small = (make_catalog(partitions, _COLUMNS) for partitions in (many, 1))
    source = make_inputs(SMALL, _NEW_ROWS)
    with workspaces() as new:

        def insert(catalog: Path) -> Sample:
            home = new()
            # Files of a catalog never change, so a copy may share them.
            shutil.copytree(catalog, home / "media/catalog", copy_function=_link)
            environment = {"DAGSTER_HOME": str(home)}
            module = "--module", "benchmarks.small_partitions"
            return run_job("insert", source, *module, environment=environment).inside()

        repeats = max(settings.repeats, _LEAST_REPEATS)
        found = compare(lambda: insert(large), lambda: insert(small), repeats=repeats)
    rows = many * ROWS_OF_PARTITION
    what = f"{_NEW_ROWS} new rows into a table of {rows:,} against one of {ROWS_OF_PARTITION:,}"
    yield Figure(f"{what}: wall", found.wall_ratio, "x", 1.2, 1.0, details=found.details())
    yield Figure(f"{what}: CPU", found.cpu_ratio, "x")


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
