"""The chunks of a WebP file: whether it is animated, and which chunks its pixels need."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_HEADER_BYTES = 12
_EXTENDED = b"VP8X"
_FLAGS, _ANIMATION, _ALPHA = 20, 0x02, 0x10
_CANVAS, _CLEARED = 24, 0x01
_FRAME_HEADER = 16
_METADATA = {b"ICCP": 0x20, b"EXIF": 0x08, b"XMP ": 0x04}
"""The metadata chunks, each with its flag in the header of an extended file."""
_FOR_PIXELS = frozenset({_EXTENDED, b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"})


def is_animation(content: bytes) -> bool:
    """Returns whether a file has frames on a canvas, even if only one."""
    return content[_HEADER_BYTES:][:4] == _EXTENDED and bool(content[_FLAGS] & _ANIMATION)


def with_free_canvas(content: bytes) -> bytes:
    """Returns an animation that leaves some of its canvas free as one that has transparency.

    Browsers show what is behind it. Encoders do not always state transparency where all frames are
    opaque pieces of the canvas, and decoders then give it in black.
    """
    if not is_animation(content) or content[_FLAGS] & _ALPHA:
        return content
    wide, high = (_number(content, at) + 1 for at in (_CANVAS, _CANVAS + 3))
    last: _Place | None = _Place(0, 0, wide, high)
    for chunk in chunks(content, b"ANMF"):
        if len(chunk) < _FRAME_HEADER:
            break
        x, y, width, height = (_number(chunk, at) for at in (0, 3, 6, 9))
        place = _Place(2 * x, 2 * y, 2 * x + width + 1, 2 * y + height + 1)
        if last is not None and not place.covers(last):
            return content[:_FLAGS] + bytes([content[_FLAGS] | _ALPHA]) + content[_FLAGS + 1 :]
        last = place if chunk[_FRAME_HEADER - 1] & _CLEARED else None
    return content


class _Place(NamedTuple):
    """Where a frame is on the canvas."""

    left: int
    top: int
    right: int
    bottom: int

    def covers(self, other: "_Place") -> bool:
        is_before = self.left <= other.left and self.top <= other.top
        return is_before and self.right >= other.right and self.bottom >= other.bottom


def _number(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 3], "little")


def chunks(content: bytes, wanted: bytes) -> Iterator[bytes]:
    """Yields the content of each chunk of a kind."""
    position = _HEADER_BYTES
    while position + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, position)
        if kind == wanted:
            yield content[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def ended(content: bytes) -> bytes | None:
    """Returns a file that is cut short with the sizes that it has; None if it has no frame.

    The frame that is cut is left out of an animation.
    """
    position, last = _HEADER_BYTES, _HEADER_BYTES
    while position + 8 <= len(content):
        (size,) = struct.unpack_from("<I", content, position + 4)
        last, position = position, position + 8 + size + size % 2
    if last < position <= len(content):
        return _with_size(content[:position])
    if content[last : last + 4] == b"ANMF":
        kept = content[:last]
        return _with_size(kept) if b"ANMF" in kept[_HEADER_BYTES:] else None
    rest = len(content) - last - 8
    if rest <= 0:
        return None
    chunk = content[last : last + 4] + struct.pack("<I", rest) + content[last + 8 :]
    return _with_size(content[:last] + chunk + b"\0" * (rest % 2))


def _with_size(content: bytes) -> bytes:
    return content[:4] + struct.pack("<I", len(content) - 8) + content[8:]


def essential(content: bytes) -> bytes | None:
    """Returns the file without truncated or unknown metadata; None if it has none.

    Complete metadata is kept: it states the orientation and the colours. A file in which pixels may
    be missing has nothing that could be left out.
    """
    if not _has_all_pixels(content):
        return None
    kept: list[bytes] = []
    flags = 0
    position = _HEADER_BYTES
    while position + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, position)
        end = position + 8 + size + size % 2
        is_whole = position + 8 + size <= len(content)
        if kind in _FOR_PIXELS or (kind in _METADATA and is_whole):
            kept.append(content[position:end])
            flags |= _METADATA.get(kind, 0)
        position = end
    if kept and kept[0][:4] == _EXTENDED and len(kept[0]) > 8:  # noqa: PLR2004
        others = kept[0][8] & ~sum(_METADATA.values())
        kept[0] = kept[0][:8] + bytes([others | flags]) + kept[0][9:]
    body = b"".join(kept)
    body += b"\0" * (len(body) % 2)
    whole = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    return whole if kept and whole != content else None


def _has_all_pixels(content: bytes) -> bool:
    """Whether no frame is cut, and none can follow: what a cut animation lacks may be frames."""
    position, last = _HEADER_BYTES, b""
    while position + 8 <= len(content):
        last, size = struct.unpack_from("<4sI", content, position)
        lacks = position + 8 + size - len(content)
        if last in _FOR_PIXELS and lacks > 0 and not (lacks == 1 and _is_padded(content, position)):
            return False
        position += 8 + size + size % 2
    (stated,) = struct.unpack_from("<I", content, 4)
    lacks = stated + 8 - len(content)
    return not (is_animation(content) and last in _FOR_PIXELS and lacks > 1)


def _is_padded(content: bytes, position: int) -> bool:
    """Whether what a file has of a frame of an animation ends before a byte of padding."""
    end = position + 8 + _FRAME_HEADER
    while content[position : position + 4] == b"ANMF" and end + 8 <= len(content):
        (size,) = struct.unpack_from("<I", content, end + 4)
        end += 8 + size
        if end == len(content):
            return size % 2 == 1
        end += size % 2
    return False
