"""A table of four columns, and a log of calls."""

import pytest
from PIL import Image, ImageStat

from media_assets import transforms
from media_assets.tables.table import MediaTable


@pytest.fixture
def calls() -> list[str]:
    """The names of the functions that were called."""
    return []


@pytest.fixture
def photos(calls: list[str]) -> MediaTable:
    """A chain of columns: two read the source, one reads one of them, one reads a value."""
    table = MediaTable("photos")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        calls.append("flipped")
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column(format="png")
    def small(source_image: Image.Image) -> Image.Image:
        calls.append("small")
        return transforms.thumbnail(source_image, (16, 16))

    @table.computed_column()
    def red(flipped: Image.Image) -> float:
        calls.append("red")
        return ImageStat.Stat(flipped).mean[0]

    @table.computed_column()
    def is_red(red: float, small: Image.Image) -> bool:
        calls.append("is_red")
        return red > small.width

    return table
