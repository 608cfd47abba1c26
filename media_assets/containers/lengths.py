"""The lengths that a container says it has, in bytes, samples and seconds.

Only headers are read. A decoder would notice that a file was cut only at its end, if at all.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from media_assets.containers.limits import MediaLimits

_MOST_BOXES = 1_000_000
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_UNKNOWN_RIFF = 0x7FFF_FFF0
"""Programs that cannot go back to write the length leave such a number or a larger one."""
_HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_DEEPEST = 6
_BOX_BYTES = 40
"""Enough for a box's header and the numbers at its beginning."""


def missing_bytes(path: Path, container: str, size: int) -> int:
    """Returns how many bytes a file lacks of what its container says; 0 if none or unknown."""
    read = _READERS.get(container)
    if read is None:
        return 0
    with path.open("rb") as file:
        return max(read(file, size) - size, 0)


def check_samples(path: Path, container: str, size: int, limits: MediaLimits) -> None:
    """Refuses an MP4 or MOV file whose header gives more samples than the limit.

    A decoder makes a table of them before anything can be asked: a file of 1 KB can take 24 GB.

    Raises:
        MediaTooLargeError: A stream has more samples than the limit.
    """
    if container not in {"mp4", "mov", "m4a"}:
        return
    with path.open("rb") as file:
        found = _most_samples(file, 0, size, 0)
    limits.check("frames", found)


def _most_samples(file: BinaryIO, start: int, end: int, depth: int) -> int:
    """Returns the largest number of samples that a stream says it has."""
    most, is_uncompressed = 0, False
    for kind, head, inside, stop in _boxes(file, start, end):
        if kind in _HOLDERS and depth < _DEEPEST:
            most = max(most, _most_samples(file, inside, stop, depth + 1))
        elif kind == b"stsz":
            most = struct.unpack_from(">I", head, 16)[0]
        elif kind == b"stts":  # One sample per tick: sound that is counted in blocks instead.
            entries, _, ticks = struct.unpack_from(">III", head, 12)
            is_uncompressed = entries == 1 and ticks == 1
    return 0 if is_uncompressed else most


def shown_seconds(path: Path) -> float:
    """Returns how long an MP4 or MOV file is shown, as its header says; 0 if it does not.

    It is what the header gives for the whole, if one of the streams is as long.
    """
    with path.open("rb") as file:
        wholes, streams = _seconds(file, 0, path.stat().st_size, 0)
    return min(max(wholes, default=0.0), max(streams, default=0.0))


def _seconds(
    file: BinaryIO, start: int, end: int, depth: int
) -> tuple[Sequence[float], Sequence[float]]:
    """Returns the durations of the whole and of the streams."""
    wholes, streams = list[float](), list[float]()
    for kind, head, inside, stop in _boxes(file, start, end):
        if kind in _HOLDERS and depth < _DEEPEST:
            of_whole, of_streams = _seconds(file, inside, stop, depth + 1)
            wholes += of_whole
            streams += of_streams
        elif kind in {b"mvhd", b"mdhd"}:
            form, at, unknown = (">IQ", 28, 2**64 - 1) if head[8] == 1 else (">II", 20, 2**32 - 1)
            scale, ticks = struct.unpack_from(form, head, at)
            is_known = scale and ticks != unknown
            (wholes if kind == b"mvhd" else streams).append(ticks / scale if is_known else 0.0)
    return wholes, streams


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Yields boxes with their kinds, first bytes, and where their content begins and ends."""
    for _ in range(_MOST_BOXES):
        file.seek(start)
        head = file.read(_BOX_BYTES).ljust(_BOX_BYTES, b"\0")
        length = _box_length(head, end - start)
        if start + 8 > end or length < len(head[:8]):
            return
        yield head[4:8], head, start + 8, min(start + length, end)
        start += length


def _box_length(head: bytes, rest: int) -> int:
    (length,) = struct.unpack_from(">I", head)
    if length == 0:
        return rest
    return struct.unpack_from(">Q", head, 8)[0] if length == 1 else length


def _iso_length(file: BinaryIO, size: int) -> int:
    """Returns where the last box of an MP4 or MOV file ends."""
    end = 0
    for _ in range(_MOST_BOXES):
        if end + 8 > size:
            break
        file.seek(end)
        head = file.read(16).ljust(16, b"\0")
        length = _box_length(head, size - end)
        if length < len(head[:8]) or not head[4:8].isascii():
            break  # Something follows that is not a box.
        end += length
    return end


def _riff_length(file: BinaryIO, _: int) -> int:
    head = file.read(8)
    (length,) = struct.unpack_from("<I", head, 4)
    is_known = head[:4] == b"RIFF" and 0 < length < _UNKNOWN_RIFF
    return length + 8 if is_known else 0


def _ebml_length(file: BinaryIO, _: int) -> int:
    """Returns where the segment of a Matroska or WebM file ends; 0 if it is not said."""
    head = file.read(4096)
    size, start = _ebml_size(head, len(_EBML))
    segment = start + (size or 0)
    if head[segment : segment + len(_SEGMENT)] != _SEGMENT:
        return 0
    length, inside = _ebml_size(head, segment + len(_SEGMENT))
    return 0 if length is None else inside + length


def _ebml_size(head: bytes, position: int) -> tuple[int | None, int]:
    """Returns a size and the position after it; the size is None if it is unknown."""
    first = head[position]
    width = 9 - first.bit_length()
    number = int.from_bytes(head[position : position + width]) & ((1 << 7 * width) - 1)
    is_unknown = number == (1 << 7 * width) - 1
    return None if is_unknown else number, position + width


_READERS: Mapping[str, Callable[[BinaryIO, int], int]] = {
    "mp4": _iso_length,
    "mov": _iso_length,
    "m4a": _iso_length,
    "avi": _riff_length,
    "wav": _riff_length,
    "webm": _ebml_length,
    "mkv": _ebml_length,
}
