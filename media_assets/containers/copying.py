"""Copying of packets from one container into another, without decoding them."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from media_assets.containers.opening import OpenedMedia, as_fraction, time_base_of
from media_assets.containers.writing import PicturePackets, copied_stream
from media_assets.errors import UndecodableMediaError

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.stream import Stream

_ROUNDED = Fraction(1, 1000)
"""Units of time stamps; rounding is always less."""
_MOST_WAITING = 16
"""No codec stores a frame further from its place."""


def copy_packets(
    opened: OpenedMedia,
    stream: "Stream",
    container: "OutputContainer",
    name: str,
    *,
    start: Fraction | None,
    end: Fraction | None,
    earlier: Fraction,
) -> Iterator[float]:
    """Adds a stream, then copies packets into it, and yields the time of each there.

    Args:
        opened: The source, at its beginning.
        stream: The stream to copy.
        container: The new container.
        name: The new container's format, for errors.
        start: The first time stamp to copy, in seconds as in the source; None for the first.
        end: Frames shown at it or later are left out, except those that earlier ones refer to.
        earlier: Seconds to take from all time stamps.

    Raises:
        UnwritableMediaError: The format cannot hold the stream.
        UndecodableMediaError: The source is damaged.
    """
    base = time_base_of(stream)
    copy, shift = copied_stream(container, stream, name), round(earlier / base)
    yield 0.0
    if start is not None and opened.is_seekable:
        opened.seek(stream, round(start / base))
    first = None if start is None else _stamp_from(start, base)
    last = None if end is None else _stamp_from(end, base)
    after_end: list[Packet[Any]] = []
    is_cut = False
    pictures = PicturePackets(container) if stream.type == "video" else None
    for shown, decoded, packet in _timed(opened, stream, base):
        if last is not None and decoded >= last:
            is_cut = True
            break
        if first is not None and shown < first:
            continue
        after_end.append(packet)
        if last is None or shown < last:  # It may refer to frames that are shown after it.
            last = last and max(last, *(each.pts or 0 for each in after_end))
            for each in after_end:
                _move(each, copy, shift)
            if pictures:
                opened.tried(partial(pictures.write, after_end))
            else:
                opened.tried(partial(container.mux, after_end))
            after_end = []
            yield (decoded - shift) * float(base)
    if pictures:
        until = last - shift if is_cut and last is not None else None
        opened.tried(partial(pictures.finish, until))


def _stamp_from(seconds: Fraction, base: Fraction) -> int:
    """Returns the first time stamp at or after a time, which may be rounded to a number of Python.

    >>> _stamp_from(Fraction(3.6), Fraction(1, 10))
    36
    """
    return ceil(seconds / base - _ROUNDED)


def _timed(
    opened: OpenedMedia, stream: "Stream", base: Fraction
) -> Iterator[tuple[int, int, "Packet[Any]"]]:
    """Yields packets with the time stamps at which they are shown and decoded.

    MKV and WebM say only when a frame is shown. Where frames are stored in another order, FFmpeg
    knows from the third or so on when it is decoded; the first ones are decoded just before.
    """
    rate = as_fraction(getattr(stream, "average_rate", None))
    step = max(round(1 / rate / base), 1) if rate else 1
    waiting: list[Packet[Any]] = []
    for packet in opened.packets(stream):
        if not packet.size:
            continue
        if packet.pts is None:
            packet.pts = packet.dts
        if packet.pts is None:
            reason = "a packet without a time stamp cannot be copied"
            raise UndecodableMediaError(opened.format, reason)
        if packet.dts is None and len(waiting) < _MOST_WAITING:
            waiting.append(packet)
            continue
        known = packet.pts if packet.dts is None else packet.dts
        for before, each in zip(range(len(waiting), 0, -1), waiting, strict=True):
            each.dts = known - before * step
            yield each.pts or 0, each.dts, each
        waiting = []
        packet.dts = known
        yield packet.pts, known, packet
    for each in waiting:
        each.dts = each.pts
        yield each.pts or 0, each.pts or 0, each


def _move(packet: "Packet[Any]", stream: "Stream", shift: int) -> None:
    packet.pts = None if packet.pts is None else packet.pts - shift
    packet.dts = None if packet.dts is None else packet.dts - shift
    packet.stream = stream


def interleave(*writers: Iterator[float]) -> int:
    """Lets writers of one container take turns, so that none is far ahead of the others.

    Args:
        writers: Each adds its stream when it is first asked for the time that it has reached, and
            writes a little whenever it is asked again.

    Returns:
        How many times something was written.
    """
    reached = {writer: next(writer, inf) for writer in writers}
    turns = 0
    while reached:
        writer = min(reached, key=reached.__getitem__)
        time = next(writer, None)
        if time is None:
            del reached[writer]
        else:
            reached[writer] = time
            turns += 1
    return turns
