"""Edits of sound that are done when it is written, all in one pass."""

from dataclasses import dataclass, replace
from typing import Self

from media_assets.containers.parts import WHOLE, Part, inner_part
from media_assets.errors import MediaOptionError

_MOST_RATE = 768_000


@dataclass(frozen=True, slots=True)
class AudioEdits:
    """What is to be done with the sound of a file.

    Attributes:
        part: The part that stays.
        is_exact: Whether it is cut at the sample, and so encoded again, rather than at a packet.
        rate: Samples per second of one channel; None keeps those of the file.
        channels: The number of channels; None keeps those of the file.
    """

    part: Part = WHOLE
    is_exact: bool = False
    rate: int | None = None
    channels: int | None = None

    @property
    def is_none(self) -> bool:
        """Whether the file stays as it is."""
        return self == AudioEdits()

    def clipped(self, start: float, end: float | None, *, exact: bool) -> Self:
        """Returns these edits and a further cut; its times count from the part's start."""
        part = inner_part(self.part, start, end)
        return replace(self, part=part, is_exact=self.is_exact or exact)

    def resampled(self, rate: int | None, channels: int | None) -> Self:
        """Returns these edits with another sample rate or number of channels.

        Raises:
            MediaOptionError: A number is not positive, or too large.
        """
        for name, number, most in (("rate", rate, _MOST_RATE), ("channels", channels, 8)):
            if number is not None and not 1 <= number <= most:
                accepted = f"a whole number from 1 to {most:,}"
                raise MediaOptionError(number, argument=f"`{name}`", accepted=accepted)
        return replace(self, rate=rate or self.rate, channels=channels or self.channels)
