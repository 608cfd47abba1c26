"""The table `photos`. After editing it, run `media-assets materialize photos`."""

from PIL import Image

import media_assets as ma

# Each inserted photo is a row. The column `source_image` holds the photo itself.
photos = ma.MediaTable("photos")


# A column is a function. Its parameters name the columns that it reads; its annotations say what
# they hold. Each image that it returns is stored as a file.
@photos.computed_column()
def thumbnail(source_image: Image.Image) -> Image.Image:
    """The photo, at most 256 by 256 pixels."""
    return ma.transforms.thumbnail(source_image, (256, 256))


# A column can read any other column. Options say how and where its files are written:
# destination="s3://my-bucket/gray/" would put them in that bucket; by default they are in media/.
@photos.computed_column(format="webp", save_options={"quality": 85})
def gray(thumbnail: Image.Image) -> Image.Image:
    """The thumbnail in gray."""
    return ma.transforms.grayscale(thumbnail)


# Numbers and texts are not files but values, which you can query with SQL:
# media-assets sql "select row, brightness from photos order by brightness"
@photos.computed_column()
def brightness(thumbnail: Image.Image) -> float:
    """How bright the photo is, from 0 (black) to 1 (white)."""
    return ma.transforms.mean_luminance(thumbnail)


# The definitions that Dagster loads. For another table, add another module like this one.
defs = ma.build_defs([photos])
