"""The choice of frames by time: every so many seconds, a number of them, or the key frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Protocol, TypeVar

from media_assets.containers.parts import check_span
from media_assets.errors import MediaOptionError

_TOLERANCE = 0.001
"""Seconds; MKV and WebM round time stamps to it."""


class Timed(Protocol):
    """Something that is shown from a time on."""

    @property
    def time(self) -> float:
        """Seconds after the start."""
        ...

    @property
    def is_key(self) -> bool:
        """Whether it can be decoded alone."""
        ...


Item = TypeVar("Item", bound=Timed)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which frames to take; create it with `select`.

    Attributes:
        step: Seconds between the times at which frames are taken; None for each frame.
        first: The first such time.
        start: Seconds; frames shown before it are left out.
        end: Seconds; so are frames that begin at it or later.
        keys_only: Whether only key frames are taken.
        is_cut: Whether each frame is taken that is shown between start and end, and not only those
            that begin there: a picture may stand still for long.
    """

    step: float | None = None
    first: float = 0.0
    start: float = 0.0
    end: float | None = None
    keys_only: bool = False
    is_cut: bool = False


def select(
    *,
    fps: float | None = None,
    every: float | None = None,
    count: int | None = None,
    keyframes: bool = False,
    start: float = 0.0,
    end: float | None = None,
    duration: float | None = None,
) -> Selection:
    """Returns the checked choice of frames; at most one of the first four is given.

    Args:
        fps: Frames per second of the video's time; a frame is never taken twice.
        every: Seconds between frames.
        count: Number of frames, each from the middle of one of as many equal parts of the file:
            fewer if its sound goes on after the pictures.
        keyframes: True takes key frames only.
        start: Seconds.
        end: Seconds; None for the end.
        duration: The video's, if known.

    Raises:
        MediaOptionError: Two are given, or a number is not positive.

    Example:
        >>> select(fps=4).step, select(count=2, duration=8.0).first
        (0.25, 2.0)
    """
    given = {"fps": fps, "every": every, "count": count, "keyframes": keyframes or None}
    named = [f"{name}={value!r}" for name, value in given.items() if value is not None]
    if len(named) > 1:
        accepted = "at most one of fps, every, count and keyframes"
        raise MediaOptionError(", ".join(named), argument="The choice of frames", accepted=accepted)
    for name, number in (("fps", fps), ("every", every), ("count", count)):
        if number is not None and not (isfinite(number) and number > 0):
            raise MediaOptionError(number, argument=f"`{name}`", accepted="a positive number")
    check_span(start, end)
    if count is not None:
        stop = end if end is not None else duration
        if stop is None:
            accepted = "given only for videos with a known duration, or with `end`"
            raise MediaOptionError(count, argument="`count`", accepted=accepted)
        step = max(stop - start, 0.0) / count
        return Selection(step or 1.0, start + step / 2, start, stop)
    step = 1 / fps if fps is not None else every
    return Selection(step, start, start, end, keyframes)


def chosen(items: Iterable[Item], selection: Selection, *, last_seconds: float) -> Iterator[Item]:
    """Yields the chosen ones of items, which come in the order in which they are shown.

    Each is shown until the next begins. It is chosen if one of the wanted times falls in between,
    and once if several do. What is wanted before the first one is the first one. At most one item
    is held besides the one that is yielded.

    Args:
        items: Each has `time` and `is_key`.
        selection: The choice.
        last_seconds: How long the last item is shown.
    """
    if selection.step is None:
        yield from _each(items, selection, last_seconds=last_seconds)
        return
    passed, shown = 0, None
    for item in items:
        if shown is not None and (wanted := _wanted_before(item.time, selection)) > passed:
            yield shown
            passed = wanted
        if _is_over(item.time, selection):
            return
        shown = item
    if shown is not None and _wanted_before(shown.time + last_seconds, selection) > passed:
        yield shown


def _each(items: Iterable[Item], selection: Selection, *, last_seconds: float) -> Iterator[Item]:
    before: Item | None = None
    for item in items:
        is_early = bool(selection.start) and item.time < selection.start - _TOLERANCE
        if before is not None and not is_early and item.time > selection.start + _TOLERANCE:
            yield before
        before = item if is_early and selection.is_cut else None
        if _is_over(item.time, selection):
            return
        if not is_early and (item.is_key or not selection.keys_only):
            yield item
    if before is not None and before.time + last_seconds > selection.start:
        yield before


def _wanted_before(time: float, selection: Selection) -> int:
    """Returns how many of the wanted times come before a time."""
    until = time if selection.end is None else min(time, selection.end)
    step = selection.step or 1.0
    return max(ceil((until - _TOLERANCE - selection.first) / step), 0)


def _is_over(time: float, selection: Selection) -> bool:
    return selection.end is not None and time >= selection.end - _TOLERANCE
