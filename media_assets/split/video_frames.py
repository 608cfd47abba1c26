"""Frames of a video: by time, by number, key frames, or all."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, cast

from PIL import Image

from media_assets.column_types import ColumnType
from media_assets.containers.opening import OpenedMedia, open_media
from media_assets.errors import DeclarationError, MediaOptionError
from media_assets.media_types import VIDEO
from media_assets.split.frame_keys import NamedFrame, as_seconds, named
from media_assets.split.options import as_box, is_amount, is_time, is_whole, refusal
from media_assets.split.splitter import Part, Splitter, check_count, version_of
from media_assets.video.decoding import (
    Decoded,
    Index,
    Stated,
    all_frames,
    planned_frames,
    usual_seconds,
    whole_index,
)
from media_assets.video.reading import read_frame, upright_in
from media_assets.video.selection import Selection, chosen, select
from media_assets.video.streams import Pictures
from media_assets.video.upright import to_image

if TYPE_CHECKING:
    from media_assets.video.handle import Video

_VERSION = 1
_QUALITY = 90
_FEWER = "fewer frames, such as ma.split.frames(every=10)"
_MICROSECOND = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameChoice:
    """Which frames are taken, as `frames` was asked."""

    every: float | None
    fps: float | None
    count: int | None
    keyframes: bool
    start: float
    end: float | None

    def selection(self, duration: float | None) -> Selection:
        """Returns the choice for a video of a duration.

        Raises:
            MediaOptionError: It makes no sense.
        """
        return select(
            fps=self.fps,
            every=self.every,
            count=self.count,
            keyframes=self.keyframes,
            start=self.start,
            end=self.end,
            duration=duration,
        )


@dataclass(frozen=True, kw_only=True)
class Frames(Splitter):
    """Splits videos into frames; made by `frames`.

    Attributes:
        choice: Which frames.
        size: A box that frames are scaled down to fit; None keeps their size.
    """

    choice: FrameChoice
    size: tuple[int, int] | None

    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        """Yields the frames in the order in which they are shown.

        Only what the frames need is decoded: nothing for frames that are skipped. Where the file's
        time stamps do not say what is needed, all frames are decoded.
        """
        video = cast("Video", source)
        path, limits = video.path, video.limits
        index = whole_index(path, limits)
        with open_media(path, limits) as opened:
            pictures = Pictures(opened)
            last_seconds = usual_seconds(pictures)
            selection = self.choice.selection(_seconds(opened, pictures, index))
            every = all_frames(pictures) if index is None else index.shown(pictures)
            wanted = chosen(named(every), selection, last_seconds=last_seconds)
            if index is not None:
                wanted = _planned(pictures, index, wanted, skip, max_parts)
            for number, (time, _, key, frame) in enumerate(wanted, start=1):
                check_count(number, max_parts, parts="frames", fewer=_FEWER)
                fields = {"time": time, "number": number}
                if isinstance(frame, Stated) or skip(key):
                    yield Part(key, fields)
                    continue
                with opened.deadline.paused():
                    yield _part(key, fields, self._image(pictures, frame))
                del frame

    def _image(self, pictures: Pictures, decoded: Decoded) -> Image.Image:
        """Returns the picture of a frame, which has its own size even if the next has another."""
        upright = upright_in(pictures, decoded.frame)
        return to_image(decoded.frame, upright, size=upright.fitted(self.size))

    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        """Returns a frame by its time."""
        del part_key
        video = cast("Video", source)
        time = float(str(fields["time"]))
        found = read_frame(video.path, max(time, 0.0), video.limits, size=self.size)
        if abs(found.time - time) < _MICROSECOND:
            return found.image
        with open_media(video.path, video.limits) as opened:
            pictures = Pictures(opened)
            return self._image(pictures, _frame_at(pictures, time))

    def fragment(self, fields: Mapping[str, object]) -> str:
        """Returns the time, never earlier than the frame: `t=12.000`."""
        microseconds = max(ceil(round(float(str(fields["time"])) * 1e6, 3)), 0)
        return f"t={as_seconds(microseconds)}"

    def address(self, fields: Mapping[str, object]) -> str:
        """Returns the time, and the size: `t=12.000&size=1280,720`."""
        size = "" if self.size is None else f"&size={self.size[0]},{self.size[1]}"
        return self.fragment(fields) + size


def frames(
    *,
    every: float | None = None,
    fps: float | None = None,
    count: int | None = None,
    keyframes: bool = False,
    size: int | tuple[int, int] | None = None,
    start: float = 0.0,
    end: float | None = None,
) -> Splitter:
    """Splits videos into frames.

    At most one of the first four arguments is given; without one, all frames are taken. A frame is
    never taken twice. Which frame is shown at a time is decided by time stamps, so videos of a
    variable rate are right, too. Keys are the milliseconds at which frames are shown, in nine
    digits: `000012000`. Index values are `time`, in seconds after the start, and `number`, from 1.
    Frames are upright, in square pixels and in RGB. Files are JPEG of quality 90 and 4:2:0, WEBP
    for transparent frames.

    Args:
        every: Seconds between frames.
        fps: Frames per second.
        count: Number of frames, each from the middle of one of as many equal parts of the file:
            fewer if its sound goes on after the pictures.
        keyframes: True takes key frames only.
        size: A box that frames are scaled down to fit, never up; one number for both sides.
        start: Seconds after the start of the video.
        end: The same; None for its end.

    Raises:
        DeclarationError: An option cannot be used, or two of the first four are given.

    Example:
        >>> frames(fps=1, size=(1280, 720)).description
        '1 frame per second, at most 1280 x 720 pixels'
    """
    example = "frames(every=1.0, size=(1280, 720))"
    box = None if size is None else as_box(size)
    if size is not None and box is None:
        accepted = "a width and a height in pixels, each 1 or more, or one number for both"
        raise refusal(size, option="size", accepted=accepted, example=example)
    _check_numbers(example, every=every, fps=fps, end=end)
    if not is_time(start):
        accepted = "a time in seconds after the start of the video"
        raise refusal(start, option="start", accepted=accepted, example=example)
    if not isinstance(keyframes, bool):  # pyright: ignore[reportUnnecessaryIsInstance]  # from user code
        accepted = "True or False"
        raise refusal(keyframes, option="keyframes", accepted=accepted, example=example)
    if count is not None and not is_whole(count, 1):
        accepted = "a whole number, 1 or more"
        raise refusal(count, option="count", accepted=accepted, example="frames(count=10)")
    choice = FrameChoice(
        every=every, fps=fps, count=count, keyframes=keyframes, start=start, end=end
    )
    try:
        choice.selection(1.0)
    except MediaOptionError as error:
        what = f"ma.split.frames: {error.what}"
        fix = f"Write it like ma.split.{example}."
        raise DeclarationError(what, accepted=error.accepted, fix=fix) from error
    return Frames(
        name="frames",
        reads=VIDEO.type,
        makes=ColumnType.IMAGE,
        column="frame",
        fields={"time": float, "number": int},
        code_version=version_of("frames", _VERSION, box, every, fps, count, keyframes, start, end),
        part_version=version_of("frame", _VERSION, box),
        description=_description(choice, box),
        format="JPEG",
        save_options={"quality": _QUALITY, "subsampling": "4:2:0"},
        version=_VERSION,
        is_native=(every, fps, count) == (None, None, None) and not keyframes,
        choice=choice,
        size=box,
    )


def _check_numbers(example: str, **numbers: object) -> None:
    for name, value in numbers.items():
        if value is not None and not is_amount(value):
            accepted = "a positive number"
            raise refusal(value, option=name, accepted=accepted, example=example)


def _description(choice: FrameChoice, box: tuple[int, int] | None) -> str:
    if choice.every is not None:
        text = f"a frame every {choice.every:g} s"
    elif choice.fps is not None:
        text = f"{choice.fps:g} frame{'' if choice.fps == 1 else 's'} per second"
    elif choice.count is not None:
        text = f"{choice.count:,} frame{'' if choice.count == 1 else 's'}"
    else:
        text = "key frames" if choice.keyframes else "all frames"
    if choice.start or choice.end is not None:
        until = "the end" if choice.end is None else f"{choice.end:g} s"
        text += f" from {choice.start:g} s to {until}"
    return text if box is None else f"{text}, at most {box[0]} x {box[1]} pixels"


def _planned(
    pictures: Pictures,
    index: Index,
    wanted: Iterator[NamedFrame],
    skip: Callable[[str], bool],
    max_parts: int,
) -> Iterator[NamedFrame]:
    """Yields the wanted frames in their order, decoded unless they are skipped."""
    named = list(islice(wanted, max_parts))
    count = len(named) + sum(1 for _ in wanted)
    check_count(count, max_parts, parts="frames", fewer=_FEWER)
    stated = [cast("Stated", each.frame) for each in named]
    missing = [not skip(each.key) for each in named]
    stamps = array(
        "q", (e.stamp for e, is_missing in zip(stated, missing, strict=True) if is_missing)
    )
    decoded = planned_frames(pictures, index, stamps)
    for each, is_missing in zip(named, missing, strict=True):
        yield each._replace(frame=next(decoded)) if is_missing else each


def _part(key: str, fields: Mapping[str, object], image: Image.Image) -> Part:
    if image.mode == "RGBA":
        return Part(key, fields, image, "WEBP", {"quality": _QUALITY})
    return Part(key, fields, image)


def _seconds(opened: OpenedMedia, pictures: Pictures, index: Index | None) -> float | None:
    """Returns the duration that the header gives, else what the index says."""
    if opened.seconds is not None or index is None:
        return opened.seconds
    return pictures.seconds(max(index.stamps)) + usual_seconds(pictures)


def _frame_at(pictures: Pictures, time: float) -> Decoded:
    """Returns the frame of a time that other frames are too close to, or that was counted."""
    index = whole_index(pictures.opened.path, pictures.opened.limits)
    if index is None:
        return min(all_frames(pictures), key=lambda each: abs(each.time - time))
    found = min(index.shown(pictures), key=lambda each: abs(each.time - time))
    return next(planned_frames(pictures, index, array("q", [found.stamp])))
