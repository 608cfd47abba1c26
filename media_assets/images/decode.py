"""Decoding of untrusted image files, within limits."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageFile

from media_assets.errors import (
    EmptyImageError,
    ImageTooLargeError,
    UndecodableImageError,
    UnsupportedImageError,
)
from media_assets.images import headers, jpeg
from media_assets.images.boxes import avif_properties, inside_aperture
from media_assets.images.corrections import correct_decoded
from media_assets.images.damage import is_not_decoded, missing_part
from media_assets.images.files import (
    FORMATS,
    TooManyPiecesError,
    essential_file,
    load_file,
    open_file,
)
from media_assets.images.limits import ImageLimits
from media_assets.images.modes import share_pixels, shrink
from media_assets.images.orientation import stated_orientation, to_upright
from media_assets.images.png import Png, read_png
from media_assets.images.truncated import TRUNCATED, load_truncated, open_truncated
from media_assets.images.webp import with_free_canvas

__all__ = [
    "DEFAULT_INPUT_FORMATS",
    "ImageFacts",
    "ImageLimits",
    "OpenedImage",
    "decode_image",
    "image_facts",
    "open_image",
]

DEFAULT_INPUT_FORMATS = FORMATS

_FIRST_SIDEWAYS = 5
_MOST_SCANS = 16
"""For the largest JPEG; smaller ones may have more. Ten are usual, and each takes time."""
KEPT_INFO = ("icc_profile", "transparency")
_WITHOUT_METADATA = "dropped: metadata"
_WITHOUT_PADDING = "last byte missing"
"""Of a WebP, which may end in a byte that means nothing."""


_COARSEST = (1, 1)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """The facts in the record of a source image; width and height are those of the upright image.

    Attributes:
        format: The format that the content shows, one of `DEFAULT_INPUT_FORMATS`.
        width: Pixels from left to right.
        height: Pixels from top to bottom.
        frames: Frames of an animation, pages of a TIFF, images in a HEIF; otherwise 1.
    """

    format: str
    width: int
    height: int
    frames: int


@dataclass(slots=True)
class OpenedImage:
    """An image with only its header read.

    Attributes:
        format: The format that the content shows.
        content: The file's bytes.
        file: The same file as Pillow opened it.
        frames: Frames or pages.
        orientation: Its orientation, 1 to 8 as in EXIF.
        clean: Left, top, right and bottom of the part to show, if that is not all.
        png: The chunks of a PNG.
        marks: What was left out or is not as it should be; decoding may add to it.
        keeps_truncated: Whether a file that ends early is decoded as far as it goes.
    """

    format: str
    content: bytes
    file: ImageFile.ImageFile
    frames: int = 1
    orientation: int = 1
    clean: tuple[int, int, int, int] | None = None
    png: Png | None = None
    marks: list[str] = field(default_factory=list[str])
    keeps_truncated: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored in the file, before orientation is applied."""
        return self.file.size

    @property
    def mode(self) -> str:
        """The mode that it is decoded to."""
        return self.file.mode


def open_image(
    data: bytes | Path, limits: ImageLimits, *, keeps_truncated: bool = False
) -> OpenedImage:
    """Returns an image with only its header read.

    The format is determined by the content, never by a name. The whole file is held in memory until
    the image is decoded, so a file that changes in the meantime does no harm.

    Args:
        data: The file, or its path.
        limits: The limits on it.
        keeps_truncated: Whether a file that ends early is decoded as far as it goes, and marked.

    Raises:
        EmptyImageError: The file has no bytes.
        ImageTooLargeError: It exceeds `limits` in bytes, pixels or frames.
        UnsupportedImageError: It is not an image of an accepted format.
        UndecodableImageError: Its header is damaged.
        OSError: `data` is a path that cannot be read.
    """
    content = data if isinstance(data, bytes) else _read(data, limits)
    limits.check("bytes", len(content))
    if not content:
        raise EmptyImageError
    name = headers.identify(content)
    if name is None:
        found, fix = headers.describe(content)
        raise UnsupportedImageError(found, formats=DEFAULT_INPUT_FORMATS, fix=fix)
    if name == "WEBP":
        content = with_free_canvas(content)
    if size := headers.size_before_opening(name, content):
        _check_pixels(size, limits)
    with _told_by_structure(name, content):
        opened = _open(name, content, keeps_truncated=keeps_truncated)
    _check_pixels(opened.size, limits)
    if name == "JPEG":
        _check_scans(content, opened.size, limits)
    opened.frames = _count_frames(opened, limits.max_frames)
    limits.check("frames", opened.frames)
    opened.orientation = stated_orientation(opened.format, opened.file.info, opened.png)
    opened.clean = _clean_aperture(opened)
    return opened


def image_facts(opened: OpenedImage) -> ImageFacts:
    """Returns the facts of an image that `open_image` returned, before it is decoded."""
    left, top, right, bottom = opened.clean or (0, 0, *opened.size)
    width, height = right - left, bottom - top
    if opened.orientation >= _FIRST_SIDEWAYS:
        width, height = height, width
    return ImageFacts(opened.format, width, height, opened.frames)


def decode_image(opened: OpenedImage, *, decode_size: tuple[int, int] | None = None) -> Image.Image:
    """Returns the first frame, upright, in the file's own mode, without metadata.

    Samples have the usual scale of the mode, whatever the file's own depth is. Colours that the
    file states other than by an ICC profile are converted to sRGB. Of `info`, only `icc_profile`
    and `transparency` are kept.

    Args:
        opened: The result of `open_image`; it cannot be decoded again, but its facts remain.
        decode_size: A sufficient width and height. The image is then decoded at a fraction of its
            size that is at least this large, the same in every run. Palette and bilevel images
            become RGB, RGBA or L for it, since they cannot be averaged.

    Raises:
        UndecodableImageError: The file is truncated or damaged.
    """
    suffices = decode_size
    if decode_size and opened.orientation >= _FIRST_SIDEWAYS:
        suffices = decode_size[1], decode_size[0]
    with _told_by_structure(opened.format, opened.content):
        file = _load(opened, suffices)
    decoded = share_pixels(file, keeping=KEPT_INFO)
    decoded = correct_decoded(decoded, file, opened.content, opened.png, opened.marks)
    if opened.clean:
        decoded = decoded.crop(opened.clean)
    if suffices:
        decoded = shrink(decoded, suffices)
    decoded = to_upright(decoded, opened.orientation)
    decoded.format = opened.format
    return decoded


def check_image(opened: OpenedImage) -> None:
    """Decodes the first frame as coarsely as its format allows, for its damage and marks alone.

    Raises:
        UndecodableImageError: The file is truncated or damaged.
    """
    with _told_by_structure(opened.format, opened.content):
        file = _load(opened, _COARSEST)
    image = share_pixels(file, keeping=KEPT_INFO)
    correct_decoded(image, file, opened.content, opened.png, opened.marks)


def _read(path: Path, limits: ImageLimits) -> bytes:
    with path.open("rb") as file:
        limits.check("bytes", os.fstat(file.fileno()).st_size)
        return file.read()


@contextmanager
def _told_by_structure(name: str, content: bytes) -> Generator[None]:
    """Reports where a file that cannot be decoded ends early, instead of the decoder's message."""
    try:
        yield
    except UndecodableImageError as error:
        if problem := missing_part(name, content):
            raise UndecodableImageError(name, problem) from error
        raise


def _open(name: str, content: bytes, *, keeps_truncated: bool) -> OpenedImage:
    """Opens the file, or if that fails, the part of it that pixels need."""
    if is_not_decoded(name, content):
        if name == "TIFF" or not keeps_truncated:
            raise UndecodableImageError(name, "its content is damaged")
        content = content.rstrip(b"\0")
    opened = _open_part(name, content, keeps_truncated=keeps_truncated)
    opened.keeps_truncated = keeps_truncated
    return opened


def _open_part(name: str, content: bytes, *, keeps_truncated: bool) -> OpenedImage:
    if name == "PNG":
        try:
            png = read_png(content)
        except ValueError as error:
            raise UndecodableImageError(name, str(error)) from error
        return OpenedImage(name, content, open_file(name, png.pixels), png=png, marks=png.marks)
    try:
        return OpenedImage(name, content, open_file(name, content))
    except UndecodableImageError as error:
        has_many_pieces = isinstance(error.__cause__, TooManyPiecesError)
        essential = None if has_many_pieces else essential_file(name, content)
        if essential is None:
            if keeps_truncated and (cut := open_truncated(name, content)) is not None:
                return OpenedImage(name, content, cut, marks=[TRUNCATED])
            raise
        file = open_file(name, essential)
        mark = _WITHOUT_PADDING if essential == content + b"\0" else _WITHOUT_METADATA
        return OpenedImage(name, essential, file, marks=[mark])


def _load(opened: OpenedImage, suffices: tuple[int, int] | None) -> ImageFile.ImageFile:
    """Returns the file with its pixels loaded, from as much of it as pixels need."""
    try:
        return load_file(opened.file, suffices)
    except UndecodableImageError:
        file = _without_end(opened, suffices) or _without_metadata(opened, suffices)
        if file is None and opened.keeps_truncated:
            file = load_truncated(opened.format, opened.content, opened.file, suffices)
            opened.marks += [] if file is None or TRUNCATED in opened.marks else [TRUNCATED]
        if file is None:
            raise
        return file


def _without_end(
    opened: OpenedImage, suffices: tuple[int, int] | None
) -> ImageFile.ImageFile | None:
    """Returns a JPEG that lacks only its end marker; None if it lacks any pixel."""
    if opened.format != "JPEG":
        return None
    try:
        whole = jpeg.with_end(opened.content, lambda content: load_file(open_file("JPEG", content)))
    except UndecodableImageError:
        return None
    if whole is None:
        return None
    opened.marks.append("end marker missing")
    return load_file(open_file("JPEG", whole), suffices)


def _without_metadata(
    opened: OpenedImage, suffices: tuple[int, int] | None
) -> ImageFile.ImageFile | None:
    """Returns the image from only its pixels' part of the file; None if that is damaged too."""
    essential = essential_file(opened.format, opened.content)
    if essential is None:
        return None
    try:
        file = load_file(open_file(opened.format, essential), suffices)
    except UndecodableImageError:
        return None
    opened.marks.append(_WITHOUT_METADATA)
    return file


def _check_pixels(size: tuple[int, int], limits: ImageLimits) -> None:
    limits.check("pixels", size[0] * size[1])


def _check_scans(content: bytes, size: tuple[int, int], limits: ImageLimits) -> None:
    """Refuses a JPEG with too many scans of its pixels, which a few bytes can cause."""
    pixels, limit = max(size[0] * size[1], 1), _MOST_SCANS * limits.max_pixels
    scans = headers.count_jpeg_scans(content, at_most=limit // pixels)
    if scans * pixels > limit:
        unit, setting = "pixels in all scans", limits.setting("max_pixels")
        raise ImageTooLargeError(unit, scans * pixels, limit, setting=setting)


def _count_frames(opened: OpenedImage, at_most: int) -> int:
    match opened.format:
        case "GIF":
            return headers.count_gif_frames(opened.content, at_most=at_most)
        case "TIFF":
            return headers.count_tiff_frames(opened.content, at_most=at_most)
        case "PNG" if opened.png is not None:
            return opened.png.frames
        case _:
            return int(getattr(opened.file, "n_frames", 1))


def _clean_aperture(opened: OpenedImage) -> tuple[int, int, int, int] | None:
    """Returns the box that an AVIF should be cropped to."""
    numbers = avif_properties(opened.content).aperture if opened.format == "AVIF" else None
    if numbers is None:
        return None
    try:
        return inside_aperture(numbers, opened.size)
    except (ValueError, ZeroDivisionError):
        opened.marks.append("dropped: clean aperture")
        return None
