"""Decoding of images that a column wrote, for loops that read thousands a second."""

from io import BytesIO

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from media_assets.images.decode import decode_image, open_image
from media_assets.images.limits import ImageLimits
from media_assets.images.modes import share_pixels


def decode_written(content: bytes, name: str | None, limits: ImageLimits) -> Image.Image:
    """Returns the image of a file that `encode_image` wrote, as `decode_image` would.

    A JPEG has nothing to be checked for then: it is upright and whole, and states its colours by a
    profile. A small one is decoded in two thirds of the time, most of the rest being its pixels.

    Args:
        content: The bytes that were written: their digest was verified.
        name: The format that was written.
        limits: As for `open_image`.
    """
    if name != "JPEG":
        return decode_image(open_image(content, limits))
    decoded = share_pixels(JpegImageFile(BytesIO(content)), keeping=("icc_profile",))
    decoded.format = name
    return decoded
