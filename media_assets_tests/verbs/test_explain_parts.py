"""Where a file of a derived table came from: also from its parent."""

from pathlib import Path

import media_assets as ma
from media_assets.build import build_defs
from media_assets.io_manager import MediaIOManager
from media_assets.tables.row_values import update_values
from media_assets.tables.table import MediaTable
from media_assets.upkeep.deletions import delete_rows
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.explained import Facts
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step


def test_what_a_part_was_made_from_is_reported_and_that_its_parent_was_deleted(
    home: Path, tmp_path: Path
) -> None:
    photos = MediaTable("photos", values={"label": str | None})
    tiles = photos.derived_table("tiles", ma.split.tiles((64, 64)))

    @photos.computed_column(code_version="1")
    def kind(source_image: ma.Image) -> str:
        return "a kind"

    @tiles.computed_column(code_version="1")
    def gray(tile: ma.Image, x: int, kind: str, label: str | None) -> ma.Image:
        return ma.transforms.grayscale(tile)

    @photos.computed_column(code_version="1")
    def first(tiles: ma.Parts) -> ma.Image:
        return tiles[0].gray

    build_defs([photos])
    photo = save_photo(tmp_path / "in/a.jpg")
    (partition,) = insert(photos, photo)
    installation = MediaIOManager().installation
    update_values(installation, photos, {"a.jpg": {"label": "cat"}})
    run_step(photos, partition, ("source_image", "kind"))
    run_step(tiles, partition)
    run_step(photos, partition, ("first",))

    def explained(table: str, column: str) -> Facts:
        cells = StoredTable(installation.catalog, table).cells(column, partition)
        (cell,) = [cell for cell in cells.values() if cell.fileurl]
        (told,) = ma.explain(cell.fileurl or "").cells
        return told

    tile = explained("photos/tiles", "tile")
    inputs = explained("photos/tiles", "gray")["inputs"]
    of_parts = explained("photos", "first")["inputs"]["tiles"]

    assert tile["inputs"]["source_image"]["fileurl"] == photo.as_uri()
    assert {name: one["value"] for name, one in inputs.items() if name != "tile"} == {
        "x": 0,
        "kind": "a kind",
        "label": "cat",
    }
    assert of_parts["value"] == "the row's parts in photos/tiles"
    assert tile["state"] == "current"
    assert not tile["is_source"], "it was made, not uploaded"
    delete_rows(StoredTable(installation.catalog, "photos"), "source_image", ["a.jpg"])
    assert explained("photos/tiles", "tile")["state"] == "row deleted"
