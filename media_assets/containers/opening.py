"""Safe opening of containers: one local file, one format, known codecs, within limits."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from media_assets.containers.codecs import DECODERS
from media_assets.containers.lengths import check_samples, missing_bytes, shown_seconds
from media_assets.containers.limits import MediaLimits
from media_assets.containers.recognition import FIRST_BYTES, demuxer_of, describe, recognize
from media_assets.errors import (
    EmptyMediaError,
    UndecodableMediaError,
    UnsupportedMediaError,
)
from media_assets.optional_packages import require_extra

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Made = TypeVar("Made")


class Rational(Protocol):
    """A number as PyAV gives it: a `Fraction` in version 18, a type of its own since."""

    @property
    def numerator(self) -> int:
        """The number above the line."""
        ...

    @property
    def denominator(self) -> int:
        """The number below the line."""
        ...


_DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,wav,aiff,flac,ogg,mpeg,mpegts,mp3,aac"
_SECONDS_TO_OPEN = 60.0
_TOLERANCE = 0.01
"""Seconds; headers round."""
_MOST_PIXELS = 2**31 - 1
"""As many as FFmpeg can count."""

_INDEXED = {"mp4", "mov", "m4a", "mkv", "webm", "avi", "wav", "aiff"}
_NOTHING_DECODED = {"threads": "1", "skip_frame": "all"}
_DESCRIBED = {"mov"}
"""Headers of these say all of a stream but its pixel format, so no frame is decoded for it.

Those of Matroska do not say when the first frame is shown, which FFmpeg then gets wrong.
"""


class OpenedMedia:
    """A container with only its header read; `open_media` makes and closes it.

    Attributes:
        path: The file.
        format: Its container, such as `mp4`.
        size_bytes: The file's size.
        container: As PyAV opened it.
        limits: The limits on it.
        deadline: When the work on it has taken too long.
    """

    def __init__(
        self,
        path: Path,
        media_format: str,
        size_bytes: int,
        container: "InputContainer",
        limits: MediaLimits,
    ) -> None:
        self.path, self.format, self.size_bytes = path, media_format, size_bytes
        self.container, self.limits = container, limits
        self.deadline = limits.deadline()

    @property
    def video(self) -> "VideoStream | None":
        """The first stream of pictures; None if there is none. Cover art is not one."""
        return next((each for each in self.container.streams.video if not _is_cover(each)), None)

    @property
    def audio(self) -> "AudioStream | None":
        """The first stream of sound; None if there is none."""
        return next(iter(self.container.streams.audio), None)

    @property
    def is_seekable(self) -> bool:
        """Whether its index says exactly where a time is, so that nothing is missed on the way."""
        return self.format in _INDEXED

    @property
    def seconds(self) -> float | None:
        """The duration that the header gives; None if it gives none."""
        duration = self.container.duration
        if duration is None or duration < 0:
            return None
        if demuxer_of(self.format) == "matroska":  # It gives the time of the end.
            duration -= max(self.container.start_time or 0, 0)
        seconds = max(duration, 0) / 1_000_000
        if demuxer_of(self.format) == "mov" and self.video is not None:
            # FFmpeg adds up the times between packets, of which the last may be shown much later.
            shown = shown_seconds(self.path)
            return shown if shown > seconds + _TOLERANCE else seconds
        return seconds

    def packets(self, *streams: "Stream") -> Iterator["Packet[Any]"]:
        """Yields the packets of streams in the order of the file, and one empty one of each.

        Raises:
            UndecodableMediaError: The file is damaged.
            MediaTooSlowError: The work on it has taken too long.
        """
        following = partial(next, self.container.demux(*streams), None)
        while True:
            packet = self.tried(following)
            if packet is None:
                return
            self.deadline.check()
            yield packet

    def pictures(self, packet: "Packet[Any]") -> list["VideoFrame"]:
        """Returns the pictures that a packet completes.

        Raises:
            UndecodableMediaError: The packet is damaged.
        """
        if not packet.size and packet.pts is not None:
            return []  # Theora and AVI: the last picture is shown on.
        frames: list[VideoFrame] = self.tried(packet.decode)  # pyright: ignore[reportAssignmentType]  # of a video stream
        return self.checked(frames, packet)

    def checked(
        self, frames: list["VideoFrame"], packet: "Packet[Any] | None" = None
    ) -> list["VideoFrame"]:
        """Returns the frames of a packet if they are undamaged and within the limits."""
        for frame in frames:
            self.limits.check("pixels", frame.width * frame.height)
            if frame.is_corrupt:
                where = "" if packet is None else _at(packet)
                raise UndecodableMediaError(self.format, f"a picture{where} is damaged")
        return frames

    def sounds(self, packet: "Packet[Any]") -> list["AudioFrame"]:
        """Returns the pieces of sound that a packet completes.

        Raises:
            UndecodableMediaError: The packet is damaged.
        """
        return self.tried(packet.decode)  # pyright: ignore[reportReturnType]  # of an audio stream

    def seek(self, stream: "Stream", position: int) -> bool:
        """Goes to the last place before a time stamp where decoding can begin, if that works."""
        from av.error import FFmpegError

        try:
            self.container.seek(position, stream=stream)
        except FFmpegError:
            return False
        return True

    def tried(self, work: Callable[[], Made]) -> Made:
        """Returns the result of some work, with the decoder's errors as ours."""
        from av.error import FFmpegError

        try:  # Not `_told`: this runs for every packet.
            return work()
        except FFmpegError as error:
            raise UndecodableMediaError(self.format, _reason(error)) from error


@contextmanager
def open_media(path: Path, limits: MediaLimits, *, to_copy: bool = False) -> Generator[OpenedMedia]:
    """Opens a local file; nothing but this file is read, and it is closed after the block.

    The format is determined by the content, never by a name, and given to FFmpeg by name. Only
    local files may be opened, only with the formats and codecs of our lists.

    Args:
        path: A path, never a URL.
        limits: The limits on the file.
        to_copy: Whether its packets will be copied, for which more must be known of its streams.

    Raises:
        EmptyMediaError: The file has no bytes.
        UnsupportedMediaError: It is not video or audio.
        UndecodableMediaError: Its header is damaged, or it ends early.
        MediaTooLargeError: It exceeds `limits` in bytes or samples.
        MissingExtraError: PyAV is not installed.
        OSError: The file cannot be read.
    """
    path = path.absolute()
    media_format, size = _identify(path, limits)
    demuxer = demuxer_of(media_format)
    if demuxer == "matroska":  # A look at its header alone, before a frame is decoded.
        with _container(path, media_format, _NOTHING_DECODED) as container:
            for stream in container.streams.video:
                limits.check("pixels", stream.width * stream.height)
    is_described = demuxer in _DESCRIBED and not to_copy
    max_pixels = str(min(limits.max_pixels, _MOST_PIXELS))
    limited = {"threads": "1", "max_pixels": max_pixels}
    probing = _NOTHING_DECODED if is_described else limited
    with _container(path, media_format, probing) as container:
        for stream in container.streams:
            if stream.type in {"video", "audio"} and stream.codec_context:  # pyright: ignore[reportUnnecessaryComparison]  # None without a decoder
                # One thread: others are busy with other files, and errors come at their packet.
                stream.codec_context.thread_count = 1
                stream.codec_context.thread_type = "NONE"
                stream.codec_context.options = {"max_pixels": max_pixels}
        yield OpenedMedia(path, media_format, size, container, limits)


def _container(path: Path, media_format: str, probing: Mapping[str, str]) -> "InputContainer":
    """Returns a file as PyAV opened it, with these options for whatever decodes its header."""
    with require_extra("video", "Video and audio"):
        import av
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": _DEMUXERS,
        "codec_whitelist": ",".join(DECODERS),
    }
    demuxer = demuxer_of(media_format)
    if demuxer == "mov":
        options["enable_drefs"] = "0"
    with _told(media_format):
        return av.open(
            f"file:{path}",
            "r",
            format=demuxer,
            options=dict(probing),
            container_options=options,
            timeout=_SECONDS_TO_OPEN,
        )


def first_bytes_of(path: Path) -> tuple[bytes, int]:
    """Returns a file's first bytes and its size.

    Raises:
        OSError: It cannot be read.
        UnsupportedMediaError: It is not a regular file, but a device or a pipe.
    """
    if not S_ISREG(path.stat().st_mode):
        found, fix = "no bytes of its own: it is a folder, device or pipe", "Name a file."
        raise UnsupportedMediaError(found, formats=["regular files"], fix=fix)
    with path.open("rb") as file:
        return file.read(FIRST_BYTES), path.stat().st_size


def seconds_of(stamp: int | None, time_base: Rational | None) -> float | None:
    """Returns a time stamp in seconds; None if either is unknown."""
    if stamp is None or time_base is None:
        return None
    return stamp * time_base.numerator / time_base.denominator


def time_base_of(stream: "Stream") -> Fraction:
    """Returns the unit of a stream's time stamps in seconds; 1 if it is unknown."""
    return as_fraction(stream.time_base) or Fraction(1)


def as_fraction(number: Rational | None) -> Fraction | None:
    """Returns a number of PyAV, whose type depends on its version; None for 0 and None."""
    return Fraction(number.numerator, number.denominator) if number else None


def _identify(path: Path, limits: MediaLimits) -> tuple[str, int]:
    first_bytes, size = first_bytes_of(path)
    limits.check("bytes", size)
    if not size:
        kind = "video or audio"
        raise EmptyMediaError(kind)
    media_format = recognize(first_bytes)
    if media_format is None:
        found, fix = describe(first_bytes)
        raise UnsupportedMediaError(found, formats=_ACCEPTED, fix=fix)
    if missing := missing_bytes(path, media_format, size):
        reason = f"it ends early: {missing:,} bytes are missing after {size:,}"
        raise UndecodableMediaError(media_format, reason)
    check_samples(path, media_format, size, limits)
    return media_format, size


_ACCEPTED = ("mp4", "mov", "mkv", "webm", "avi", "ts", "mpg", "ogg", "m4a", "mp3", "wav", "flac")


@contextmanager
def _told(media_format: str) -> Generator[None]:
    """Turns the decoder's errors in the block into ours."""
    from av.error import FFmpegError

    try:
        yield
    except FFmpegError as error:
        raise UndecodableMediaError(media_format, _reason(error)) from error


def _reason(error: Exception) -> str:
    if "Invalid data" in str(error):
        return "data is missing, damaged or not of this format"
    text = str(getattr(error, "strerror", None) or error)
    return text[:1].lower() + text[1:]


def _is_cover(stream: "VideoStream") -> bool:
    from av.stream import Disposition

    stills = Disposition.attached_pic | Disposition.timed_thumbnails
    return bool(stream.disposition & stills)


def _at(packet: "Packet[Any]") -> str:
    seconds = seconds_of(packet.pts, packet.time_base)
    return "" if seconds is None else f" near {seconds:.3f} s"
