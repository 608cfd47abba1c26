"""What every kind of media offers, for sound."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from media_assets.audio.facts import AudioFacts, inspect
from media_assets.audio.formats import EXTENSIONS, FORMATS, check_options
from media_assets.audio.handle import Audio
from media_assets.audio.streams import AUDIO_FORMATS
from media_assets.audio.waveform import draw_waveform
from media_assets.containers import recognition
from media_assets.containers.limits import MediaLimits

__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "LIMITS",
    "Audio",
    "AudioFacts",
    "check_options",
    "inspect",
    "recognize",
    "thumbnail",
    "write",
]


LIMITS = MediaLimits


def recognize(first_bytes: bytes) -> str | None:
    """Returns the container that the first bytes show, if it can hold sound; else None.

    Whether it holds nothing else is known only when it is opened, by `inspect`.

    Example:
        >>> recognize(b"RIFF....WAVEfmt "), recognize(b"RIFF....AVI LIST")
        ('wav', None)
    """
    found = recognition.recognize(first_bytes)
    return found if found in AUDIO_FORMATS else None


def write(
    source: Audio | str | Path,
    target: Path,
    media_format: str,
    save_options: Mapping[str, object] | None = None,
    *,
    limits: MediaLimits | None = None,
) -> AudioFacts:
    """Writes sound in an output format, and returns the facts of what was written.

    Args:
        source: Sound with its edits, or a file.
        target: The new file, of any name.
        media_format: One of `FORMATS`.
        save_options: Its options.
        limits: The limits on a file that is given by its path, and on the result.

    Raises:
        OutputFormatError: The format or an option is not valid.
        UnreadableMediaError: The source holds no sound, is damaged, or exceeds the limits.
        UnwritableMediaError: The format cannot hold it.
        OSError: A file cannot be read or written.
    """
    check_options(media_format, save_options)
    audio = source if isinstance(source, Audio) else Audio(source, limits=limits)
    audio.write(target, format=media_format, save_options=save_options)
    return inspect(target, limits)


def thumbnail(path: Path, size: tuple[int, int], limits: MediaLimits | None = None) -> Image.Image:
    """Returns a small picture of the sound: its waveform.

    Raises:
        UnreadableMediaError: The file holds no sound, is damaged, or exceeds the limits.
    """
    return draw_waveform(path, size, limits or MediaLimits())
