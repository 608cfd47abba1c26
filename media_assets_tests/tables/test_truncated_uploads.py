"""Truncated uploads in a table that keeps them, and what a change of mind makes stale."""

import json
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image

import media_assets as ma
from media_assets.automation.partition_selection import PartitionState
from media_assets.columns import ComputedColumn
from media_assets.components import MediaTableComponent
from media_assets.errors import DeclarationError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.images.pictures import saved, scene
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.runs import catalog, insert
from media_assets_tests.steps import NO_VERSIONS, cells, made, run_step

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "gif": "GIF"}
CUT = [f"cut.{extension}" for extension in FORMATS]
ALL = sorted([*CUT, "damaged.png", "not.jpg", "whole.jpg"])
"""Truncated files, one that is damaged otherwise, one that is no image, and one that is whole."""


def photos(truncated: Literal["error", "keep"]) -> MediaTable:
    table = MediaTable("photos", truncated=truncated)

    @table.computed_column(code_version="1")
    def small(source_image: Image.Image) -> Image.Image:
        return source_image.resize((16, 12))

    @table.computed_column(code_version="1")
    def width(small: Image.Image) -> int:
        return small.width

    return table


@pytest.fixture
def partition(home: Path, tmp_path: Path) -> str:
    folder = tmp_path / "uploads"
    folder.mkdir()
    large = scene((400, 300))
    for extension, name in FORMATS.items():
        content = saved(large, name)
        (folder / f"cut.{extension}").write_bytes(content[: len(content) * 2 // 3])
    damaged = bytearray(saved(large, "PNG"))
    damaged[len(damaged) // 2] ^= 0xFF
    (folder / "damaged.png").write_bytes(damaged)
    (folder / "not.jpg").write_bytes(b"<html>404 Not Found</html>")
    (folder / "whole.jpg").write_bytes(saved(large, "JPEG"))
    (partition,) = insert(photos("error"), folder)
    return partition


def stale(table: MediaTable, partition: str) -> dict[str, dict[Reason, list[str]]]:
    stored = StoredTable(MediaIOManager().installation.catalog, table.name)
    found = stale_columns(table, stored, NO_VERSIONS, partition)
    return {one.column: {why: sorted(rows) for why, rows in one.stale.items()} for one in found}


def failed(partition: str, table: MediaTable) -> dict[str, list[str]]:
    return {
        column: sorted(row for row, record in of_column.items() if record.error_class)
        for column, of_column in cells(run_step(table, partition)).items()
    }


def test_kept_files_are_marked_in_the_catalog_and_their_columns_are_made(partition: str) -> None:
    errors = failed(partition, photos("keep"))

    found = catalog().sql(
        "select row, facts from media_assets.files "
        "where \"column\" = 'source_image' and truncated order by row"
    )
    assert errors == {
        name: ["damaged.png", "not.jpg"] for name in ("source_image", "small", "width")
    }
    assert list(found["row"]) == sorted(CUT)
    assert json.loads(str(found["facts"].iloc[0])) == {"marks": ["truncated"], "truncated": True}
    opened = catalog().column("photos", "source_image").open("cut.png")
    assert opened.size == (400, 300)


def test_a_table_that_says_nothing_has_error_rows_as_ever(partition: str) -> None:
    errors = failed(partition, photos("error"))

    assert errors["source_image"] == errors["width"] == [row for row in ALL if row != "whole.jpg"]


def test_keeping_tries_again_what_could_not_be_decoded_and_nothing_else(partition: str) -> None:
    run_step(photos("error"), partition)
    standing = cells(run_step(photos("error"), partition))

    before = stale(photos("keep"), partition)
    outputs = run_step(photos("keep"), partition)

    for_nothing = run_step(photos("keep"), partition)
    assert before["source_image"] == {
        Reason.ERROR: sorted([*CUT, "damaged.png"]),
        Reason.UNREADABLE: ["not.jpg"],
    }
    now = cells(outputs)
    changed = {row for row in ALL if now["source_image"][row] != standing["source_image"][row]}
    assert changed == {*CUT, "damaged.png"}
    assert {row for row in ALL if now["width"][row].value == "16"} == {*CUT, "whole.jpg"}
    assert now["small"]["whole.jpg"] == standing["small"]["whole.jpg"]
    assert made(for_nothing) == 0


def test_no_longer_keeping_makes_errors_of_kept_rows_and_of_no_others(partition: str) -> None:
    standing = cells(run_step(photos("keep"), partition))

    before = stale(photos("error"), partition)
    outputs = run_step(photos("error"), partition)

    unreadable = {Reason.UNREADABLE: ["damaged.png", "not.jpg"]}
    assert before["source_image"] == {Reason.CODE: sorted(CUT), **unreadable}
    assert before["small"] == {Reason.UPSTREAM: sorted(CUT), **unreadable}
    now = cells(outputs)
    for column, of_column in now.items():
        changed = {row for row in ALL if of_column[row] != standing[column][row]}
        assert changed == set(CUT), column
        assert all(of_column[row].error_class for row in CUT)
    assert stale(photos("error"), partition)["source_image"] == {
        Reason.UNREADABLE: [row for row in ALL if row != "whole.jpg"]
    }


def test_a_column_alone_follows_a_change_of_mind_too(partition: str) -> None:
    run_step(photos("keep"), partition)

    now = cells(run_step(photos("error"), partition, ("small",)))["small"]

    assert sorted(row for row, record in now.items() if record.error_class is None) == ["whole.jpg"]


def test_a_change_of_mind_makes_stale_what_is_made_of_all_frames() -> None:
    def versions(truncated: Literal["error", "keep"]) -> list[str]:
        table = MediaTable("photos", truncated=truncated)

        @table.computed_column(code_version="1")
        def frames(source_image: ma.Animation) -> int:
            return len(source_image)

        @table.computed_column(code_version="1")
        def first(source_image: ma.Image) -> int:
            return source_image.width

        return [column.code_version for column in table.computed_columns]

    (error, of_first), (keep, same) = versions("error"), versions("keep")

    # Which frames are kept is no fact of the source: its first frame may be whole.
    assert error != keep
    assert of_first == same


def test_error_rows_wait_until_keeping_could_help(partition: str) -> None:
    run_step(photos("error"), partition)
    installation = MediaIOManager().installation

    def to_retry(table: MediaTable) -> set[str]:
        stored = StoredTable(installation.catalog, table.name)
        return PartitionState(installation, table, table.columns, stored).errors_to_retry(partition)

    assert to_retry(photos("error")) == set()
    assert to_retry(photos("keep")) == {*CUT, "damaged.png"}


def test_functions_in_processes_get_the_same_part(partition: str) -> None:
    table = MediaTable("photos", truncated="keep")
    table.computed_column(name="apart", processes=True)(functions.turned)
    table.computed_column(name="within")(functions.turned)

    now = cells(run_step(table, partition))

    for row in CUT:
        assert now["apart"][row].digest == now["within"][row].digest is not None


@pytest.mark.parametrize("stored", [True, False])
def test_parts_of_kept_files_are_made_of_the_same_part(
    partition: str,
    stored: bool,  # noqa: FBT001  a parameter of pytest
) -> None:
    table = photos("keep")
    tiles = table.derived_table("tiles", ma.split.tiles((200, 150)), stored=stored)

    @tiles.computed_column(code_version="1")
    def side(tile: Image.Image) -> int:
        return tile.width

    run_step(table, partition, ("source_image",))
    found = cells(run_step(tiles, partition))

    assert sorted(row for row, record in found["side"].items() if record.error_class) == [
        "damaged.png",
        "not.jpg",
    ]
    assert {row for row, record in found["side"].items() if record.value == "200"} == {
        f"{row}/000{y}x000{x}" for row in [*CUT, "whole.jpg"] for x in (0, 1) for y in (0, 1)
    }


def test_only_images_can_be_kept_in_part() -> None:
    with pytest.raises(DeclarationError, match="'videos' of videos has truncated='keep'"):
        MediaTable("videos", media=ma.Video, truncated="keep")
    with pytest.raises(DeclarationError, match="truncated='maybe'"):
        MediaTable("photos", truncated="maybe")  # pyright: ignore[reportArgumentType]


def test_a_table_in_yaml_keeps_them_as_well() -> None:
    table = MediaTableComponent(name="photos", columns=[], truncated="keep").table()

    assert table.keeps_truncated
    assert not any(isinstance(column, ComputedColumn) for column in table.columns)
