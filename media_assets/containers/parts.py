"""Parts of a video or of sound, by their times."""

from typing import NamedTuple

from media_assets.errors import MediaOptionError


class Part(NamedTuple):
    """A part of a video or of sound.

    Attributes:
        start: Seconds after its start.
        end: Seconds; None for the end.
    """

    start: float = 0.0
    end: float | None = None


WHOLE = Part()
"""All of it."""


def check_span(start: float, end: float | None) -> None:
    """Checks the times of a part.

    Raises:
        MediaOptionError: The start is negative, or the end is not after it.
    """
    if not 0 <= start < float("inf"):
        raise MediaOptionError(start, argument="`start`", accepted="0 or more seconds")
    if end is not None and not end > start:
        accepted = f"more than `start` ({start:g} seconds)"
        raise MediaOptionError(end, argument="`end`", accepted=accepted)


def inner_part(part: Part, start: float, end: float | None) -> Part:
    """Returns a part of a part.

    Raises:
        MediaOptionError: The start is negative, or the end is not after it.

    Example:
        >>> inner_part(Part(10, 20), 2, 30)
        Part(start=12, end=20)
    """
    if not 0 <= start < float("inf"):
        raise MediaOptionError(start, argument="`start`", accepted="0 or more seconds")
    if end is not None and not end > start:
        raise MediaOptionError(
            end, argument="`end`", accepted=f"more than `start` ({start:g} seconds)"
        )
    ends = [each for each in (part.end, None if end is None else part.start + end) if each]
    return Part(part.start + start, min(ends, default=None))
