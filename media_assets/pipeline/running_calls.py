"""Calls of row functions on threads of this process, and their time limits.

A thread cannot be ended from outside, so a call that hangs ends the run.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from media_assets.columns import Column, ComputedColumn
from media_assets.errors import RowTimeoutError


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    column: str
    row: str
    rows: int
    seconds: float
    ends_at: float


class RunningCalls:
    """The calls under way of columns with a `row_timeout`; safe to use from several threads."""

    def __init__(self, columns: Sequence[Column] = ()) -> None:
        limits = (c.row_timeout for c in columns if isinstance(c, ComputedColumn))
        self._shortest = min((limit.total_seconds() for limit in limits if limit), default=None)
        self._lock = Lock()
        self._calls: set[_Call] = set()

    @contextmanager
    def time_call(
        self, column: ComputedColumn, rows: Sequence[str], *, grace: float = 0.0
    ) -> Generator[None]:
        """Counts the block as a call of a column's function for some rows.

        Args:
            column: The column.
            rows: The rows' names.
            grace: Seconds beyond the limit in which the block itself ends a call.
        """
        if column.row_timeout is None:
            yield
            return
        seconds = column.row_timeout.total_seconds() * len(rows)
        call = _Call(column.name, rows[0], len(rows), seconds, monotonic() + seconds + grace)
        with self._lock:
            self._calls.add(call)
        try:
            yield
        finally:
            with self._lock:
                self._calls.remove(call)

    def seconds_to_next_check(self) -> float | None:
        """Returns the time until a call can exceed its limit; None if there is no limit."""
        if self._shortest is None:
            return None
        now = monotonic()
        with self._lock:
            return min([self._shortest, *(max(c.ends_at - now, 0.0) for c in self._calls)])

    def check(self) -> None:
        """Checks that no call has exceeded its time limit.

        Raises:
            RowTimeoutError: One has; it keeps running.
        """
        now = monotonic()
        with self._lock:
            late = min(self._calls, key=lambda call: call.ends_at, default=None)
        if late is not None and late.ends_at <= now:
            raise RowTimeoutError(late.column, late.row, late.seconds, ended=None, rows=late.rows)
