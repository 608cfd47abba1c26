"""Ready row functions for videos."""

from typing import cast

from PIL import Image

from media_assets.audio.handle import Audio
from media_assets.errors import MediaOptionError
from media_assets.video.handle import Video
from media_assets.video.sheets import draw_sheet, poster_of


def poster(video: Video, at: float = 1.0, *, size: tuple[int, int] | None = None) -> Image.Image:
    """Returns the picture at a time, or the one in the middle of a shorter video.

    Args:
        video: Any video.
        at: Seconds after the start.
        size: A box that the picture is scaled down to fit; by default it keeps its size.
    """
    return poster_of(video, at, size=size)


def clip(
    video: Video, start: float = 0.0, end: float | None = None, *, exact: bool = False
) -> Video:
    """Returns a part of the video.

    Args:
        video: Any video.
        start: Seconds after its start.
        end: The same; None for its end.
        exact: Whether to cut at the frame and encode again, rather than at a key frame.

    Examples:
        >>> clip(Video("walk.mp4"), 0, 5)
        Video('walk.mp4', edited)
    """
    return video.clip(start, end, exact=exact)


def resize(video: Video, size: tuple[int, int]) -> Video:
    """Returns the video scaled, up or down, to the largest size that fits a box.

    Args:
        video: Any video.
        size: The box's width and height in pixels.

    Raises:
        MediaOptionError: It is no video. Pillow's own `resize` would distort an image.

    Examples:
        >>> resize(Video("walk.mp4"), (640, 360))
        Video('walk.mp4', edited)
    """
    if not isinstance(cast("object", video), Video):
        accepted = "a `Video`; images are scaled by `fit`, `fill`, `pad` and `thumbnail`"
        raise MediaOptionError(type(video).__name__, argument="`video`", accepted=accepted)
    return video.resize(size)


def mute(video: Video) -> Video:
    """Returns the video without its sound.

    Args:
        video: Any video.

    Examples:
        >>> mute(Video("walk.mp4"))
        Video('walk.mp4', edited)
    """
    return video.mute()


def extract_audio(video: Video) -> Audio | None:
    """Returns the sound of the video; None if it has none.

    Args:
        video: Any video.
    """
    return video.audio()


def contact_sheet(
    video: Video,
    *,
    columns: int = 4,
    rows: int = 3,
    size: tuple[int, int] = (320, 320),
    gap: int = 4,
    background: str | tuple[int, int, int] = "white",
) -> Image.Image:
    """Returns frames from all over the video, in rows: the earliest at the top left.

    Args:
        video: A video with a known duration.
        columns: Frames in a row.
        rows: Rows of frames.
        size: The box that each frame is scaled down to fit.
        gap: Pixels between and around frames.
        background: The colour of gaps.
    """
    return draw_sheet(video, columns=columns, rows=rows, size=size, gap=gap, background=background)
