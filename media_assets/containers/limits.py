"""Limits on a video or audio file, and on the work on it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from media_assets.errors import MediaTooLargeError, MediaTooSlowError
from media_assets.limits import Limits


@dataclass(frozen=True, slots=True)
class MediaLimits(Limits):
    """The limits on a file of video or audio, checked before it is decoded.

    Attributes:
        max_pixels: Width times height of a frame; the default allows 8K.
        max_bytes: The file's size.
        max_seconds: Its duration, as its header says.
        max_frames: Its pictures; checked where all of them are read.
        max_channels: Channels of its sound.
        max_samples: Samples of all channels that are held in memory at once, 4 bytes each.
        max_work_seconds: The time that one piece of work on the file may take.
    """

    max_pixels: int = 64_000_000
    max_bytes: int = 64 * 1024**3
    max_seconds: int = 24 * 3600
    max_frames: int = 10_000_000
    max_channels: int = 64
    max_samples: int = 128_000_000
    max_work_seconds: int = 3600

    def check(self, unit: str, found: float) -> None:
        """Refuses a value above its limit.

        Args:
            unit: `pixels`, `bytes`, `seconds`, `frames` or `channels`.
            found: The number of them.

        Raises:
            MediaTooLargeError: The number is above the limit.
        """
        name = f"max_{unit}"
        limit: int = getattr(self, name)
        if found > limit:
            raise MediaTooLargeError(unit, found, limit, setting=self.setting(name))

    def deadline(self) -> "Deadline":
        """Returns the end of a piece of work that begins now."""
        return Deadline(self)


class Deadline:
    """The moment at which a piece of work on a file has taken too long.

    Example:
        >>> deadline = MediaLimits(max_work_seconds=1).deadline()
        >>> with deadline.paused():
        ...     pass  # whatever this takes does not count
        >>> deadline.check()
    """

    def __init__(self, limits: MediaLimits) -> None:
        self._limits = limits
        self._at = monotonic() + limits.max_work_seconds

    @contextmanager
    def paused(self) -> Generator[None]:
        """Lets the time in the block not count: it is that of somebody else's work."""
        before = monotonic()
        try:
            yield
        finally:
            self._at += monotonic() - before

    def check(self) -> None:
        """Ends the work if it has taken too long.

        Raises:
            MediaTooSlowError: It has.
        """
        if monotonic() > self._at:
            limit = self._limits.max_work_seconds
            raise MediaTooSlowError(limit, setting=self._limits.setting("max_work_seconds"))
