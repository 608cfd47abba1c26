"""The blocks of metadata in an image file: EXIF and colour profile. No pixel is decoded."""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from media_assets.images import headers, jpeg
from media_assets.images.boxes import boxes, main_properties, needed_child
from media_assets.images.exif import entries
from media_assets.images.png import read_png

Block = bytes | memoryview
Find = Callable[[bytes], Block | None]

_APP1, _APP2 = 0xE1, 0xE2
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
_RIFF_HEADER = 12
_TIFF_PROFILE, _CLASSIC = 34675, 42
_FULL_BOX = 4
_IN_FILE = 0
_MOST_PIECES = 4_096
_DAMAGED = (struct.error, LookupError, ValueError, OverflowError, zlib.error, StopIteration)


class Blocks(NamedTuple):
    """The EXIF block, which has the structure of a TIFF file, and the ICC profile; or nothing."""

    exif: Block = b""
    profile: Block = b""


def find_blocks(content: bytes) -> Blocks:
    """Returns the blocks of an image file; an empty one where it has none, or a damaged one."""
    name = headers.identify(content) or ""
    if name == "PNG":
        return _of_png(content)
    exif, profile = _FINDERS.get(name, (None, None))
    return Blocks(_read(exif, content), _read(profile, content))


def profile_name(profile: Block) -> str | None:
    """Returns the description in an ICC profile, such as "Display P3"; None if it has none.

    >>> profile_name(b"no profile") is None
    True
    """
    try:
        (tags,) = struct.unpack_from(">I", profile, 128)
        for tag in range(min(tags, 100)):
            name, start, size = struct.unpack_from(">4sII", profile, 132 + 12 * tag)
            if name == b"desc":
                return _description(bytes(profile[start : start + size])) or None
    except _DAMAGED:
        pass
    return None


def _description(tag: bytes) -> str:
    if tag[:4] == b"mluc":
        length, start = struct.unpack_from(">II", tag, 20)
        return tag[start : start + length].decode("utf-16-be").strip("\0 ")
    (length,) = struct.unpack_from(">I", tag, 8)
    return tag[12 : 12 + length].split(b"\0")[0].decode("latin-1").strip()


def _read(find: Find | None, content: bytes) -> Block:
    try:
        return (find and find(content)) or b""
    except _DAMAGED:
        return b""


def _jpeg_segments(content: bytes, wanted: int, start: bytes) -> Iterator[bytes]:
    """Yields what follows the first bytes in each segment that begins with them."""
    for marker, position, end in jpeg.segments(content):
        if marker == jpeg.SCAN:
            return
        body = content[position + 4 : end]
        if marker == wanted and body.startswith(start):
            yield body[len(start) :]


def _jpeg_exif(content: bytes) -> Block:
    return next(_jpeg_segments(content, _APP1, _EXIF), b"")


def _jpeg_profile(content: bytes) -> Block:
    pieces = {piece[0]: piece[2:] for piece in _jpeg_segments(content, _APP2, _ICC)}
    return b"".join(pieces[number] for number in sorted(pieces))


def _of_png(content: bytes) -> Blocks:
    try:
        png = read_png(content)
    except ValueError:
        return Blocks()
    return Blocks(png.exif.removeprefix(_EXIF), png.profile or b"")


def _webp_exif(content: bytes) -> Block:
    return bytes(next(_riff_chunks(content, b"EXIF"), b"")).removeprefix(_EXIF)


def _webp_profile(content: bytes) -> Block:
    return next(_riff_chunks(content, b"ICCP"), b"")


def _riff_chunks(content: bytes, wanted: bytes) -> Iterator[memoryview]:
    position = _RIFF_HEADER
    for _ in range(_MOST_PIECES):
        kind, size = struct.unpack_from("<4sI", content, position)
        if kind == wanted:
            yield memoryview(content)[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def _tiff_profile(content: bytes) -> Block:
    order = "<" if content[:2] == b"II" else ">"
    version, first = struct.unpack_from(order + "HI", content, 2)
    if version == _CLASSIC:
        for tag, _, place in entries(memoryview(content), order, first):
            if tag == _TIFF_PROFILE:
                size, start = struct.unpack_from(order + "II", content, place - 4)
                return memoryview(content)[start : start + size]
    return b""


def _profile_property(content: bytes) -> Block:
    for kind, box in main_properties(content):
        if kind == b"colr" and bytes(box[:4]) in {b"prof", b"rICC"}:
            return box[4:]
    return b""


def _exif_item(content: bytes) -> Block:
    """Returns the EXIF block among the items of a HEIF or AVIF."""
    meta = needed_child(memoryview(content), b"meta")[_FULL_BOX:]
    wanted = next(item for item, kind in _items(needed_child(meta, b"iinf")) if kind == b"Exif")
    places = needed_child(meta, b"iloc")
    method, extents = next((way, at) for item, way, at in _locations(places) if item == wanted)
    within = memoryview(content) if method == _IN_FILE else needed_child(meta, b"idat")
    body = b"".join(bytes(within[start : start + size]) for start, size in extents)
    (skipped,) = struct.unpack_from(">I", body)
    return body[4 + skipped :].removeprefix(_EXIF)


def _items(infos: memoryview) -> Iterator[tuple[int, bytes]]:
    """Yields the number and the kind of each item."""
    for kind, box in boxes(infos[_FULL_BOX + (4 if infos[0] else 2) :]):
        if kind == b"infe" and box[0] >= 2:  # noqa: PLR2004  older ones have no kind
            form = ">H2x4s" if box[0] == 2 else ">I2x4s"  # noqa: PLR2004
            yield struct.unpack_from(form, box, _FULL_BOX)


def _locations(box: memoryview) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yields each item's number, what its places count from, and its places and their sizes."""
    version, sizes = box[0], (box[4] >> 4, box[4] & 15, box[5] >> 4, box[5] & 15)
    offset_size, length_size, base_size, index_size = sizes
    wide = 4 if version > 1 else 2
    reader = _Numbers(box, 6)
    for _ in range(min(reader.take(wide), _MOST_PIECES)):
        item = reader.take(wide)
        method = reader.take(2) & 15 if version else _IN_FILE
        reader.take(2)
        base, extents = reader.take(base_size), list[tuple[int, int]]()
        for _ in range(min(reader.take(2), _MOST_PIECES)):
            reader.take(index_size if version else 0)
            start = base + reader.take(offset_size)
            extents.append((start, reader.take(length_size)))
        yield item, method, extents


class _Numbers:
    """Reads whole numbers, one after another."""

    def __init__(self, box: memoryview, position: int) -> None:
        self._box, self._position = box, position

    def take(self, size: int) -> int:
        """Returns the next number, of this many bytes; 0 of none."""
        start, self._position = self._position, self._position + size
        if self._position > len(self._box):
            raise IndexError(start)
        return int.from_bytes(self._box[start : self._position])


_FINDERS: dict[str, tuple[Find | None, Find | None]] = {
    "JPEG": (_jpeg_exif, _jpeg_profile),
    "WEBP": (_webp_exif, _webp_profile),
    "TIFF": (memoryview, _tiff_profile),
    "HEIF": (_exif_item, _profile_property),
    "AVIF": (_exif_item, _profile_property),
    "BMP": (None, headers.bmp_profile),
}
"""Where each format has its EXIF block and its profile; a TIFF is such a block itself."""
