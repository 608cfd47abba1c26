"""Reasons why a damaged file cannot be decoded, found from its structure.

Decoders report a truncated file in a dozen ways, some of which quote its bytes. Here the structure
of each format is followed to where it leaves the file. This is only done for files that cannot be
decoded.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from media_assets.images import jpeg
from media_assets.images.headers import WHOLE_NUMBERS, gif_palette_bytes

_NOT_SUPPORTED = re.compile(r"(?i)unsupported|unknown (?:pixel mode|data organization)")
_OURS = re.compile(r"more than [\d,]+ pieces")
_IN_HEADER = "its header ends"
_TAIL = 512
"""Zero bytes at the end: more than any image has, but usual if a file is allocated in advance."""
_PNG_SIGNATURE, _PNG_CHUNK = 8, 12
_GIF_HEADER, _GIF_FRAME, _GIF_EXTENSION, _GIF_END = 13, 0x2C, 0x21, 0x3B
_BMP_HEADER = 26
_STRIPS, _STRIP_BYTES = (273, 324), (279, 325)
_TIFF_HEADER, _TIFF_CLASSIC = 8, 42


def reason_of(error: Exception) -> str:
    """Returns why a decoder gave up, without quoting the file or the name of a class."""
    text = str(error)
    if _OURS.fullmatch(text):
        return text
    if _NOT_SUPPORTED.search(text):
        return "it is of a kind that is not supported"
    return "its content is damaged"


def missing_part(name: str, content: bytes) -> str | None:
    """Returns where a file is cut short or damaged; None if its structure does not show it.

    >>> missing_part("BMP", b"BM" + struct.pack("<I", 5_000) + bytes(94))
    'the file is cut short: it has 100 of 5,000 bytes'
    """
    try:
        found = _MISSING[name](content)
    except (struct.error, IndexError):
        found = _IN_HEADER
    if found is None or found.startswith("the file "):
        return found
    return f"the file is cut short: it ends after {len(content):,} bytes, before {found}"


def ends_early(name: str, content: bytes) -> bool:
    """Returns whether a file is cut short, or holds only zeros from some byte on."""
    problem = missing_part(name, content) or ""
    return problem.startswith(("the file is cut short", "the file holds only zeros"))


def is_not_decoded(name: str, content: bytes) -> bool:
    """Returns whether a file must not be decoded, as that would invent pixels or print warnings.

    In a JPEG or PNG, zeros decode as pixels: an interrupted copy leaves them in a file that was
    allocated at full size.
    """
    if name == "TIFF":
        return len(content) < _TIFF_HEADER or (_tiff_start(content) or 0) > len(content)
    if not content.endswith(bytes(_TAIL)):
        return False
    return (name == "JPEG" and not _has_end(content)) or (
        name == "PNG" and missing_part(name, content) is not None
    )


def _of_bytes(found: int, expected: int) -> str | None:
    if found >= expected:
        return None
    return f"the file is cut short: it has {found:,} of {expected:,} bytes"


def _damaged_at(position: int) -> str:
    return f"the file is damaged at byte {position:,}"


def _pixels(*, have_begun: bool) -> str:
    return f"its pixels {'end' if have_begun else 'begin'}"


def _pixels_of_jpeg(content: bytes) -> int | None:
    """Returns where the pixels of a JPEG begin; None if it has none."""
    scans = (end for marker, _, end in jpeg.segments(content) if marker == jpeg.SCAN)
    return next(scans, None)


def _has_end(content: bytes) -> bool:
    start = _pixels_of_jpeg(content)
    return start is not None and content.find(jpeg.END, start) >= 0


def _jpeg(content: bytes) -> str | None:
    if _has_end(content):
        return None
    kept = len(content.rstrip(b"\0"))
    if len(content) - kept >= _TAIL:
        return f"the file holds only zeros from byte {kept:,} on"
    return _pixels(have_begun=_pixels_of_jpeg(content) is not None)


def _png(content: bytes) -> str | None:
    position, has_pixels = _PNG_SIGNATURE, False
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + length + _PNG_CHUNK
        if not kind.isalpha():
            return _damaged_at(position)
        has_pixels = has_pixels or kind == b"IDAT"
        if end > len(content):
            return _pixels(have_begun=has_pixels)
        is_critical = kind[:1].isupper()
        body = memoryview(content)[position + 4 : end - 4]
        if is_critical and zlib.crc32(body) != int.from_bytes(content[end - 4 : end]):
            return f"the file is damaged between bytes {position:,} and {end:,}"
        if kind == b"IEND":
            return None
        position = end
    return _pixels(have_begun=has_pixels)


def _webp(content: bytes) -> str | None:
    (size,) = struct.unpack_from("<I", content, 4)
    return _of_bytes(len(content), size + 8)


def _bmp(content: bytes) -> str | None:
    (size,) = struct.unpack_from("<I", content, 2)
    if cut := _of_bytes(len(content), size):
        return cut
    return _IN_HEADER if len(content) < _BMP_HEADER else None


def _gif(content: bytes) -> str | None:
    position = _GIF_HEADER + gif_palette_bytes(content[10])
    has_pixels = False
    try:
        while (kind := content[position]) != _GIF_END:
            if kind == _GIF_FRAME:
                has_pixels = True
                position += 10 + gif_palette_bytes(content[position + 9]) + 1
            elif kind == _GIF_EXTENSION:
                position += 2
            else:
                return _damaged_at(position)
            while content[position]:
                position += 1 + content[position]
            position += 1
    except IndexError:
        return _pixels(have_begun=has_pixels)
    return None


def _tiff(content: bytes) -> str | None:
    order = _tiff_order(content)
    position = _tiff_start(content)
    if position is None:
        return None
    if position + 2 > len(content):
        return f"byte {position:,}, where its directory is"
    tags = dict(_tiff_tags(content, order, position))
    for starts, sizes in zip(_STRIPS, _STRIP_BYTES, strict=True):
        ends = [a + b for a, b in zip(tags.get(starts, ()), tags.get(sizes, ()), strict=False)]
        if ends and max(ends) > len(content):
            return f"byte {max(ends):,}, where its pixels end"
    return None


def _tiff_order(content: bytes) -> str:
    return "<" if content[:2] == b"II" else ">"


def _tiff_start(content: bytes) -> int | None:
    """Returns the position of the first directory; None for a BigTIFF, left to the decoder."""
    version, position = struct.unpack_from(_tiff_order(content) + "HI", content, 2)
    return position if version == _TIFF_CLASSIC else None


def _tiff_tags(content: bytes, order: str, position: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yields the whole numbers of each tag of a directory.

    Raises:
        struct.error: They are outside the file.
    """
    (count,) = struct.unpack_from(order + "H", content, position)
    for at in range(position + 2, position + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(order + "HHI", content, at)
        if (code := WHOLE_NUMBERS.get(kind)) is None or number > len(content):
            continue
        form = f"{order}{number}{code}"
        fits = struct.calcsize(form) <= 4  # noqa: PLR2004
        start = at + 8 if fits else struct.unpack_from(order + "I", content, at + 8)[0]
        yield tag, struct.unpack_from(form, content, start)


def _boxes(content: bytes) -> str | None:
    position = 0
    while position < len(content):
        size, kind = struct.unpack_from(">I4s", content, position)
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, position + 8)
        if size == 0:
            return None
        if size < 8 or not kind.isascii():  # noqa: PLR2004
            return _damaged_at(position)
        if cut := _of_bytes(len(content), position + size):
            return cut.replace(" of ", " of at least ")
        position += size
    is_whole = b"mdat" in content or b"idat" in content
    return None if is_whole else "its pixels begin"


_MISSING: dict[str, Callable[[bytes], str | None]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "TIFF": _tiff,
    "BMP": _bmp,
    "AVIF": _boxes,
    "HEIF": _boxes,
}
