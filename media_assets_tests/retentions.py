"""What garbage collections in tests keep."""

from datetime import UTC, datetime, timedelta

from media_assets.upkeep.retention import Retention

NO_GRACE = timedelta(0)
ONLY_CURRENT = Retention(grace=NO_GRACE, keep=1)


def tomorrow(keep: int | timedelta = 10) -> Retention:
    """The default grace, a day and an hour from now: all that is there now is old."""
    return Retention(keep=keep, now=datetime.now(UTC) + timedelta(hours=25))
