"""The longest validity of presigned URLs, by provider."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media_assets.errors import ExpiryError

_SECOND = timedelta(seconds=1)
_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ExpiryLimit:
    """The longest lifetime of a provider's presigned URLs.

    Attributes:
        longest: The lifetime; None if there is no limit.
        source: The provider's rule, for the error.
    """

    longest: timedelta | None
    source: str

    def check(self, fileurl: str, expires_in: timedelta) -> timedelta:
        """Returns the lifetime in whole seconds.

        Raises:
            ExpiryError: It is shorter than a second, or longer than the provider allows.
        """
        longest = self.longest or (_LAST_DAY - datetime.now(UTC))
        if not _SECOND <= expires_in <= longest:
            limit = _format(self.longest) if self.longest else "the end of the year 9999"
            raise ExpiryError(fileurl, _format(expires_in), limit=limit, source=self.source)
        return timedelta(seconds=int(expires_in.total_seconds()))


def _format(lifetime: timedelta) -> str:
    """Returns a lifetime in seconds, with days if it is at least one."""
    seconds = lifetime.total_seconds()
    days = (
        f" ({lifetime.days} days)" if lifetime.days > 0 and not lifetime % timedelta(days=1) else ""
    )
    return f"{seconds:,.0f} s{days}" if seconds == int(seconds) else f"{seconds} s{days}"
