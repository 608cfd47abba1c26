"""Calls that rows of a step wait for: gathered, started within limits, repeated after errors."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from time import monotonic
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from media_assets.columns import Column, ComputedColumn
from media_assets.errors import RowTimeoutError
from media_assets.pipeline.budget import MemoryRoom
from media_assets.pipeline.call_gate import CallGate, gate_of
from media_assets.pipeline.calls import Call, Outcome, Raised, await_function, call_function
from media_assets.pipeline.event_loop import EventLoop, event_loop, give_up
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.threads import Threads

ASYNC_AT_ONCE = 16
"""Calls of an `async def` function at the same time, unless it has a `max_concurrency`."""

SECONDS_UNTIL_STUCK = 4.0
"""How long after its `row_timeout` a coroutine may still run; then something blocks the loop."""


class Waiting(Protocol):
    """A row that waits for a call."""

    @property
    def call(self) -> Call:
        """Its part in the call."""
        ...


Row = TypeVar("Row", bound=Waiting)
_Result = list[Outcome] | Raised


@dataclass(slots=True, eq=False)
class _Group(Generic[Row]):
    """The rows of one call: one row, or a batch.

    Attributes:
        rows: The rows.
        due: When the call may start.
        retries: How often it has been repeated.
    """

    rows: list[Row]
    due: float = 0.0
    retries: int = 0

    @property
    def calls(self) -> list[Call]:
        return [row.call for row in self.rows]


@dataclass(slots=True)
class _OfColumn(Generic[Row]):
    """The calls of one column.

    Attributes:
        column: The column.
        gate: The limits on its calls.
        capacity: How many calls may wait or run before no more rows are taken.
        gathered: The rows of a batch that is not full.
        queued: Calls that have not started, or are to be repeated.
        running: Calls under way, by their futures.
        changed: Done when another step's call ends, if this column waits for that.
    """

    column: ComputedColumn
    gate: CallGate
    capacity: int
    gathered: list[Row] = field(default_factory=list[Row])
    queued: deque[_Group[Row]] = field(default_factory=deque[_Group[Row]])
    running: dict[Future[_Result], _Group[Row]] = field(
        default_factory=dict[Future[_Result], _Group[Row]]
    )
    changed: Future[None] | None = None
    next_try: float | None = None

    @property
    def unfinished(self) -> int:
        return len(self.queued) + len(self.running)


class PendingCalls(Generic[Row]):
    """The calls of a step, used by one thread only.

    A function on a thread of this process takes turns with the threads that compute, unless its
    column has a `max_concurrency`: then as many calls run as that allows.
    """

    def __init__(
        self,
        table: str,
        columns: Sequence[Column],
        running: RunningCalls,
        room: MemoryRoom,
        *,
        threads: int,
        rows_ahead: int,
    ) -> None:
        """Prepares the columns whose rows wait for calls; nothing is started for others.

        Args:
            table: The table's name.
            columns: The columns of the step.
            running: Counts the calls with a time limit.
            room: Has the turns of threads that compute.
            threads: How many threads compute.
            rows_ahead: How many rows may wait besides those whose calls are under way.
        """
        self._running, self._room = running, room
        self._loop: EventLoop | None = None
        self._columns: dict[str, _OfColumn[Row]] = {}
        on_threads = 0
        for column in columns:
            if isinstance(column, ComputedColumn) and column.waits_for_calls:
                most = column.calls.max_concurrency or (ASYNC_AT_ONCE if _awaits(column) else None)
                at_once = threads if most is None else most
                on_threads += 0 if _awaits(column) else at_once
                ahead = rows_ahead if column.batch_size is None else 1
                gate = gate_of(table, column, most)
                self._columns[column.name] = _OfColumn(column, gate, at_once + ahead)
        self._threads = Threads(on_threads)
        self.rows_at_most = sum(
            (each.capacity + 1) * (each.column.batch_size or 1) for each in self._columns.values()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Cancels coroutines that are under way, and ends the threads."""
        try:
            started = [
                f for each in self._columns.values() if _awaits(each.column) for f in each.running
            ]
            if self._loop is not None and started and not self._loop.end_all(started):
                give_up(self._loop)
            self._threads.__exit__(kind, error, trace)
        finally:
            for each in self._columns.values():
                for _ in each.running:
                    each.gate.leave()
                each.running.clear()

    @property
    def is_full(self) -> bool:
        """Whether so many calls wait in a column that no more rows should be taken."""
        return any(each.unfinished >= each.capacity for each in self._columns.values())

    @property
    def are_unfinished(self) -> bool:
        """Whether calls are under way or will be, without any more rows."""
        return any(each.unfinished for each in self._columns.values())

    @property
    def has_rows(self) -> bool:
        """Whether any row waits."""
        return self.are_unfinished or self.has_gathered

    @property
    def has_gathered(self) -> bool:
        """Whether rows wait for a batch that is not full."""
        return any(each.gathered for each in self._columns.values())

    def add(self, row: Row) -> None:
        """Adds a row that waits for a call."""
        column = row.call.column
        of_column = self._columns[column.name]
        of_column.gathered.append(row)
        if len(of_column.gathered) == (column.batch_size or 1):
            self._queue(of_column)

    def queue_largest(self) -> None:
        """Lets the batch be called that is nearest to full."""
        self._queue(max(self._columns.values(), key=lambda each: len(each.gathered)))

    def _queue(self, of_column: _OfColumn[Row]) -> None:
        of_column.queued.append(_Group(of_column.gathered))
        of_column.gathered = []

    def start(self) -> None:
        """Starts all calls that may start now."""
        for each in self._columns.values():
            if each.queued:
                self._start(each)

    def _start(self, of_column: _OfColumn[Row]) -> None:
        now = monotonic()
        of_column.next_try = None
        of_column.changed = of_column.gate.changed()  # taken before its gate is tried
        for group in [group for group in of_column.queued if group.due <= now]:
            wait = of_column.gate.enter(now)
            if wait > 0:
                of_column.next_try = now + wait if isfinite(wait) else None
                return
            of_column.queued.remove(group)
            of_column.running[self._submit(of_column.column, group)] = group
        of_column.next_try = min((group.due for group in of_column.queued), default=None)

    def _submit(self, column: ComputedColumn, group: _Group[Row]) -> Future[_Result]:
        calls = group.calls
        if not _awaits(column):
            has_turns = column.calls.max_concurrency is None
            turns = self._room.turns if has_turns else nullcontext()
            return self._threads.submit(_call, calls, self._running, turns)
        if self._loop is None:
            self._loop = event_loop()
        rows = [call.row for call in calls]
        limit = column.row_timeout
        seconds = None if limit is None else limit.total_seconds() * len(rows)
        return self._loop.submit(
            partial(await_function, calls),
            seconds=seconds,
            late=partial(
                RowTimeoutError,
                column.name,
                rows[0],
                seconds or 0.0,
                ended="coroutine",
                rows=len(rows),
            ),
            # Ends the run if the function blocks the loop, which then can cancel nothing.
            watched=self._running.time_call(column, rows, grace=SECONDS_UNTIL_STUCK),
        )

    def awaited(self) -> Iterator[Future[object]]:
        """Yields the futures one of which is done before anything here changes."""
        for each in self._columns.values():
            yield from each.running  # pyright: ignore[reportReturnType]
            if each.queued and each.changed is not None:
                yield each.changed  # pyright: ignore[reportReturnType]

    def seconds_to_next_start(self) -> float | None:
        """Returns the time until a call may start; None if that depends on others."""
        tries = [each.next_try for each in self._columns.values() if each.next_try is not None]
        return max(min(tries) - monotonic(), 0.0) if tries else None

    def take_finished(self) -> Iterator[tuple[Row, Outcome]]:
        """Yields the rows whose call is over, with the outcome; others are called again."""
        for each in self._columns.values():
            for future in [future for future in each.running if future.done()]:
                group = each.running.pop(future)
                each.gate.leave()
                yield from self._finish(each, group, future)

    def _finish(
        self, of_column: _OfColumn[Row], group: _Group[Row], future: Future[_Result]
    ) -> Iterator[tuple[Row, Outcome]]:
        result = future.result()
        if not isinstance(result, Raised):
            yield from zip(group.rows, result, strict=True)
            return
        error, calls = result.error, of_column.column.calls
        try:
            is_transient = calls.is_transient(error)
            wait = calls.seconds_before_retry(error, retries=group.retries)
        except Exception as problem:  # noqa: BLE001  of a user's `retry_on`
            error, wait, is_transient = problem, None, True
        if wait is not None:
            group.due, group.retries = monotonic() + wait, group.retries + 1
            of_column.queued.append(group)
        elif len(group.rows) > 1 and not is_transient:
            # A bad row fails alone; a service that fails would do so for each row.
            of_column.queued.extendleft(_Group([row]) for row in reversed(group.rows))
        else:
            yield from ((row, Raised(error, group.retries + 1)) for row in group.rows)


def _awaits(column: ComputedColumn) -> bool:
    """Whether a function runs on the event loop; one in another process has its own there."""
    return column.is_async and not column.processes


def _call(
    calls: Sequence[Call], running: RunningCalls, turns: AbstractContextManager[object]
) -> _Result:
    with turns:
        try:
            return call_function(calls, running)
        except BaseException as error:  # noqa: BLE001  whatever a user's function raises is its rows' error
            return Raised(error)
