"""Retention of manifests: the newest, those of a period, and those in use until recently."""

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
    """What is kept although it is not in use.

    Attributes:
        grace: Anything written, in use, or deleted within this period is kept: a run may be about
            to refer to a file, or a reader to open it.
        keep: How many of the newest manifests of each column and partition are kept, or for how
            long after they were last the newest.
        now: The time that the periods end.
    """

    grace: timedelta = GRACE
    keep: int | timedelta = KEPT_MATERIALIZATIONS
    now: datetime = field(default_factory=_now)

    @property
    def since(self) -> datetime:
        """When the grace period began; anything older can be deleted."""
        return self.now - self.grace if self.grace else _END_OF_TIME

    def first_kept(self, committed: Mapping[int, datetime]) -> int:
        """Returns the lowest number to keep, given when each manifest was committed.

        All above it are kept too: history has no gaps.
        """
        numbers = sorted(committed)
        current = _current_at(self.since, committed)
        if isinstance(self.keep, timedelta):
            return min(current, _current_at(self.now - self.keep, committed))
        return min(current, numbers[-min(self.keep, len(numbers))])


def _current_at(moment: datetime, committed: Mapping[int, datetime]) -> int:
    """The newest number at a time; the lowest if there was none yet."""
    earlier = [number for number, came_at in committed.items() if came_at <= moment]
    return max(earlier, default=min(committed))
