"""Limits on the calls of a column in this process, whatever steps make them."""

import math
from collections import deque
from concurrent.futures import Future
from threading import Lock

from media_assets.columns import ComputedColumn, RateLimit


class CallGate:
    """Lets calls start while fewer than `most` are under way, at the rate that was set.

    Safe to use from several threads.
    """

    def __init__(self, most: int | None = None, rate: RateLimit | None = None) -> None:
        """Sets the limits; None for no limit."""
        self._most, self._rate = most, rate
        self._lock = Lock()
        self._running = 0
        self._started: deque[float] = deque(maxlen=rate.calls if rate is not None else 0)
        self._changed: Future[None] = Future()

    def enter(self, now: float) -> float:
        """Counts a call as started and returns 0, or the seconds until it may be tried again.

        They are infinite if a call has to end first.

        Args:
            now: The time, in seconds.
        """
        with self._lock:
            if self._most is not None and self._running >= self._most:
                return math.inf
            rate = self._rate
            if rate is not None and len(self._started) == rate.calls:
                wait = self._started[0] + rate.seconds - now
                if wait > 0:
                    return wait
            self._started.append(now)
            self._running += 1
            return 0.0

    def leave(self) -> None:
        """Counts a call as ended."""
        with self._lock:
            self._running -= 1
            changed, self._changed = self._changed, Future()
        changed.set_result(None)

    def changed(self) -> Future[None]:
        """Returns a future that is done as soon as a call ends, in any step of this process."""
        with self._lock:
            return self._changed


_lock = Lock()
_gates: dict[tuple[str, str, int | None, RateLimit | None], CallGate] = {}


def gate_of(table: str, column: ComputedColumn, most: int | None) -> CallGate:
    """Returns the gate of a column, which all steps of this process share."""
    rate = column.calls.rate_limit
    if most is None and rate is None:
        return CallGate()
    with _lock:
        return _gates.setdefault((table, column.name, most, rate), CallGate(most, rate))
