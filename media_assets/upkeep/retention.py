"""Manifests to keep: the newest, those of a period, and those current until recently."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

KEPT_MATERIALIZATIONS = 10
GRACE = timedelta(hours=24)

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept although it is not current.

    Attributes:
        grace: What was written, or current, or not yet deleted within it stays: a run may be about
            to name a file, and a reader to open one.
        keep: How many of its newest manifests each column keeps in each partition, or for how
            long it keeps those that were current.
        now: When that is.
    """

    grace: timedelta = GRACE
    keep: int | timedelta = KEPT_MATERIALIZATIONS
    now: datetime = field(default_factory=_now)

    @property
    def since(self) -> datetime:
        """When the grace began; what is older may go. Without any grace all is older."""
        return self.now - self.grace if self.grace else _END_OF_TIME

    def first_kept(self, committed: Mapping[int, datetime]) -> int:
        """Returns the lowest number that stays, of manifests by number and when they came.

        All above it stay too: history has no holes.
        """
        numbers = sorted(committed)
        current = _current_at(self.since, committed)
        if isinstance(self.keep, timedelta):
            return min(current, _current_at(self.now - self.keep, committed))
        return min(current, numbers[-min(self.keep, len(numbers))])


def _current_at(moment: datetime, committed: Mapping[int, datetime]) -> int:
    """The number that was the newest at a time; the lowest, when none was there yet."""
    earlier = [number for number, came_at in committed.items() if came_at <= moment]
    return max(earlier, default=min(committed))
