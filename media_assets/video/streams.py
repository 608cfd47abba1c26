"""The stream of pictures of an opened file, with its clock."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from media_assets.containers.codecs import VIDEO_CODECS, checked_codec
from media_assets.containers.opening import OpenedMedia, seconds_of
from media_assets.errors import UnsupportedMediaError

if TYPE_CHECKING:
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
        fps: Pictures per second on average; None if unknown.

    Raises:
        UnsupportedMediaError: The file has no pictures.
        UnsupportedCodecError: They are in a codec that is not decoded.
        MediaTooLargeError: They exceed the limits in pixels, or the file in seconds.
    """

    def __init__(self, opened: OpenedMedia) -> None:
        if opened.video is None:
            raise UnsupportedMediaError(
                f"{opened.format} without moving pictures", formats=VIDEO_FORMATS, fix=_SOUND
            )
        self.opened = opened
        self.stream: VideoStream = opened.video
        self.codec = checked_codec(self.stream, VIDEO_CODECS)
        opened.limits.check("pixels", self.stream.width * self.stream.height)
        opened.limits.check("seconds", opened.seconds or 0)
        self.origin = self.stream.start_time
        rate = self.stream.average_rate or self.stream.guessed_rate
        self.fps = float(rate) if rate else None

    def seconds(self, stamp: int) -> float:
        """Returns the time of a time stamp in seconds after the time 0."""
        return seconds_of(stamp - (self.origin or 0), self.stream.time_base) or 0.0

    def stamp(self, seconds: float) -> int:
        """Returns the time stamp of a time."""
        base = self.stream.time_base
        return (self.origin or 0) + (round(seconds / base) if base else 0)


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
