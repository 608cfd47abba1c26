"""Image files as opened by Pillow: by content, one plugin per format, without warnings."""

from collections.abc import Callable
from io import BytesIO
from typing import IO, Any

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from media_assets.errors import ImageTooLargeError, MissingExtraError, UndecodableImageError
from media_assets.images import codecs, headers, heif, jpeg, tiff, webp
from media_assets.images.damage import reason_of


class TooManyPiecesError(ValueError):
    """Raised for a file with more pieces than any program writes."""


class _InPieces(BytesIO):
    """A file with a limit on its pieces: reading a million empty ones takes seconds."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._left = _MOST_PIECES

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            reason = f"more than {_MOST_PIECES:,} pieces"
            raise TooManyPiecesError(reason)
        return super().read(size)


class _JpegFile(JpegImagePlugin.JpegImageFile):
    """A JPEG whose EXIF block is ignored: Pillow reads it while opening, and warns."""

    def getexif(self) -> Image.Exif:
        return Image.Exif()


class _WebPFile(WebPImagePlugin.WebPImageFile):
    """A WebP for its first frame: the decoder of all frames is not kept in memory."""

    def load(self) -> Any:  # noqa: ANN401  Pillow's type of it is not a class
        content = b"" if self.fp is None else _content(self)
        if self._im is None and not webp.is_animation(content):
            pillows: Any = type(self._decoder)  # pyright: ignore[reportUnknownVariableType]
            self._decoder = None
            _take(self, codecs.webp_image(content, self.size, self.mode))
            self._decoder = None if self._im is not None else pillows(content)
        return super().load() if self._im is None else Image.Image.load(self)

    def _get_next(self) -> tuple[bytes, int, int]:
        frame = super()._get_next()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType]
        self._decoder = None
        return frame  # pyright: ignore[reportUnknownVariableType]


class _AvifFile(AvifImagePlugin.AvifImageFile):
    """An AVIF for its first frame: the decoder of all frames is not kept in memory."""

    def load(self) -> Any:  # noqa: ANN401  as above
        if self._im is None:
            _take(self, codecs.avif_image(_content(self), self.size, self.mode))
        return super().load()


def _take(file: ImageFile.ImageFile, image: Image.Image | None) -> None:
    """Loads a file with the pixels of an image, if there is one."""
    if image is not None:
        file.im, file.tile, file.fp = image.im, [], None


def _content(file: ImageFile.ImageFile) -> bytes:
    """Returns the bytes that a file was opened from, without a copy."""
    assert isinstance(file.fp, BytesIO)  # noqa: S101  what `open_file` gave it
    return file.fp.getvalue()


# The plugins are called directly, not through `Image.open`, which checks sizes against a global
# limit by warnings that a thread cannot catch for itself, and passes photos with extra frames (MPO)
# to a plugin that fails on some of them.
_OPENERS: dict[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "JPEG": _JpegFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": _WebPFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": tiff.TiffFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": _AvifFile,
    "HEIF": heif.open_heif,
}
FORMATS = tuple(_OPENERS)
_MOST_PIECES = 1_000_000


def open_file(name: str, content: bytes) -> ImageFile.ImageFile:
    """Returns a file with only its header read.

    Args:
        name: The format that the content shows.
        content: The file's bytes; of a PNG, those of `Png.pixels`.

    Raises:
        ImageTooLargeError: It is above Pillow's own limit.
        MissingExtraError: The format needs a package that is not installed.
        UndecodableImageError: Its header is damaged.
    """
    try:
        return _OPENERS[name](_InPieces(_readable(name, content)))
    except (MemoryError, MissingExtraError):
        raise
    except Image.DecompressionBombError as error:
        size = headers.size_before_opening(name, content) or (0, 0)
        raise _too_large_for_pillow(size) from error
    except Exception as error:  # Damaged files raise a dozen classes, most of them not OSErrors.
        raise UndecodableImageError(name, reason_of(error)) from error


def load_file(
    file: ImageFile.ImageFile, suffices: tuple[int, int] | None = None
) -> ImageFile.ImageFile:
    """Returns a file with its pixels read; a JPEG at a fraction of its size if that suffices.

    Raises:
        ImageTooLargeError: It is above Pillow's own limit.
        UndecodableImageError: It is truncated or damaged.
    """
    name = file.format or "unnamed"
    if name == "TIFF":
        file.info.pop("xmp", None)  # Pillow rotates the image by it, and fails on a damaged one.
    try:
        if suffices:
            file.draft(None, suffices)
        file.load()
    except MemoryError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large_for_pillow(file.size) from error
    except Exception as error:  # As in `open_file`.
        raise UndecodableImageError(name, reason_of(error)) from error
    return file


def essential_file(name: str, content: bytes) -> bytes | None:
    """Returns a file with only what its pixels need; None if nothing can be left out.

    A PNG has already been read chunk by chunk, and in a GIF or BMP nothing that could be skipped
    comes before the pixels.
    """
    match name:
        case "JPEG":
            return jpeg.essential(content)
        case "TIFF":
            return tiff.essential(tiff.readable(content))
        case "WEBP":
            return webp.essential(content)
        case _:
            return None


def _readable(name: str, content: bytes) -> bytes:
    match name:
        case "AVIF":
            return headers.without_avif_exif(content)
        case "TIFF":
            return tiff.readable(content)
        case _:
            return content


def _too_large_for_pillow(size: tuple[int, int]) -> ImageTooLargeError:
    """Returns the error for a WEBP or TIFF above Pillow's own limit, if ours is higher."""
    limit = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    setting = "`PIL.Image.MAX_IMAGE_PIXELS`"
    return ImageTooLargeError("pixels", size[0] * size[1], limit, setting=setting)
