"""Thumbnails alone: from the whole photo, and from one that was decoded reduced."""

from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos", rows_per_partition=10_000)


@photos.computed_column()
def thumbnail(source_image: Image.Image) -> Image.Image:
    """The photo, at most 128 by 128 pixels."""
    return ma.transforms.thumbnail(source_image, (128, 128))


@photos.computed_column(decode_size=(128, 128))
def reads_at_its_size(source_image: Image.Image) -> Image.Image:
    """The same, from a photo decoded at least as large as the thumbnail."""
    return ma.transforms.thumbnail(source_image, (128, 128))


@photos.computed_column(decode_size=(256, 256))
def reads_at_twice_its_size(source_image: Image.Image) -> Image.Image:
    """The same, from one decoded at least twice as large, as Pillow's own `thumbnail` does."""
    return ma.transforms.thumbnail(source_image, (128, 128))


defs = ma.build_defs([photos])
