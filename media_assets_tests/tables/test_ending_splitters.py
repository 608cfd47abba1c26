"""Splitting functions that would end the process, or never end, fail only their own parent."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import NamedTuple

import pytest
from PIL import Image

from media_assets.errors import RowTimeoutError
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.tables.derived_rows import errors_of, insert, rows, run


class Strip(NamedTuple):
    strip: Image.Image


def test_a_base_exception_of_a_splitting_function_is_the_error_of_its_parent(
    home: Path, tmp_path: Path
) -> None:
    photos = MediaTable("photos")

    @photos.derived_table()
    def strips(source_image: Image.Image) -> Iterator[Strip]:
        yield Strip(source_image.crop((0, 0, 4, 4)))
        if source_image.width in functions.ENDING:
            raise functions.ENDING[source_image.width]

    paths = [save_photo(tmp_path / f"{w}.png", size=(w, 9)) for w in [*functions.ENDING, 40]]
    partition = insert(photos, *paths)

    run(photos, strips, partition=partition)

    found = {record.row: record.error_class for record in errors_of(strips, partition)}
    assert found == {f"{w}.png": kind.__name__ for w, kind in functions.ENDING.items()}
    assert rows() == [*found, "40.png/000000"]


def test_a_splitting_function_that_takes_too_long_ends_the_run_with_table_and_row(
    home: Path, tmp_path: Path
) -> None:
    photos = MediaTable("photos", row_timeout=0.5)

    @photos.derived_table()
    def strips(source_image: Image.Image) -> Iterator[Strip]:
        yield Strip(source_image)
        sleep(4)

    partition = insert(photos, save_photo(tmp_path / "a.png"))
    run(photos, partition=partition)

    with pytest.raises(RowTimeoutError, match=r"'strip' ran for more than 0\.5 s for row 'a.png'"):
        run(strips, partition=partition)
