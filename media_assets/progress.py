"""The progress of a step, reported to its log and to a listener."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from media_assets.amounts import amount

LOG_SECONDS = 10.0
"""Seconds between two lines in the log."""

LISTENER_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a step.

    Attributes:
        partition: The partition of the step.
        done: Rows finished, including those that were up to date.
        total: Rows of the partition; None while it is unknown how many parts there are.
        errors: Rows with an error so far.
        seconds: Seconds since the step began.
    """

    partition: str
    done: int
    total: int | None
    errors: int
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """Rows finished per second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        """Returns one line for a log."""
        speed = f"{self.rows_per_second:.1f} rows/s, {amount(self.errors, 'error')}"
        if self.total is None:
            return f"{self.partition}: {amount(self.done, 'row')}, {speed}"
        left = (self.total - self.done) / self.rows_per_second if self.done else 0.0
        share = 100 * self.done // max(self.total, 1)
        rows = f"{self.done} of {self.total} rows ({share} %)"
        return f"{self.partition}: {rows}, {speed}, {left:.0f} s left"


Listener = Callable[[Progress], None]

_listener: ContextVar[Listener | None] = ContextVar("media_assets_progress", default=None)


@contextmanager
def listening(listener: Listener) -> Generator[None]:
    """Reports the steps that run in this thread within the block to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class ProgressReporter:
    """A count of the rows of one step, reported to its log and to the listener."""

    def __init__(self, partition: str, total: int | None, log: Callable[[str], None]) -> None:
        self._partition, self._total, self._log = partition, total, log
        self._done = self._errors = 0
        self._started = self._logged_at = self._told_at = monotonic()
        self._listener = _listener.get()

    def add(self, *, has_error: bool) -> None:
        """Counts one finished row."""
        self._done += 1
        self._errors += has_error
        now = monotonic()
        if now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            self._log(str(self._progress(now)))
        if self._listener is not None and (
            now - self._told_at >= LISTENER_SECONDS or self._done == self._total
        ):
            self._told_at = now
            self._listener(self._progress(now))

    def _progress(self, now: float) -> Progress:
        return Progress(self._partition, self._done, self._total, self._errors, now - self._started)
