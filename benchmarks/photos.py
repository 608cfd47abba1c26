"""The measured table: the columns of the floor, as in `media_assets/photos.py`."""

from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos", rows_per_partition=10_000)


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    """The photo, mirrored left to right."""
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@photos.computed_column()
def rotated(source_image: Image.Image) -> Image.Image:
    """The photo, turned a quarter counter-clockwise on a canvas of the same size."""
    return source_image.rotate(90)


@photos.computed_column()
def thumbnail(source_image: Image.Image) -> Image.Image:
    """The photo, at most 128 by 128 pixels."""
    return ma.transforms.thumbnail(source_image, (128, 128))


defs = ma.build_defs([photos])
