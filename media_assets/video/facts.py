"""What a video is, from its header and its first frame."""

from dataclasses import dataclass
from pathlib import Path

from media_assets.containers.codecs import codec_name
from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import OpenedMedia, open_media
from media_assets.video.reading import first_frame, upright_in
from media_assets.video.streams import Pictures


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The facts of a video.

    Attributes:
        format: The container that the content shows: `mp4`, `mov`, `mkv`, `webm`, `avi`, `ts`, ...
        size_bytes: The file's size.
        width: Pixels from left to right, of the upright picture in square pixels.
        height: Pixels from top to bottom.
        duration: Seconds, as the header says; None if it does not.
        fps: Frames per second on average; None if unknown.
        codec: Of the pictures: `h264`, `hevc`, `vp9`, ...
        audio_codec: Of the first stream of sound; None if there is none.
    """

    format: str
    size_bytes: int
    width: int
    height: int
    duration: float | None
    fps: float | None
    codec: str
    audio_codec: str | None


def inspect(path: Path, limits: MediaLimits | None = None) -> VideoFacts:
    """Returns the facts of a video, after decoding its first frame.

    Args:
        path: A local file.
        limits: The limits on it; the default limits if not given.

    Raises:
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
        MissingExtraError: PyAV is not installed.
        OSError: The file cannot be read.
    """
    with open_media(path, limits or MediaLimits()) as opened:
        pictures = Pictures(opened)
        width, height = upright_in(pictures, first_frame(pictures)).size
        return VideoFacts(
            format=opened.format,
            size_bytes=opened.size_bytes,
            width=width,
            height=height,
            duration=opened.seconds,
            fps=pictures.fps,
            codec=pictures.codec,
            audio_codec=_audio_codec(opened),
        )


def stream_codecs(path: Path, limits: MediaLimits) -> tuple[str, str | None]:
    """Returns the codecs of pictures and sound; only the file's header is read.

    Raises:
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    with open_media(path, limits) as opened:
        return Pictures(opened).codec, _audio_codec(opened)


def _audio_codec(opened: OpenedMedia) -> str | None:
    if opened.audio is None:
        return None
    context = opened.audio.codec_context
    return codec_name(context.codec.name) if context else "unknown"


def has_sound(path: Path, limits: MediaLimits) -> bool:
    """Returns whether a video has sound; only its header is read.

    Raises:
        UnreadableMediaError: The file is not video or audio, is damaged, or exceeds the limits.
    """
    with open_media(path, limits) as opened:
        return opened.audio is not None


def count_frames(path: Path, limits: MediaLimits) -> int:
    """Returns the number of frames, counted in one pass over the file; nothing is decoded.

    Raises:
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    with open_media(path, limits) as opened:
        count = 0
        for packet in opened.packets(Pictures(opened).stream):
            count += bool(packet.size) and not packet.is_discard
            limits.check("frames", count)
        return count
