"""Stale cells of a column with their reasons, from records and current code, before any run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import media_assets as ma
from media_assets.errors import InputNotMaterializedError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import NO_VERSIONS, cells, run_step


def table_of(flipped_version: str = "1", width: Callable[[int], int] | None = None) -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column(code_version=flipped_version)
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    @table.computed_column(name="width", code_version="1")
    def of_flipped(flipped: Image.Image) -> int:
        return width(flipped.width) if width else flipped.width

    return table


def stale(table: MediaTable, partition: str) -> dict[str, dict[Reason, list[str]]]:
    stored = StoredTable(MediaIOManager().installation.catalog, table.name)
    found = stale_columns(table, stored, NO_VERSIONS, partition)
    return {one.column: dict(one.stale) for one in found}


@pytest.fixture
def partition(home: Path, tmp_path: Path) -> str:
    (partition,) = insert(table_of(), *save_photos(tmp_path / "u", 3))
    return partition


def test_unmade_cells_are_stale_until_a_run_makes_them(partition: str) -> None:
    before = stale(table_of(), partition)
    run_step(table_of(), partition)

    assert {name: list(found) for name, found in before.items()} == {
        name: [Reason.MISSING] for name in ("source_image", "flipped", "width")
    }
    assert stale(table_of(), partition) == {"source_image": {}, "flipped": {}, "width": {}}


def test_an_edited_function_makes_its_cells_stale_and_those_that_read_them(partition: str) -> None:
    run_step(table_of(), partition)

    found = stale(table_of("2"), partition)

    rows = [f"photo-00{n}.jpg" for n in range(3)]
    assert found == {
        "source_image": {},
        "flipped": {Reason.CODE: rows},
        "width": {Reason.UPSTREAM: rows},
    }


def test_a_remade_input_makes_those_that_read_it_stale(partition: str) -> None:
    run_step(table_of(), partition)
    mirrored = MediaTable("photos")

    @mirrored.computed_column(code_version="2")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    run_step(mirrored, partition, ("flipped",))

    found = stale(table_of("2"), partition)
    assert found["flipped"] == {}
    assert list(found["width"]) == [Reason.INPUTS]


def test_error_rows_are_reported_even_if_the_error_is_inherited(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    fine = save_photo(tmp_path / "fine.jpg", seed=1)
    (partition,) = insert(table_of(), broken, fine)
    run_step(table_of(), partition)

    assert stale(table_of(), partition) == {
        name: {Reason.UNREADABLE: ["broken.jpg"]} for name in ("source_image", "flipped", "width")
    }


def test_a_run_makes_exactly_the_stale_cells(partition: str) -> None:
    run_step(table_of(), partition)
    edited = table_of("2")
    to_make = sum(len(r) for found in stale(edited, partition).values() for r in found.values())

    outputs = run_step(edited, partition)

    # The images are the same as before, so the columns that read them are right after all.
    assert to_make == 6
    assert [output.committed.made for output in outputs] == [0, 3, 0]


def test_a_condition_and_what_it_names_make_cells_stale(home: Path, tmp_path: Path) -> None:
    def table_where(where: str | None, text: str = "1") -> MediaTable:
        table = MediaTable("photos")

        @table.computed_column(code_version=text)
        def width(source_image: Image.Image) -> int:
            return 3 if text == "1" else 5

        @table.computed_column(where=where, code_version="1")
        def height(source_image: Image.Image) -> int:
            return source_image.height

        return table

    paths = save_photos(tmp_path / "u", 2)
    rows = [path.name for path in paths]
    (partition,) = insert(table_where("width > 4"), *paths)
    run_step(table_where("width > 4"), partition)

    assert stale(table_where("width > 4"), partition)["height"] == {}
    assert stale(table_where("width > 2"), partition)["height"] == {Reason.CODE: rows}
    assert stale(table_where(None), partition)["height"] == {Reason.CODE: rows}
    (_, *outputs) = run_step(table_where("width > 4", "2"), partition)
    assert [output.committed.made for output in outputs] == [2, 2]
    assert {r.value for r in outputs[1].committed.manifest.records.values()} == {"36"}
    assert stale(table_where("width > 4", "2"), partition)["height"] == {}


def of_kind(returns: type, made: object) -> ma.MediaTable:
    """A table with a column of one version, and one that reads it."""
    table = ma.MediaTable("photos")

    def shade(source_image: Image.Image) -> object:
        return source_image if made is None else made

    def told(shade: object) -> str:
        return type(shade).__name__

    shade.__annotations__["return"] = returns
    told.__annotations__["shade"] = returns
    table.computed_column(code_version="1")(shade)
    table.computed_column(code_version="1")(told)
    return table


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (of_kind(float, 0.5), of_kind(str, "light")),
        (of_kind(Image.Image, None), of_kind(str, "light")),
        (of_kind(int, 1), of_kind(Image.Image, None)),
    ],
    ids=["number-text", "image-text", "number-image"],
)
def test_cells_of_another_type_are_made_again_under_the_same_version(
    home: Path, tmp_path: Path, before: ma.MediaTable, now: ma.MediaTable
) -> None:
    (partition,) = insert(before, *save_photos(tmp_path / "u", 2))
    run_step(before, partition)

    found = stale(now, partition)
    with pytest.raises(InputNotMaterializedError):
        run_step(now, partition, ("told",))
    with pytest.raises(InputNotMaterializedError):
        now.try_out("told")
    outputs = run_step(now, partition)

    assert [*found["shade"]] == [Reason.CODE]
    assert [*found["told"]] == [Reason.UPSTREAM]
    assert [output.committed.made for output in outputs] == [0, 2, 2]
    assert stale(now, partition) == {"source_image": {}, "shade": {}, "told": {}}
    assert [row.error_class for row in cells(outputs)["shade"].values()] == [None, None]
