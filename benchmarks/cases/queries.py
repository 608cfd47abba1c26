"""Queries over a catalog of a million rows and ten columns."""

from collections.abc import Iterator
from typing import cast

from benchmarks.figures import Figure
from benchmarks.large_catalog import COLUMNS, ROWS_OF_PARTITION, make_catalog
from benchmarks.processes import run_job
from benchmarks.settings import Settings

_MS = 1_000


def catalog(settings: Settings) -> Iterator[Figure]:
    """Three queries, with an open catalog and with a newly opened one."""
    partitions = settings.rows(1_000)
    told = run_job("queries", make_catalog(partitions), partitions).told
    what = f"catalog of {partitions * ROWS_OF_PARTITION:,} rows x {len(COLUMNS)} columns"
    for query, name, bar, aim in (
        ("count", "count of all", 500, 100),
        ("one_row", "one row, all columns", 100, 30),
        ("page", "a page of 100 fileurls", 50, 10),
    ):
        seconds = cast("dict[str, float]", told[query])
        open_ms, new_ms = _MS * seconds["staying_open"], _MS * seconds["fresh"]
        yield Figure(f"{what}: {name}", open_ms, "ms", bar, aim, details={**seconds})
        yield Figure(f"{what}, newly opened: {name}", new_ms, "ms")
