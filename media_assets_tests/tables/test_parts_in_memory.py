"""A part's picture leaves memory as soon as it is stored: columns read what was stored."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

import media_assets as ma
from media_assets.split import Splitter
from media_assets.split.functions import splitter_of
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo
from media_assets_tests.tables.derived_rows import insert, run, shown

SIZE = (37, 41)


class Half(NamedTuple):
    tile: Image.Image


def halves(source_image: Image.Image) -> Iterator[Half]:
    for left in (0, SIZE[0]):
        yield Half(source_image.crop((left, 0, left + SIZE[0], SIZE[1])))


@pytest.mark.parametrize("splitter", [ma.split.tiles(SIZE), splitter_of(halves)])
def test_a_column_of_parts_finds_one_picture_of_its_size_in_memory(
    home: Path, tmp_path: Path, splitter: Splitter
) -> None:
    photos = MediaTable("photos")
    parts = photos.derived_table("strips", splitter)

    @parts.computed_column(code_version="1")
    def shade(tile: Image.Image) -> int:
        seen = (one for one in gc.get_objects() if isinstance(one, Image.Image))
        return len({id(one.im) for one in seen if one.size == tile.size})

    partition = insert(photos, save_photo(tmp_path / "a.png", size=(2 * SIZE[0], SIZE[1])))
    run(photos, parts, partition=partition)

    assert [pictures for _, pictures in shown()] == [1, 1]
