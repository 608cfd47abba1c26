"""The columns as functions of Pixeltable, which accepts none defined in a script."""

import pixeltable as pxt
from PIL import Image, ImageStat


@pxt.udf
def flipped(image: Image.Image) -> Image.Image:
    """The photo, mirrored left to right."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@pxt.udf
def rotated(image: Image.Image) -> Image.Image:
    """The photo, turned a quarter counter-clockwise on a canvas of the same size."""
    return image.rotate(90)


@pxt.udf
def thumbnail(image: Image.Image) -> Image.Image:
    """The photo, at most 128 by 128 pixels."""
    small = image.copy()
    small.thumbnail((128, 128), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small


@pxt.udf
def still(image: Image.Image) -> Image.Image:
    """The frame as it is, so that it is kept."""
    return image


@pxt.udf
def brightness(image: Image.Image) -> float:
    """The mean luminance, from 0 to 1."""
    return ImageStat.Stat(image.convert("L")).mean[0] / 255
