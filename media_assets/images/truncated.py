"""The part of a file that ends early which can still be decoded.

Pillow has a switch for this, but it is one for all threads, and would let pass damage of other
kinds. Here a decoder is stopped where the file ends, and the pixels that it has made are taken.
"""

from contextlib import suppress

from PIL import Image, ImageFile, TiffImagePlugin

from media_assets.errors import UndecodableImageError
from media_assets.images import codecs, jpeg, webp
from media_assets.images.damage import ends_early
from media_assets.images.files import load_file, open_file

TRUNCATED = "truncated"
"""The mark of a file of which only a part was decoded, and the name of the fact."""


def open_truncated(name: str, content: bytes) -> ImageFile.ImageFile | None:
    """Returns a file that ends early, with only its header read; None if it cannot be opened.

    All formats but WebP are opened by their first bytes alone.
    """
    ended = webp.ended(content) if name == "WEBP" and ends_early(name, content) else None
    if ended is None:
        return None
    with suppress(UndecodableImageError):
        return open_file(name, ended)
    return None


def load_truncated(
    name: str, content: bytes, file: ImageFile.ImageFile, suffices: tuple[int, int] | None
) -> ImageFile.ImageFile | None:
    """Returns a file that ends early with the pixels that it holds; None if it holds none.

    Missing ones are black, gray in a JPEG, or transparent.

    Args:
        name: Its format.
        content: Its bytes.
        file: The same file, after its loading has failed.
        suffices: As for `load_file`.
    """
    if not ends_early(name, content):
        return None
    if name == "JPEG":
        return _end_jpeg(content, suffices)
    if name == "WEBP":
        image = codecs.webp_so_far(content, file.size, file.mode)
        if image is None:
            return None
        file.im = image.im
    elif isinstance(file, TiffImagePlugin.TiffImageFile) and file.tile:
        # libtiff has set the image upright, Pillow's own decoder has failed before that.
        file.tile = []
        file.load_end()
    file.tile = []
    return file if _has_pixels(file) else None


def _end_jpeg(content: bytes, suffices: tuple[int, int] | None) -> ImageFile.ImageFile | None:
    """Returns a JPEG that is ended where its bytes do."""
    begun = (end for marker, _, end in jpeg.segments(content) if marker == jpeg.SCAN)
    if next(begun, len(content)) >= len(content):
        return None
    ended = content.removesuffix(jpeg.END[:1]) + jpeg.END
    with suppress(UndecodableImageError):
        return load_file(open_file("JPEG", ended), suffices)
    return None


def _has_pixels(file: ImageFile.ImageFile) -> bool:
    """Whether a decoder has made any pixel of a file: one that is not 0."""
    with suppress(OSError, ValueError, AssertionError):  # it has not even begun
        return Image.Image.getbbox(file, alpha_only=False) is not None
    return False
