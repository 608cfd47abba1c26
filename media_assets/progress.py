"""The progress of a step: rows are counted as they finish, and reported now and then."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from media_assets.amounts import amount

LOG_SECONDS = 10.0
"""How often the log hears of it; a run of fewer seconds logs its end alone."""

LISTENER_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is.

    Attributes:
        partition: The partition that it is over.
        done: Rows finished, those that were right already included.
        total: All rows of the partition.
        errors: Rows with an error so far.
        seconds: Since the step began.
    """

    partition: str
    done: int
    total: int
    errors: int
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """Rows finished per second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        """One line for a log."""
        left = (self.total - self.done) / self.rows_per_second if self.done else 0.0
        share = 100 * self.done // max(self.total, 1)
        return (
            f"{self.partition}: {self.done} of {self.total} rows ({share} %), "
            f"{self.rows_per_second:.1f} rows/s, {amount(self.errors, 'error')}, {left:.0f} s left"
        )


Listener = Callable[[Progress], None]

_listener: ContextVar[Listener | None] = ContextVar("media_assets_progress", default=None)


@contextmanager
def listening(listener: Listener) -> Generator[None]:
    """Lets a caller hear of the steps that it runs in its own thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class ProgressReporter:
    """Counts the rows of one step, and tells its log and whoever listens."""

    def __init__(self, partition: str, total: int, log: Callable[[str], None]) -> None:
        """Starts at no rows done."""
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
