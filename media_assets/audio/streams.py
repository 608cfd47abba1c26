"""The stream of sound of an opened file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from media_assets.containers.codecs import AUDIO_CODECS, checked_codec
from media_assets.containers.opening import OpenedMedia, seconds_of
from media_assets.errors import UndecodableMediaError, UnsupportedMediaError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream

AUDIO_FORMATS = ("m4a", "mp3", "wav", "flac", "ogg", "aac", "aiff", "mp4", "mov", "mkv", "webm")
_PICTURES = (
    "Insert it into a table of videos, and take its sound in a column: `source_video.audio()`."
)


class Sound:
    """The sound of an opened file.

    Attributes:
        opened: The file.
        stream: Its first stream of sound.
        codec: The codec's usual name.
        origin: The time stamp of the time 0.

    Raises:
        UnsupportedMediaError: The file has no sound.
        UnsupportedCodecError: It is in a codec that is not decoded.
        MediaTooLargeError: It exceeds the limits in channels or seconds.
    """

    def __init__(self, opened: OpenedMedia) -> None:
        if opened.audio is None:
            found, fix = f"{opened.format} without sound", "Upload a file with sound."
            raise UnsupportedMediaError(found, formats=AUDIO_FORMATS, fix=fix)
        self.opened = opened
        self.stream: AudioStream = opened.audio
        self.codec = checked_codec(self.stream, AUDIO_CODECS)
        opened.limits.check("channels", self.stream.codec_context.channels)
        opened.limits.check("seconds", opened.seconds or 0)
        self.origin = self.stream.start_time or 0

    def seconds(self, stamp: int) -> float:
        """Returns the time of a time stamp in seconds after the start."""
        return seconds_of(stamp - self.origin, self.stream.time_base) or 0.0

    def frames(self) -> Iterator["AudioFrame"]:
        """Yields the sound piece by piece, from where the file is.

        Raises:
            UndecodableMediaError: The file is damaged.
        """
        following: int | None = None
        for packet in self.opened.packets(self.stream):
            for frame in self.opened.sounds(packet):
                begin = following if frame.pts is None else frame.pts
                # FLAC leaves out damaged frames without a word, and numbers the others.
                if self.opened.format == "flac" and following not in {None, begin}:
                    reason = f"the samples at {self.seconds(following or 0):.3f} s are missing"
                    raise UndecodableMediaError(self.opened.format, reason)
                following = None if begin is None else begin + frame.samples
                yield frame


def sound_of(opened: OpenedMedia) -> Sound:
    """Returns the sound of a file that holds nothing else but a cover.

    Raises:
        UnsupportedMediaError: It is a video, or has no sound.
    """
    if opened.video is not None:
        found = f"a video ({opened.format})"
        raise UnsupportedMediaError(found, formats=AUDIO_FORMATS, fix=_PICTURES)
    return Sound(opened)


def first_piece(sound: Sound) -> "AudioFrame":
    """Returns the first piece of sound of a file that is at its beginning.

    Raises:
        UndecodableMediaError: It has none.
    """
    found = next((each for each in sound.frames() if each.samples), None)
    if found is None:
        reason = "it holds no samples"
        raise UndecodableMediaError(sound.opened.format, reason)
    return found
