"""A column made again with an equal result: what reads it is left as it is, and the run says so."""

from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert, inserted, materialize, shown
from media_assets_tests.steps import made, run_step

ROWS = 4


def photos_with(
    version: str, calls: list[str], *, brighter: str = "", of_value: str = "1"
) -> MediaTable:
    """A chain of columns below `gray`: an image, a number made from it, and one made from that.

    The code versions of `gray` and of `darkest` are given; the result of `gray` differs only in
    the row named `brighter`.
    """
    table = MediaTable("photos")

    @table.computed_column(code_version=version)
    def gray(source_image: Image.Image, row: str) -> Image.Image:
        calls.append("gray")
        added = 40 if row == brighter else 0
        return source_image.convert("L").point([value // 2 + added for value in range(256)])

    @table.computed_column()
    def small(gray: Image.Image) -> Image.Image:
        calls.append("small")
        return gray.resize((12, 9))

    @table.computed_column(code_version=of_value)
    def darkest(small: Image.Image) -> int:
        calls.append("darkest")
        low, _ = small.getextrema()
        return int(str(low))

    @table.computed_column()
    def is_dark(darkest: int) -> bool:
        calls.append("is_dark")
        return darkest < 200

    return table


@pytest.fixture
def calls() -> list[str]:
    """The columns whose functions were called."""
    return []


@pytest.fixture
def partition(home: Path, tmp_path: Path, calls: list[str]) -> str:
    """A partition of four rows, all columns made; the calls for that are forgotten."""
    table = photos_with("1", calls)
    (partition,) = insert(table, *save_photos(tmp_path / "uploads", ROWS))
    run_step(table, partition)
    calls.clear()
    return partition


def test_a_chain_below_a_column_that_comes_out_equal_is_not_called(
    partition: str, calls: list[str]
) -> None:
    outputs = run_step(photos_with("2", calls), partition)

    assert calls == ["gray"] * ROWS
    assert made(outputs) == ROWS
    counts = {o.committed.manifest.header.column: o.committed for o in outputs}
    assert (counts["gray"].made, counts["gray"].equal) == (ROWS, ROWS)
    assert [counts[name].reused for name in ("small", "darkest", "is_dark")] == [ROWS] * 3


def test_only_rows_that_differ_are_passed_on_and_a_value_that_is_equal_ends_it(
    partition: str, calls: list[str]
) -> None:
    outputs = run_step(photos_with("2", calls, brighter="photo-001.jpg"), partition)

    counts = {o.committed.manifest.header.column: o.committed for o in outputs}
    assert (counts["gray"].made, counts["gray"].equal) == (ROWS, ROWS - 1)
    assert [calls.count(name) for name in ("small", "darkest", "is_dark")] == [1, 1, 1]
    # `is_dark` was called as the number differs; what it returned is what it was.
    assert (counts["is_dark"].made, counts["is_dark"].equal) == (1, 1)


def test_the_readers_of_a_column_made_alone_are_as_fresh_as_before(
    partition: str, calls: list[str]
) -> None:
    run_step(photos_with("2", calls), partition, ("gray",))
    calls.clear()

    outputs = run_step(photos_with("2", calls), partition)

    assert (calls, made(outputs)) == ([], 0)


def test_a_value_that_comes_out_equal_leaves_its_readers(partition: str, calls: list[str]) -> None:
    run_step(photos_with("1", calls, of_value="2"), partition)

    assert calls == ["darkest"] * ROWS


def test_a_cell_that_fails_again_or_was_never_made_is_not_equal_to_before(
    home: Path, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def broken(source_image: Image.Image) -> int:
        raise ValueError(source_image.size)

    (partition,) = insert(table, *save_photos(tmp_path / "uploads", 2))

    first = run_step(table, partition)
    again = run_step(table, partition)

    assert [output.committed.equal for output in (*first, *again)] == [0, 0, 0, 0]
    assert made(again) == 2


def test_dagster_shows_how_many_cells_came_out_equal_and_the_same_data_version(
    instance: dg.DagsterInstance, tmp_path: Path, calls: list[str]
) -> None:
    table = photos_with("1", calls)
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", ROWS))
    materialize(instance, table, partition)
    before = instance.get_latest_data_version_record(table.asset_key("gray"))

    changed = photos_with("2", calls)
    result = materialize(instance, changed, partition)

    assert shown(result, changed, "gray")["media_assets/equal"] == ROWS
    after = instance.get_latest_data_version_record(table.asset_key("gray"))
    assert before is not None
    assert after is not None
    tag = "dagster/data_version"
    tags = [(one.event_log_entry.tags or {})[tag] for one in (before, after)]
    assert tags[0] == tags[1]
