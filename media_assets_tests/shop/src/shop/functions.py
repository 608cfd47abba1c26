"""Row functions of this team."""

from PIL import Image, ImageOps


def toned(grayscale: Image.Image) -> Image.Image:
    """The scan, with all the contrast that it bears."""
    return ImageOps.autocontrast(grayscale)
