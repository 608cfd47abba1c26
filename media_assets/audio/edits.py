"""Edits of sound that are done when it is written, all in one pass."""

from dataclasses import dataclass, replace
from typing import Self

from media_assets.containers.parts import Edits
from media_assets.errors import MediaOptionError

_MOST_RATE = 768_000


@dataclass(frozen=True, slots=True)
class AudioEdits(Edits):
    """What is to be done with the sound of a file.

    Attributes:
        rate: Samples per second of one channel; None keeps those of the file.
        channels: The number of channels; None keeps those of the file.
    """

    rate: int | None = None
    channels: int | None = None

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
