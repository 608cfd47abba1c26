"""A table in batches."""

from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos")


@photos.computed_column(format="png")
def thumb(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (16, 16))


@photos.computed_column()
def bright(thumb: Image.Image) -> float:
    return ma.transforms.mean_luminance(thumb)


defs = ma.build_defs([photos])
