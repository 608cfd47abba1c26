"""The number of attempts for a source, and the pauses between them."""

import random
from collections.abc import Mapping
from contextlib import AbstractContextManager
from http.client import HTTPResponse

from media_assets.errors import SourceUnavailableError
from media_assets.fetch.deadline import Deadline
from media_assets.fetch.environment import Environment
from media_assets.fetch.exchange import AttemptError, ask
from media_assets.fetch.limits import FetchLimits
from media_assets.fetch.source_url import SourceUrl

_LONGEST_BACKOFF = 30.0  # seconds


class Attempts:
    """The attempts at one source, under one deadline."""

    def __init__(self, url: SourceUrl, limits: FetchLimits, outside: Environment) -> None:
        """Takes the source; the deadline starts to run."""
        self.url = url
        self._limits, self._outside = limits, outside
        self._deadline = Deadline(limits.deadline)
        self._failed = 0

    def ask(self, method: str, headers: Mapping[str, str]) -> AbstractContextManager[HTTPResponse]:
        """Gives the answer to one request; see `exchange.ask`."""
        return ask(
            method,
            self.url,
            headers,
            limits=self._limits,
            outside=self._outside,
            deadline=self._deadline,
        )

    def wait_after(self, error: AttemptError) -> None:
        """Waits before the next attempt.

        Args:
            error: How the last attempt failed.

        Raises:
            SourceUnavailableError: There is no retry left, or no time for it.
        """
        self._failed += 1
        pause = max(self._backoff(), error.retry_after or 0.0)
        has_retry = not error.is_last and self._failed <= self._limits.max_retries
        is_in_time = pause < self._deadline.seconds_left
        if not has_retry or not is_in_time:
            reason = error.reason
            if has_retry:
                whole = self._deadline.lasts.total_seconds()
                reason += f", and {whole:g} seconds leave no time for a retry in {pause:.1f}"
            raise SourceUnavailableError(
                self.url.shown, reason=reason, attempts=self._failed
            ) from error
        self._outside.pause(pause)

    def _backoff(self) -> float:
        longest = self._limits.backoff.total_seconds() * 2 ** (self._failed - 1)
        share = random.uniform(0.5, 1.0)  # noqa: S311  it keeps rows apart, and is no secret
        return min(longest, _LONGEST_BACKOFF) * share
