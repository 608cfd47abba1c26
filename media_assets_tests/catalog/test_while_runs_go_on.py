"""Whoever reads waits for no run, no run waits for whoever reads, and nothing half is seen."""

from pathlib import Path

from PIL import Image

from media_assets.catalog import Catalog
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step

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
