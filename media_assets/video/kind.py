"""What every kind of media offers, for video."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from media_assets.containers import recognition
from media_assets.containers.limits import MediaLimits
from media_assets.video.facts import VideoFacts, inspect
from media_assets.video.formats import EXTENSIONS, FORMATS, check_options
from media_assets.video.handle import Video
from media_assets.video.sheets import poster_of
from media_assets.video.streams import VIDEO_FORMATS

__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "LIMITS",
    "Video",
    "VideoFacts",
    "check_options",
    "inspect",
    "recognize",
    "thumbnail",
    "write",
]


LIMITS = MediaLimits


def recognize(first_bytes: bytes) -> str | None:
    """Returns the container that the first bytes show, if it can hold pictures; else None.

    Whether it does is known only when it is opened, by `inspect`.

    Example:
        >>> recognize(b"RIFF....AVI LIST"), recognize(b"RIFF....WAVEfmt ")
        ('avi', None)
    """
    found = recognition.recognize(first_bytes)
    return found if found in VIDEO_FORMATS else None


def write(
    source: Video | str | Path,
    target: Path,
    media_format: str,
    save_options: Mapping[str, object] | None = None,
    *,
    limits: MediaLimits | None = None,
) -> VideoFacts:
    """Writes a video in an output format, and returns the facts of what was written.

    Args:
        source: A video with its edits, or a file.
        target: The new file, of any name.
        media_format: One of `FORMATS`.
        save_options: Its options.
        limits: The limits on a file that is given by its path, and on the result.

    Raises:
        OutputFormatError: The format or an option is not valid.
        MediaTimeError: The part to write holds no frame.
        UnreadableMediaError: The source is not a video, is damaged, or exceeds the limits.
        UnwritableMediaError: The format cannot hold it.
        OSError: A file cannot be read or written.
    """
    check_options(media_format, save_options)
    video = source if isinstance(source, Video) else Video(source, limits=limits)
    video.write(target, format=media_format, save_options=save_options)
    return inspect(target, limits)


def thumbnail(path: Path, size: tuple[int, int], limits: MediaLimits | None = None) -> Image.Image:
    """Returns a small poster of a video.

    Raises:
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    return poster_of(Video(path, limits=limits), size=size)
