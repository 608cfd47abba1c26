"""Copying of packets from one container into another, without decoding them."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from media_assets.containers.opening import OpenedMedia
from media_assets.containers.writing import copied_stream
from media_assets.errors import UndecodableMediaError

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.stream import Stream


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
        end: Copying ends where packets are decoded at or after it; None for all.
        earlier: Seconds to take from all time stamps.

    Raises:
        UnwritableMediaError: The format cannot hold the stream.
        UndecodableMediaError: The source is damaged.
    """
    base = stream.time_base or Fraction(1, 1)
    copy, shift = copied_stream(container, stream, name), round(earlier / base)
    yield 0.0
    if start is not None:
        opened.seek(stream, round(start / base))
    after_end: list[Packet[Any]] = []
    for packet in opened.packets(stream):
        if not packet.size:
            continue
        shown = packet.pts if packet.pts is not None else packet.dts
        if shown is None:
            reason = "a packet without a time stamp cannot be copied"
            raise UndecodableMediaError(opened.format, reason)
        decoded = packet.dts if packet.dts is not None else shown
        if end is not None and decoded * base >= end:
            return
        if start is not None and shown * base < start:
            continue
        packet.pts, packet.dts = shown - shift, decoded - shift
        packet.stream = copy
        after_end.append(packet)
        if end is None or shown * base < end:  # It may refer to those that are shown later.
            opened.tried(partial(container.mux, after_end))
            after_end = []
            yield float((decoded - shift) * base)


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
