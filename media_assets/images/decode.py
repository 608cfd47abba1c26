"""Opens and decodes image files that nobody vouched for, within limits."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from media_assets.errors import (
    EmptyImageError,
    ImageTooLargeError,
    UndecodableImageError,
    UnsupportedImageError,
)
from media_assets.images import headers
from media_assets.images.modes import shared_copy, shrink


class _InPieces(BytesIO):
    """A file that is read in so many pieces at most: a million empty ones take seconds."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._left = _MOST_PIECES

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            reason = f"more than {_MOST_PIECES:,} pieces"
            raise ValueError(reason)
        return super().read(size)


class _JpegFile(JpegImagePlugin.JpegImageFile):
    """A JPEG whose EXIF block is left alone: Pillow looks into it while opening, and warns."""

    def getexif(self) -> Image.Exif:
        return Image.Exif()


class _TiffFile(TiffImagePlugin.TiffImageFile):
    """A TIFF that Pillow sets upright by its orientation tag and no other metadata."""

    def getexif(self) -> Image.Exif:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = self.tag_v2.get(ExifTags.Base.Orientation, 1)
        return exif


# The plugins are called directly, never through `Image.open`: that one judges sizes by a global
# limit, by warnings that no thread can catch for itself, and it hands photos with extra frames
# (MPO) to a plugin that fails on some of them.
_OPENERS: dict[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "JPEG": _JpegFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": _TiffFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}
DEFAULT_INPUT_FORMATS = tuple(_OPENERS)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FIRST_SIDEWAYS = 5
_MOST_PIECES = 1_000_000
_MOST_SCANS = 16
"""Of the largest JPEG; smaller ones may have more. Ten are usual, and each takes its time."""
_KEPT_INFO = ("icc_profile", "transparency")


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may cost before it is decoded.

    Attributes:
        max_pixels: Width times height of the first frame. Decoding and one function take about
            16 bytes per pixel: 800 MB at the default. Beyond 179 million, WEBP and TIFF need a
            higher `PIL.Image.MAX_IMAGE_PIXELS` too.
        max_bytes: The file's size. The default holds every image of the default `max_pixels`
            uncompressed, at 4 bytes per pixel, with room for metadata.
        max_frames: Frames or pages. Only the first is ever decoded; the default bounds the walk
            that counts them, and is half a minute of animation at 30 frames a second.
    """

    max_pixels: int = 50_000_000
    max_bytes: int = 256 * 1024**2
    max_frames: int = 1_000


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a manifest records of a source image; width and height are those of the upright image.

    Attributes:
        format: The format that the content shows, one of `DEFAULT_INPUT_FORMATS`.
        width: Pixels from left to right.
        height: Pixels from top to bottom.
        frames: Frames of an animation, pages of a TIFF; 1 for all else.
    """

    format: str
    width: int
    height: int
    frames: int


def open_image(data: bytes | Path, limits: ImageLimits) -> Image.Image:
    """Returns an image of which only the header was read.

    The content decides what it is, never a name. The whole file is held in memory until the image
    is decoded, so a file that changes meanwhile does no harm.

    Raises:
        EmptyImageError: The file has no bytes.
        ImageTooLargeError: It is beyond `limits`, by bytes, pixels or frames.
        UnsupportedImageError: It holds something else than an image of an accepted format.
        UndecodableImageError: Its header is damaged.
        OSError: `data` is a path that cannot be read.
    """
    content = data if isinstance(data, bytes) else _read(data, limits)
    _check_limit("bytes", len(content), limits.max_bytes)
    if not content:
        raise EmptyImageError
    name = headers.identify(content)
    if name is None:
        raise UnsupportedImageError(headers.describe(content), formats=DEFAULT_INPUT_FORMATS)
    if size := headers.size_before_opening(name, content):
        _check_pixels(size, limits)
    image = _open(name, content)
    _check_pixels(image.size, limits)
    if name == "JPEG":
        _check_scans(content, image.size, limits)
    _check_limit("frames", _count_frames(image, limits.max_frames), limits.max_frames)
    return image


def image_facts(image: Image.Image) -> ImageFacts:
    """Returns the facts of an image that `open_image` returned, before it is decoded."""
    width, height = image.size
    if _orientation(image) >= _FIRST_SIDEWAYS:
        width, height = height, width
    return ImageFacts(image.format or "", width, height, _count_frames(image, sys.maxsize - 1))


def decode_image(image: Image.Image, *, reads_at: tuple[int, int] | None = None) -> Image.Image:
    """Returns the first frame, upright, in the file's own mode, without metadata.

    Of `info`, only `icc_profile` and `transparency` stay.

    Args:
        image: What `open_image` returned; it is used up.
        reads_at: A width and height that suffice. The image is then decoded at a fraction of its
            size that is at least this large, the same for every run. Palette and bilevel images
            become RGB, RGBA or L by it, for they cannot be averaged.

    Raises:
        UndecodableImageError: The file is truncated or damaged.
    """
    orientation = _orientation(image)
    suffices = reads_at
    if reads_at and orientation >= _FIRST_SIDEWAYS:
        suffices = reads_at[1], reads_at[0]
    name = image.format or "unnamed"
    if name == "TIFF":
        image.info.pop("xmp", None)  # Pillow turns the image by it, and fails on a damaged one.
    try:
        if suffices:
            image.draft(None, suffices)
        image.load()
    except MemoryError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large_for_pillow(image.size) from error
    except Exception as error:  # Damaged files raise a dozen classes, most of them no OSError.
        raise UndecodableImageError(name, _reason(error)) from error
    decoded = shared_copy(image, keeping=_KEPT_INFO)
    if suffices:
        decoded = shrink(decoded, suffices)
    if orientation in _TURNS:
        decoded = decoded.transpose(_TURNS[orientation])
    decoded.format = image.format
    return decoded


def _read(path: Path, limits: ImageLimits) -> bytes:
    with path.open("rb") as file:
        _check_limit("bytes", os.fstat(file.fileno()).st_size, limits.max_bytes)
        return file.read()


def _open(name: str, content: bytes) -> ImageFile.ImageFile:
    readable = headers.without_avif_exif(content) if name == "AVIF" else content
    try:
        return _OPENERS[name](_InPieces(readable))
    except MemoryError:
        raise
    except Image.DecompressionBombError as error:
        size = headers.size_before_opening(name, content) or (0, 0)
        raise _too_large_for_pillow(size) from error
    except Exception as error:  # As in `decode_image`.
        raise UndecodableImageError(name, _reason(error)) from error


def _reason(error: Exception) -> str:
    return f"{error} ({type(error).__name__})" if str(error) else type(error).__name__


def _too_large_for_pillow(size: tuple[int, int]) -> ImageTooLargeError:
    """Returns the error for a WEBP or TIFF beyond Pillow's own limit, where ours is wider."""
    limit = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    setting = "PIL.Image.MAX_IMAGE_PIXELS"
    return ImageTooLargeError("pixels", size[0] * size[1], limit, setting=setting)


def _check_pixels(size: tuple[int, int], limits: ImageLimits) -> None:
    _check_limit("pixels", size[0] * size[1], limits.max_pixels)


def _check_scans(content: bytes, size: tuple[int, int], limits: ImageLimits) -> None:
    """Refuses a JPEG that goes over its pixels again and again: a few bytes make it do so."""
    pixels, limit = max(size[0] * size[1], 1), _MOST_SCANS * limits.max_pixels
    scans = headers.count_jpeg_scans(content, at_most=limit // pixels)
    if scans * pixels > limit:
        unit, setting = "pixels in all scans", "ImageLimits.max_pixels"
        raise ImageTooLargeError(unit, scans * pixels, limit, setting=setting)


def _check_limit(unit: str, found: int, limit: int) -> None:
    if found > limit:
        raise ImageTooLargeError(unit, found, limit, setting=f"ImageLimits.max_{unit}")


def _count_frames(image: Image.Image, at_most: int) -> int:
    match image.format:
        case "GIF":
            return headers.count_gif_frames(_content(image), at_most=at_most)
        case "TIFF":
            return headers.count_tiff_frames(_content(image), at_most=at_most)
        case _:
            return int(getattr(image, "n_frames", 1))


def _content(image: Image.Image) -> bytes:
    file = getattr(image, "fp", None)
    return file.getvalue() if isinstance(file, BytesIO) else b""


def _orientation(image: Image.Image) -> int:
    """Returns how the image lies; 1 for a TIFF, which Pillow itself sets upright."""
    if image.format == "TIFF":
        return 1
    block = image.info.get("exif") or _profile_block(image.info.get("Raw profile type exif"))
    if not block and image.format == "PNG":
        block = headers.png_exif(_content(image))
    packet = image.info.get("XML:com.adobe.xmp") or image.info.get("xmp")
    text = packet.encode() if isinstance(packet, str) else packet
    stated = headers.exif_orientation(block) if isinstance(block, bytes) else None
    if stated is None and isinstance(text, bytes):
        stated = headers.xmp_orientation(text)
    return stated or 1


def _profile_block(text: object) -> bytes:
    """Decodes the EXIF block that ImageMagick writes into a PNG as hexadecimal text."""
    if not isinstance(text, str):
        return b""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""
