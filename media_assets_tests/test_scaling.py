"""What a table of some size takes: the formula, its limits, and the advice."""

from math import isclose

import pytest

from media_assets.scaling import Limit, advised_partition_rows, estimate


def limit(rows: float, *, cores: int = 1_000, **options: int) -> Limit:
    """The nearest limit of a table with ten columns."""
    return estimate(rows, 10, cores, **options).limits[0]


def test_a_run_makes_all_columns_of_a_partition() -> None:
    found = estimate(1_000_500, 10, 100, partition_rows=1_000)

    assert found.partitions == 1_001
    assert found.events == 1_001 * (9 + 11 * 10)
    assert found.read_requests == 1_000_500
    assert found.write_requests == 10_005_000 + 1_001 * 12


def test_hours_are_the_work_of_all_cores() -> None:
    assert isclose(estimate(3_600_000, 10, 100, seconds_of_cell=0.1).hours, 10)


@pytest.mark.parametrize(
    ("rows", "advised"), [(1, 1_000), (1e5, 1_000), (1e6, 10_000), (1e7, 10_000), (1e9, 100_000)]
)
def test_larger_tables_have_larger_partitions(rows: float, advised: int) -> None:
    assert advised_partition_rows(rows) == advised
    assert estimate(rows, 1, 1).partition_rows == advised


@pytest.mark.parametrize("rows", [1, 1e5, 1e6, 1e7])
def test_nothing_breaks_on_a_machine_that_follows_the_advice(rows: float) -> None:
    assert limit(rows, cores=8).share < 1


def test_each_limit_tells_what_to_do_about_it() -> None:
    assert "several tables" in limit(1e9, chunk_rows=200).advice
    assert "chunk_rows" in limit(1e7).advice
    assert "larger" in limit(1e7, partition_rows=10, chunk_rows=100).advice
    assert "smaller" in limit(1e7, partition_rows=10_000_000, chunk_rows=100).advice
