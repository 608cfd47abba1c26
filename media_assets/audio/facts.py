"""What an audio file is, from its header and its first samples."""

from dataclasses import dataclass
from pathlib import Path

from media_assets.audio.streams import Sound, first_piece, sound_of
from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import open_media


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """The facts of an audio file.

    Attributes:
        format: The container that the content shows: `m4a`, `mp3`, `wav`, `flac`, `ogg`, ...
        size_bytes: The file's size.
        duration: Seconds, as the header says; None if it does not.
        sample_rate: Samples per second of one channel.
        channels: How many channels it has.
        codec: `aac`, `mp3`, `pcm_s16le`, ...
    """

    format: str
    size_bytes: int
    duration: float | None
    sample_rate: int
    channels: int
    codec: str


def inspect(path: Path, limits: MediaLimits | None = None) -> AudioFacts:
    """Returns the facts of an audio file, after decoding its first samples.

    Args:
        path: A local file.
        limits: The limits on it; the default limits if not given.

    Raises:
        UnreadableMediaError: The file holds no sound, or pictures too, is damaged, or exceeds the
            limits.
        MissingExtraError: PyAV is not installed.
        OSError: The file cannot be read.
    """
    with open_media(path, limits or MediaLimits()) as opened:
        sound = sound_of(opened)
        piece = first_piece(sound)
        return AudioFacts(
            format=opened.format,
            size_bytes=opened.size_bytes,
            duration=opened.seconds,
            sample_rate=piece.sample_rate,
            channels=piece.layout.nb_channels,
            codec=sound.codec,
        )


def sound_codec(path: Path, limits: MediaLimits) -> str:
    """Returns the codec of the sound of a file, which may be a video; only its header is read.

    Raises:
        UnreadableMediaError: The file holds no sound, is damaged, or exceeds the limits.
    """
    with open_media(path, limits) as opened:
        return Sound(opened).codec
