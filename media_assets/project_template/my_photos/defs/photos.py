"""The table `photos`. It is yours to edit; after that, run `media-assets materialize photos`."""

from PIL import Image

import media_assets as ma

# A row is a photo that was inserted, and `source_image` is the column that holds the photo itself.
photos = ma.MediaTable("photos")


# A column is a function. Its parameter names the column that it reads, and its annotations say what
# both hold. Each image that it returns is stored as a file of its own.
@photos.computed_column()
def thumbnail(source_image: Image.Image) -> Image.Image:
    """The photo, at most 256 by 256 pixels."""
    return ma.transforms.thumbnail(source_image, (256, 256))


# A column may read any other column. Options say how its files are written, and where:
# destination="s3://my-bucket/gray/" would put them there, and without one they stay in media/.
@photos.computed_column(format="webp", save_options={"quality": 85})
def gray(thumbnail: Image.Image) -> Image.Image:
    """The thumbnail in gray."""
    return ma.transforms.grayscale(thumbnail)


# A number or a text makes no file. It is a value that can be asked for in SQL:
# media-assets sql "select row, brightness from photos order by brightness"
@photos.computed_column()
def brightness(thumbnail: Image.Image) -> float:
    """How bright the photo is, from 0 (black) to 1 (white)."""
    return ma.transforms.mean_luminance(thumbnail)


# What Dagster loads from this module. A second table is a second module like this one.
defs = ma.build_defs([photos])
