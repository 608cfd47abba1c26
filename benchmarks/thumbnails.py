"""Thumbnails alone: once from the whole photo, once from one that was decoded reduced."""

from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos", batch_rows=10_000)


@photos.computed_column()
def thumbnail(source_image: Image.Image) -> Image.Image:
    """The photo, at most 128 by 128 pixels."""
    return ma.transforms.thumbnail(source_image, (128, 128))


@photos.computed_column(reads_at=(256, 256))
def quick_thumbnail(source_image: Image.Image) -> Image.Image:
    """The same, from a photo that was decoded at a fraction of its size."""
    return ma.transforms.thumbnail(source_image, (128, 128))


defs = ma.build_defs([photos])
