"""Parts of a video or of sound, by their times."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from media_assets.errors import MediaOptionError


class Part(NamedTuple):
    """A part of a video or of sound.

    Attributes:
        start: Seconds after its start.
        end: Seconds; None for the end.
    """

    start: float = 0.0
    end: float | None = None


_WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to be done with a video or with sound.

    Attributes:
        part: The part that stays.
        is_exact: Whether it is cut at the frame or sample, and so encoded again; otherwise at a
            key frame or packet.
    """

    part: Part = _WHOLE
    is_exact: bool = False

    @property
    def is_none(self) -> bool:
        """Whether the file stays as it is."""
        return self == type(self)()

    def clipped(self, start: float, end: float | None, *, exact: bool) -> Self:
        """Returns these edits and a further cut; its times count from the part's start."""
        part = inner_part(self.part, start, end)
        return replace(self, part=part, is_exact=self.is_exact or exact)


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
    check_span(start, end)
    ends = [each for each in (part.end, None if end is None else part.start + end) if each]
    return Part(part.start + start, min(ends, default=None))
