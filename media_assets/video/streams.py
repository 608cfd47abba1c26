"""The stream of pictures of an opened file, with its clock."""

from collections import deque
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assets.containers.codecs import VIDEO_CODECS, checked_codec
from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import (
    OpenedMedia,
    as_fraction,
    open_media,
    time_base_of,
)
from media_assets.errors import MediaTimeError, UnsupportedMediaError

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_SOUND = "Insert it into a table of audio if it holds sound, of images if it holds a picture."
VIDEO_FORMATS = ("mp4", "mov", "mkv", "webm", "avi", "ts", "mpg", "ogg")


class Pictures:
    """The pictures of an opened file.

    Attributes:
        opened: The file.
        stream: Its first stream of pictures that is not cover art.
        codec: The codec's usual name.
        origin: The time stamp of the time 0; None if the header does not say.
        rate: Frames per second on average, exactly; None if unknown.
        fps: Frames per second on average; None if unknown.

    Raises:
        UnsupportedMediaError: The file has no pictures.
        UnsupportedCodecError: They are in a codec that is not decoded.
        MediaTooLargeError: They exceed the limits in pixels, or the file in seconds.
    """

    def __init__(self, opened: OpenedMedia) -> None:
        if opened.video is None:
            found = f"{opened.format} without moving pictures"
            raise UnsupportedMediaError(found, formats=VIDEO_FORMATS, fix=_SOUND)
        self.opened = opened
        self.stream: VideoStream = opened.video
        self.codec = checked_codec(self.stream, VIDEO_CODECS)
        opened.limits.check("pixels", self.stream.width * self.stream.height)
        opened.limits.check("seconds", opened.seconds or 0)
        self.origin = self.stream.start_time
        self.rate = as_fraction(self.stream.average_rate or self.stream.guessed_rate)
        self.fps = float(self.rate) if self.rate else None
        self._unit = as_fraction(self.stream.time_base) or Fraction(0)  # each question makes one
        self._decoding: deque[int | None] = deque()

    def seek(self, seconds: float) -> bool:
        """Goes to the last key frame before a time, as far as the file knows, if that works."""
        self._decoding.clear()
        return self.opened.seek(self.stream, self.stamp(seconds))

    def decoded(self, packet: "Packet[Any]") -> list[tuple[int | None, "VideoFrame"]]:
        """Returns the frames that a packet completes, each with its time stamp.

        AVI knows only when packets are decoded: the first frame out is shown when the first packet
        was decoded, and so on.

        Raises:
            UndecodableMediaError: The packet is damaged.
        """
        frames = self.opened.pictures(packet)
        if self.opened.format != "avi":
            return [(frame.pts, frame) for frame in frames]
        if packet.size:
            self._decoding.append(packet.dts)
        return [(self._decoding.popleft() if self._decoding else None, each) for each in frames]

    def seconds(self, stamp: int) -> float:
        """Returns the time of a time stamp in seconds after the time 0."""
        return (stamp - (self.origin or 0)) * self._unit.numerator / self._unit.denominator

    def stamp(self, seconds: float) -> int:
        """Returns the time stamp of a time."""
        return (self.origin or 0) + round(seconds / time_base_of(self.stream))


class Clock:
    """The times of pictures in the order in which they are shown; they only increase.

    A picture without a time stamp, or with one that goes back, comes one frame after the last.

    Example:
        >>> clock = Clock(lambda stamp: stamp / 10, fps=5)
        >>> [clock.time(stamp) for stamp in (0, None, 3, 1)]
        [0.0, 0.2, 0.3, 0.5]
    """

    def __init__(self, seconds_of_stamp: Callable[[int], float], fps: float | None) -> None:
        self._seconds = seconds_of_stamp
        self._step = 1 / fps if fps else 1 / 25
        self._last: float | None = None

    def time(self, stamp: int | None) -> float:
        """Returns the time of the next picture in seconds."""
        time = None if stamp is None else self._seconds(stamp)
        if self._last is None:
            self._last = time or 0.0
        elif time is None or time <= self._last:
            self._last += self._step
        else:
            self._last = time
        return self._last


def key_before(path: Path, seconds: float, limits: MediaLimits) -> Fraction:
    """Returns where the last key frame at or before a time is, in seconds of the time stamps.

    Raises:
        MediaTimeError: There is no frame at or after the time.
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    for can_seek in (True, False):
        with open_media(path, limits) as opened:
            pictures = Pictures(opened)
            wanted = pictures.stamp(seconds)
            if can_seek and not pictures.seek(seconds):
                continue
            found = _last_key(pictures, wanted)
            if found is not None:
                return found * time_base_of(pictures.stream)
            length = opened.seconds
    raise MediaTimeError(seconds, medium="video", duration=length)


def _last_key(pictures: Pictures, wanted: int) -> int | None:
    """Returns the time stamp of the last key frame at or before a time, of those that follow."""
    found, latest = None, 0
    for packet in pictures.opened.packets(pictures.stream):
        stamp = packet.pts
        if stamp is None:
            continue
        if packet.is_keyframe and stamp <= wanted:
            found = stamp
        latest = max(latest, stamp + (packet.duration or 0))
        if packet.dts is not None and packet.dts >= wanted:
            return found
    return found if latest > wanted else None


def key_times(path: Path, limits: MediaLimits) -> tuple[list[float], float]:
    """Returns when key frames are shown, in their order, and when the last frame ends.

    Both are seconds after the start; nothing is decoded.

    Raises:
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    with open_media(path, limits) as opened:
        pictures = Pictures(opened)
        keys: list[float] = []
        end = opened.seconds or 0.0
        for packet in opened.packets(pictures.stream):
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is None or not packet.size:
                continue
            if packet.is_keyframe:
                keys.append(pictures.seconds(stamp))
                limits.check("frames", len(keys))
            end = max(end, pictures.seconds(stamp + (packet.duration or 0)))
        return sorted(keys), end


def begins_hidden(path: Path, limits: MediaLimits) -> bool:
    """Returns whether a video begins with frames that are not shown, as one cut without encoding.

    Raises:
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    with open_media(path, limits) as opened:
        first = next(opened.packets(Pictures(opened).stream), None)
        return first is not None and first.is_discard
