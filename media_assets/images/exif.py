"""Colours stated by an EXIF block, which has the structure of a TIFF file."""

import struct
from collections.abc import Iterator

from media_assets.images.headers import WHOLE_NUMBERS
from media_assets.images.stated import DROPPED, Stated, stated_by_exif

_EXIF, _INTEROPERABILITY, _COLOR_SPACE, _INDEX = 0x8769, 0xA005, 0xA001, 0x0001
_TEXT = 2
_MOST_ENTRIES = 1_000


def colours_of_exif(block: bytes) -> Stated:
    """Returns what a block states about its image's colours; nothing if it is damaged."""
    tiff = memoryview(block.removeprefix(b"Exif\0\0"))
    order = {b"II": "<", b"MM": ">"}.get(bytes(tiff[:2]))
    if order is None:
        return Stated()
    space: int | None = None
    index: str | None = None
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        for place in _links(tiff, order, first, _EXIF):
            space = next(_links(tiff, order, place, _COLOR_SPACE), None)
            for further in _links(tiff, order, place, _INTEROPERABILITY):
                index = _text(tiff, order, further)
        return stated_by_exif(space, index)
    except struct.error:
        known = stated_by_exif(space, index)
        return known if known.rgb else Stated(mark=None if space is None else DROPPED)


def _links(tiff: memoryview, order: str, directory: int, wanted: int) -> Iterator[int]:
    """Yields the whole number that a directory has for a tag, if it has one."""
    for tag, kind, place in entries(tiff, order, directory):
        if tag == wanted and kind in WHOLE_NUMBERS:
            yield struct.unpack_from(order + WHOLE_NUMBERS[kind], tiff, place)[0]
            return


def _text(tiff: memoryview, order: str, directory: int) -> str | None:
    for tag, kind, place in entries(tiff, order, directory):
        if tag == _INDEX and kind == _TEXT:
            return bytes(tiff[place : place + 3]).decode("latin-1")
    return None


def entries(tiff: memoryview, order: str, directory: int) -> Iterator[tuple[int, int, int]]:
    """Yields tag, type, and position of the value, for each entry of a directory."""
    (count,) = struct.unpack_from(order + "H", tiff, directory)
    for entry in range(min(count, _MOST_ENTRIES)):
        start = directory + 2 + 12 * entry
        tag, kind = struct.unpack_from(order + "HH", tiff, start)
        yield tag, kind, start + 8
