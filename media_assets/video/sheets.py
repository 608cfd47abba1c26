"""Pictures that stand for a whole video: its poster, and sheets of many frames."""

from PIL import Image

from media_assets.errors import MediaOptionError, MediaTimeError
from media_assets.video.handle import Video

_MOST_SIDE = 20_000


def poster_of(video: Video, at: float = 1.0, *, size: tuple[int, int] | None = None) -> Image.Image:
    """Returns the picture at a time, or the one in the middle of a shorter video.

    It is the first picture of a shorter video whose header does not say how long it is.

    Args:
        video: The video.
        at: Seconds after the start.
        size: A box that the picture is scaled down to fit; by default it keeps its size.
    """
    duration = video.duration
    is_short = duration is not None and duration <= at
    try:
        return video.frame(duration / 2 if is_short and duration else at, size=size)
    except MediaTimeError:  # its header says no duration, or one that is not true
        return video.frame(0.0, size=size)


def draw_sheet(
    video: Video,
    *,
    columns: int = 4,
    rows: int = 3,
    size: tuple[int, int] = (320, 320),
    gap: int = 4,
    background: str | tuple[int, int, int] = "white",
) -> Image.Image:
    """Returns frames from all over a video, in rows: the earliest at the top left.

    Raises:
        MediaOptionError: There is no frame, or the sheet is more than 20,000 pixels wide or high.
    """
    cell: tuple[int, int] | None = None
    sheet = Image.new("RGB", (1, 1))
    frames = video.frames(count=_checked(columns, rows), size=size)
    for number, (_, image) in enumerate(frames):
        if cell is None:
            cell = image.size
            whole = columns * (cell[0] + gap) + gap, rows * (cell[1] + gap) + gap
            if max(whole) > _MOST_SIDE:
                accepted = f"at most {_MOST_SIDE:,} pixels wide and high"
                raise MediaOptionError(whole, argument="The size of the sheet", accepted=accepted)
            sheet = Image.new("RGB", whole, background)
        place = number % columns * (cell[0] + gap) + gap, number // columns * (cell[1] + gap) + gap
        sheet.paste(image, place, image if image.mode == "RGBA" else None)
    return sheet


def _checked(columns: int, rows: int) -> int:
    for name, number in (("columns", columns), ("rows", rows)):
        if number < 1:
            raise MediaOptionError(number, argument=f"`{name}`", accepted="1 or more")
    return columns * rows
