"""JPEG files without an end marker, or without segments that pixels do not need."""

import random
import re
from collections.abc import Callable, Iterator

from PIL import Image

END = b"\xff\xd9"
_OTHER_BITS = random.Random(1).randbytes(64).replace(b"\xff", b"\x5a")  # noqa: S311  no secret
"""What a decoder reads as more pixels to come."""

# Within pixels, 0xff is followed by 0, or by a marker that only helps to resume after damage.
_MARKER = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")
SCAN = 0xDA
_BEGIN, _END = 0xD8, 0xD9
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_METADATA = frozenset({*range(0xE0, 0xF0), 0xFE})
_ADOBE, _EXIF = 0xEE, 0xE1
_COEFFICIENTS = 64
_ROWS_AT_ONCE = 256


def segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yields each segment's marker, where it starts, and where its content ends."""
    position = 0
    while found := _MARKER.search(content, position):
        position, marker = found.end(), found[1][0]
        if marker == _END:
            return
        if marker != _BEGIN:
            position += int.from_bytes(content[position : position + 2])
        yield marker, found.start(), position


def with_end(content: bytes, load: Callable[[bytes], Image.Image]) -> bytes | None:
    """Returns a file that lacks only its end marker, with one; None if it lacks any pixel.

    What a decoder invents for missing pixels depends on the bits that follow, so none are missing
    if other bits give the same image.

    Args:
        content: The file.
        load: Decodes a file at its full size; its error passes.
    """
    if not _has_all_scans(content):
        return None
    body = content.removesuffix(END[:1])
    first, second = (load(body + end) for end in (END, _OTHER_BITS + END))
    return body + END if _are_equal(first, second) else None


def essential(content: bytes) -> bytes | None:
    """Returns a JPEG with only the metadata for orientation and colours; None if it has no other.

    The profile is left out too: it is stored in several pieces, any of which may be damaged.
    """
    pieces: list[bytes] = []
    kept_to = 0
    for marker, start, end in segments(content):
        if marker == SCAN:
            break
        is_exif = marker == _EXIF and content[start + 4 : start + 8] == b"Exif"
        if marker in _METADATA and marker != _ADOBE and not is_exif:
            pieces.append(content[kept_to:start])
            kept_to = end
    return b"".join((*pieces, memoryview(content)[kept_to:])) if pieces else None


def _has_all_scans(content: bytes) -> bool:
    """Returns whether scans of every component are present, each complete to the last bit.

    A progressive JPEG stores its pixels in several scans, each finer than the one before. If it is
    cut between two of them, it decodes without an error, but blurred.
    """
    left: dict[int, list[int]] = {}
    for marker, start, end in segments(content):
        segment = content[start + 4 : end]
        if marker in _FRAMES and len(segment) > 6:  # noqa: PLR2004
            components = segment[6 : 6 + 3 * segment[5] : 3]
            left = {component: [_COEFFICIENTS] * _COEFFICIENTS for component in components}
        elif marker == SCAN and segment:
            count = segment[0]
            if len(segment) < 4 + 2 * count:
                return False
            first, last, bits = segment[1 + 2 * count : 4 + 2 * count]
            for component in segment[1 : 1 + 2 * count : 2]:
                places = left.get(component, [])
                places[first : last + 1] = [bits & 0xF] * len(places[first : last + 1])
    return bool(left) and not any(bits for places in left.values() for bits in places)


def _are_equal(first: Image.Image, second: Image.Image) -> bool:
    """Returns whether two images have the same pixels, without copying a whole one."""
    if (first.mode, first.size) != (second.mode, second.size):
        return False
    for top in range(0, first.height, _ROWS_AT_ONCE):
        rows = (0, top, first.width, min(top + _ROWS_AT_ONCE, first.height))
        if first.crop(rows).tobytes() != second.crop(rows).tobytes():
            return False
    return True
