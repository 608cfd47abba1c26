"""Whoever reads waits for no run, no run waits for whoever reads, and nothing half is seen."""

from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.records.ledger import CatalogRoot
from media_assets.tables.table import MediaTable
from media_assets.upkeep.dropping import Drop
from media_assets.values import ColumnType
from media_assets_tests.catalogs import commit, header, record_rows, value
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step
from media_assets_tests.stored import STORAGE

MADE = "select count(*) as made from media_assets.files where \"column\" = 'flipped'"


def made() -> int:
    """How many files of the column stand."""
    return Catalog.open().sql(MADE)["made"].to_list()[0]


def test_a_query_in_the_middle_of_a_run_sees_what_stood_before_it(
    home: Path, tmp_path: Path
) -> None:
    photos = MediaTable("photos")
    seen: list[int] = []

    @photos.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        seen.append(made())
        return source_image

    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 3))
    run_step(photos, partition, ("source_image",))
    run_step(photos, partition)

    assert seen == [0, 0, 0]
    assert made() == 3


def test_a_query_that_began_before_a_run_ended_sees_nothing_of_it(
    home: Path, tmp_path: Path
) -> None:
    photos = MediaTable("photos")

    @photos.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    first, *others = save_photos(tmp_path / "uploads", 3)
    (partition,) = insert(photos, first)
    run_step(photos, partition)

    catalog = Catalog.open()
    with catalog._session(MADE, catalog._files_at(None)) as connection:
        insert(photos, *others)
        run_step(photos, partition)
        began_before = connection.execute(MADE).fetchall()

    assert began_before == [(1,)]
    assert made() == 3


def fill(root: CatalogRoot, *rows: str) -> None:
    """Inserts rows one by one, each with a value."""
    for row in rows:
        record_rows(root, "p1", [row])
        commit(root, header("small", type=ColumnType.STR), [value(row, f"of {row}")])


@pytest.mark.parametrize("scheme", ["", "memory://dropped-meanwhile/"], ids=["local", "copied"])
def test_a_catalog_that_is_open_sees_a_table_that_another_process_dropped_and_filled_again(
    scheme: str, tmp_path: Path
) -> None:
    root = CatalogRoot.open(scheme + uuid4().hex if scheme else str(tmp_path))
    catalog, query = Catalog(root), "select row, small from photos order by row"
    fill(root, "a", "b", "c")
    before = catalog.sql(query)["row"].to_list()

    list(Drop(root, STORAGE, "photos", None).run())
    gone = catalog.sql("select * from media_assets.files")["row"].to_list()
    fill(root, "x")
    anew = catalog.sql(query)
    fill(root, "y", "z", "u")
    more = catalog.sql(query)["row"].to_list()

    assert before == ["a", "b", "c"]
    assert gone == []
    assert anew.to_dict("list") == {"row": ["x"], "small": ["of x"]}
    assert more == ["u", "x", "y", "z"]
