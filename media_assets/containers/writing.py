"""Writing of containers whose bytes depend on their content alone: no times, no random numbers."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from media_assets.containers.formats import MediaFormat
from media_assets.errors import ShortWriteError, UnwritableMediaError

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.stream import Stream

StreamType = TypeVar("StreamType", bound="Stream")


class PicturePackets:
    """Packets of pictures on their way into a container.

    The one that is shown last waits, and those that are stored after it: only at the end it is
    known for how long it is shown, which neither an encoder nor every container says.
    """

    def __init__(self, container: "OutputContainer") -> None:
        self._container = container
        self._waiting: list[Packet[Any]] = []

    def write(self, packets: "Iterable[Packet[Any]]") -> None:
        """Writes packets, which have time stamps, in the order in which they are stored."""
        for packet in packets:
            if self._waiting and (packet.pts or 0) > (self._waiting[0].pts or 0):
                self._container.mux(self._waiting)
                self._waiting = []
            self._waiting.append(packet)

    def finish(self, until: int | None = None) -> None:
        """Writes the rest.

        Args:
            until: The time stamp at which the last picture is no longer shown, if that is known.
        """
        if self._waiting and until is not None:
            last = self._waiting[0]
            last.duration = max(until - (last.pts or 0), 0) or last.duration
        self._container.mux(self._waiting)


@contextmanager
def written_media(
    target: Path, name: str, media_format: MediaFormat
) -> Generator["OutputContainer"]:
    """Yields a container that is complete after the block; if the block fails, the file is deleted.

    Args:
        target: The file, which is replaced if it exists.
        name: The format's name, for errors.
        media_format: The format.

    Raises:
        UnwritableMediaError: The format cannot hold the streams.
        ShortWriteError: The disk is full.
        OSError: The file cannot be written.
    """
    import av
    from av.error import FFmpegError

    options = {"fflags": "+bitexact", **media_format.muxer_options}
    try:
        address = f"file:{target.absolute()}"  # A name is never taken for another address.
        with av.open(
            address, "w", format=media_format.muxer, container_options=options
        ) as container:
            yield container
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, FFmpegError) and not isinstance(error, OSError):
            fix = "Choose another `format=` or codec."
            raise UnwritableMediaError(name, error.strerror or str(error), fix=fix) from error
        raise
    if not target.stat().st_size:
        raise ShortWriteError(str(target))


def copied_stream(container: "OutputContainer", source: StreamType, name: str) -> StreamType:
    """Returns a new stream for packets that are copied from another.

    Raises:
        UnwritableMediaError: The format cannot hold its codec.
    """
    try:
        stream = container.add_stream_from_template(source, opaque=True)
    except ValueError as error:
        fix = "Choose another `format=`, or let it be encoded again with `codec`."
        raise UnwritableMediaError(name, str(error), fix=fix) from error
    if source.codec_context.name == "hevc" and name in {"mp4", "mov"}:
        stream.codec_context.codec_tag = "hvc1"  # FFmpeg's own name is refused by Apple's players.
    return stream
