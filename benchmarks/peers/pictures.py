"""What each peer's functions do with a picture, by Pillow alone."""

from io import BytesIO

from PIL import Image, ImageStat


def columns_of(photo: Image.Image) -> dict[str, bytes]:
    """Returns the files of a photo, which becomes its thumbnail."""
    flipped = encoded(photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    rotated = encoded(photo.rotate(90))
    return {"flipped": flipped, "rotated": rotated, "thumbnail": thumbnail_of(photo)}


def thumbnail_of(image: Image.Image) -> bytes:
    """Makes an image at most 128 by 128 pixels, and returns it as JPEG."""
    image.thumbnail((128, 128), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return encoded(image)


def brightness_of(image: Image.Image) -> float:
    """The mean luminance, from 0 to 1."""
    return ImageStat.Stat(image.convert("L")).mean[0] / 255


def encoded(image: Image.Image) -> bytes:
    """Returns an image as JPEG."""
    buffer = BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()
