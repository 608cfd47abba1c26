"""The table that ships with the package: edit it, or copy it to make your own."""

import os
from collections.abc import Callable

from PIL import Image

from media_assets import transforms
from media_assets.home import find_home
from media_assets.verbs.table import MediaTable


def own_folder(column: str) -> Callable[[], str]:
    """Returns a destination: `PHOTOS_<COLUMN>_DEST`, or a folder next to local storage.

    Write `destination="s3://my-bucket/rotated/"` if a column has one fixed place.
    """

    def destination() -> str:
        named = os.environ.get(f"PHOTOS_{column.upper()}_DEST")
        return named or str(find_home().folder / "media" / column)

    return destination


photos = MediaTable("photos", description="Photos, and the images made from them.")


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    """The photo, mirrored left to right."""
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@photos.computed_column(destination=own_folder("rotated"))
def rotated(source_image: Image.Image) -> Image.Image:
    """The photo, rotated 90 degrees counterclockwise on a canvas of the same size."""
    return source_image.rotate(90)


@photos.computed_column(destination=own_folder("thumbnail"))
def thumbnail(source_image: Image.Image) -> Image.Image:
    """The photo, at most 128 by 128 pixels."""
    return transforms.thumbnail(source_image, (128, 128))


@photos.computed_column()
def large_thumbnail(source_image: Image.Image) -> Image.Image:
    """The photo, at most 512 by 512 pixels."""
    return transforms.thumbnail(source_image, (512, 512))


@photos.computed_column()
def brightness(thumbnail: Image.Image) -> float:
    """How bright the photo is, from 0 (black) to 1 (white)."""
    return transforms.mean_luminance(thumbnail)
