"""Queries over a catalog, each newly opened in a warm process."""

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from benchmarks import large_catalog
from benchmarks.stopwatch import tell
from media_assets.catalog import Catalog

_REPEATS = 7
_PAGE = 100


def main(location: str, partitions: int) -> None:
    """Times the three queries."""
    rows = partitions * large_catalog.ROWS_OF_PARTITION
    row = large_catalog.row_names(partitions // 2)[0]

    def count(catalog: Catalog) -> None:
        found = catalog.sql(f"select count(*) as rows from {large_catalog.TABLE}")  # noqa: S608
        assert found.iloc[0, 0] == rows

    def one_row(catalog: Catalog) -> None:
        found = catalog.rows(large_catalog.TABLE, [row])
        assert found.shape == (1, 2 + len(large_catalog.COLUMNS))
        assert not found.isna().to_numpy().any()

    def page(catalog: Catalog) -> None:
        found = catalog.fileurls(large_catalog.TABLE, offset=rows // 2, limit=_PAGE)
        assert found.shape == (_PAGE, 1 + len(large_catalog.IMAGES))

    tell({query.__name__: _seconds(query, location) for query in (count, one_row, page)})


def _seconds(query: Callable[[Catalog], None], location: str) -> dict[str, float]:
    """Returns the median of fresh catalogs, the first of them, and of one that stays open."""
    fresh = [_time(query, Catalog.open(location)) for _ in range(_REPEATS)]
    catalog = Catalog.open(location)
    query(catalog)
    staying = [_time(query, catalog) for _ in range(_REPEATS)]
    return {"fresh": median(fresh), "first": fresh[0], "staying_open": median(staying)}


def _time(query: Callable[[Catalog], None], catalog: Catalog) -> float:
    started = perf_counter()
    query(catalog)
    return perf_counter() - started


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
