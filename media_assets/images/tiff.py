"""TIFF files whose samples mean something other than what Pillow reads.

Pillow reads a file's samples into a mode of its own, and forgets their depth, sign and scale. Here
these are recovered from the tags.
"""

import struct
from collections.abc import Collection, Mapping
from math import isfinite
from typing import cast

from PIL import Image, ImagePalette, TiffImagePlugin

from media_assets.images.icc import Curve
from media_assets.images.modes import share_pixels
from media_assets.images.stated import DROPPED, SRGB_POINTS, Stated, stated_by_points
from media_assets.pixels.shades import invert, scale_to_16_bits
from media_assets.pixels.strips import in_strips

_BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES = 258, 259, 262, 277
_PLANAR, _COLORMAP, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 284, 320, 338, 339
_ORIENTATION, _CLASSIC = 274, 42
_TRANSFER, _WHITE_POINT, _PRIMARIES = 301, 318, 319
_WHITE_IS_ZERO, _RGB, _YCBCR = 0, 2, 6
_UNCOMPRESSED, _DEFLATE = 1, 8
_SEPARATE_PLANES = 2
_UNSIGNED, _SIGNED = 1, 2
_UNASSOCIATED_ALPHA = 2
_SHORT = 3
_RGBA_SAMPLES = 4
_FOR_PIXELS = frozenset(
    {256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324}
    | {325, 332, 338, 339, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 532, 34675}
)
"""All tags that state where pixels are, how they are packed and which colours they have."""


class TiffFile(TiffImagePlugin.TiffImageFile):
    """A TIFF that Pillow sets upright by its orientation tag, without other metadata."""

    def getexif(self) -> Image.Exif:
        """Returns only the orientation."""
        exif = Image.Exif()
        exif[_ORIENTATION] = self.tag_v2.get(_ORIENTATION, 1)
        return exif

    def _setup(self) -> None:
        """Lets libtiff read what Pillow's own reader of uncompressed files gets wrong.

        These are planes of more than 8 bits, and colours with a lower resolution than brightness.
        libtiff reads the compression from the file; what is changed here affects only Pillow.
        """
        tags = self.tag_v2
        is_hard = tags.get(_PLANAR) == _SEPARATE_PLANES or tags.get(_PHOTOMETRIC) == _YCBCR
        is_plain = tags.get(_COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED
        if is_hard and is_plain:
            tags[_COMPRESSION] = _DEFLATE
        super()._setup()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]


def readable(content: bytes) -> bytes:
    """Returns a TIFF file that libtiff reads correctly; usually the file itself.

    If the meaning of a fourth plane is not stated, libtiff assumes that the first three are
    multiplied by it, and Pillow does so only for this layout.
    """
    tags = _short_tags(content)
    is_rgba = tags.get(_PHOTOMETRIC) == _RGB and tags.get(_SAMPLES) == _RGBA_SAMPLES
    if not is_rgba or tags.get(_PLANAR) != _SEPARATE_PLANES or _EXTRA_SAMPLES in tags:
        return content
    return _rewrite(content, add={_EXTRA_SAMPLES: _UNASSOCIATED_ALPHA}) or content


def essential(content: bytes) -> bytes | None:
    """Returns a TIFF file without the tags that pixels do not need; None if it has none of them."""
    return _rewrite(content, keep=_FOR_PIXELS)


def correct_tiff(image: Image.Image, tags: Mapping[int, object]) -> Image.Image:
    """Returns a decoded TIFF image whose samples have the usual scale of its mode."""
    bits = _first(tags.get(_BITS), 1)
    form = _first(tags.get(_SAMPLE_FORMAT), _UNSIGNED)
    is_negative = _first(tags.get(_PHOTOMETRIC), 1) == _WHITE_IS_ZERO
    match image.mode:
        case "L" if form == _SIGNED:
            shifted = image.point([(shade + 128) % 256 for shade in range(256)])
            return shifted.convert("I").point(lambda value: value * 1 - 128)
        case "I;16" | "I;16B" | "I;16L" | "I;16N":
            wide = scale_to_16_bits(image, bits) if bits < 16 else image  # noqa: PLR2004
            return invert(wide) if is_negative else wide
        case "I" if form == _UNSIGNED:
            return _to_unsigned(image)
        case "F" if is_negative:
            return invert(image)
        case "P" | "PA":
            return _with_palette(image, tags)
        case _:
            return image


def colours(tags: Mapping[int, object]) -> Stated:
    """Returns the colours that a file states by white point, primaries and transfer function.

    Whatever of these it does not state is as in sRGB.
    """
    if not any(tag in tags for tag in (_WHITE_POINT, _PRIMARIES, _TRANSFER)):
        return Stated()
    try:
        white = _numbers(tags.get(_WHITE_POINT), 2)
        points = _numbers(tags.get(_PRIMARIES), 6)
        curves = _curves(tags)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return Stated(mark=DROPPED)
    if white or points:
        return stated_by_points([*(white or SRGB_POINTS[:2]), *(points or SRGB_POINTS[2:])], curves)
    return stated_by_points(None, curves)


def _numbers(value: object, count: int) -> list[float]:
    """Returns this many numbers, or none if there is no value."""
    if value is None:
        return []
    found = [float(part) for part in cast("tuple[float, ...]", value)]
    if len(found) != count or not all(map(isfinite, found)):
        raise ValueError(found)
    return found


def _curves(tags: Mapping[int, object]) -> tuple[Curve, Curve, Curve]:
    """Returns the tables of the transfer function: one for all samples, or one for each."""
    table = tags.get(_TRANSFER)
    if table is None:
        return None, None, None
    shades = cast("tuple[int, ...]", table)
    steps = 1 << _first(tags.get(_BITS), 1)
    if len(shades) not in {steps, 3 * steps} or steps < 2:  # noqa: PLR2004
        raise ValueError(len(shades))
    red, green, blue = (shades[n * steps : (n + 1) * steps] or shades for n in range(3))
    return red, green, blue


def _to_unsigned(image: Image.Image) -> Image.Image:
    """Returns an image in which values from 2^31 up, which Pillow reads as negative, are large."""
    low, _ = cast("tuple[int, int]", image.getextrema())
    return image if low >= 0 else in_strips(image, _without_sign)


def _without_sign(image: Image.Image) -> Image.Image:
    import numpy as np  # noqa: PLC0415  slow to import

    return Image.fromarray(np.asarray(image).view(np.uint32).astype(np.float32))


def _with_palette(image: Image.Image, tags: Mapping[int, object]) -> Image.Image:
    """Returns an image whose colours come from a palette that some writers fill with 8 bits."""
    colors = tags.get(_COLORMAP)
    if not isinstance(colors, tuple):
        return image
    shades = cast("tuple[int, ...]", colors)
    if not 0 < max(shades, default=0) < 256:  # noqa: PLR2004  of 16 bits, as they should be
        return image
    fixed = share_pixels(image, keeping=image.info)
    fixed.palette = ImagePalette.raw("RGB;L", bytes(shades))
    return fixed


def _first(value: object, default: int) -> int:
    first = cast("tuple[object, ...]", value)[:1] if isinstance(value, tuple) else (value,)
    return first[0] if first and isinstance(first[0], int) else default


def _short_tags(content: bytes) -> dict[int, int]:
    """Returns the first page's tags that hold one short number, or the first of several."""
    found = _entries(content)
    if found is None:
        return {}
    order, _, entries = found
    shorts: dict[int, int] = {}
    for entry in entries:
        tag, kind, _ = struct.unpack_from(order + "HHI", entry)
        if kind == _SHORT:
            (shorts[tag],) = struct.unpack_from(order + "H", entry, 8)
    return shorts


def _entries(content: bytes) -> tuple[str, int, list[bytes]] | None:
    """Returns byte order, position and entries of the first directory; None for a BigTIFF."""
    order = "<" if content[:2] == b"II" else ">"
    try:
        (version, position) = struct.unpack_from(order + "HI", content, 2)
        (count,) = struct.unpack_from(order + "H", content, position)
    except struct.error:
        return None
    start = position + 2
    pieces = [content[start + 12 * n : start + 12 * n + 12] for n in range(count)]
    is_whole = bool(pieces) and len(pieces[-1]) == 12  # noqa: PLR2004
    return (order, position, pieces) if version == _CLASSIC and is_whole else None


def _rewrite(
    content: bytes, *, keep: Collection[int] | None = None, add: Mapping[int, int] | None = None
) -> bytes | None:
    """Returns the file with another first directory, at its end, and no other pages."""
    found = _entries(content)
    if found is None:
        return None
    order, _, entries = found
    tagged = {struct.unpack_from(order + "H", entry)[0]: entry for entry in entries}
    kept = {tag: entry for tag, entry in tagged.items() if keep is None or tag in keep}
    for tag, value in (add or {}).items():
        kept[tag] = struct.pack(order + "HHIHH", tag, _SHORT, 1, value, 0)
    if kept == tagged:
        return None
    body = content + b"\0" * (len(content) % 2)
    directory = struct.pack(order + "H", len(kept)) + b"".join(kept[tag] for tag in sorted(kept))
    header = content[:4] + struct.pack(order + "I", len(body))
    return b"".join((header, memoryview(body)[8:], directory, bytes(4)))
