"""Concurrent rows: a compute thread per core, separate upload threads, a bounded number of rows."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from media_assets.images.allocator import keep_image_buffers
from media_assets.machine import usable_cores
from media_assets.pipeline.budget import MemoryRoom, room_beside_process
from media_assets.pipeline.calls import Call, Outcome
from media_assets.pipeline.parent import ParentWalk
from media_assets.pipeline.pending_calls import PendingCalls
from media_assets.pipeline.plan import Plan, Result, RowPlan, RowResult, Work
from media_assets.pipeline.processes import Processes
from media_assets.pipeline.row import RowWalk, Shared
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.pipeline.writing import FileWriter
from media_assets.threads import Threads

_Steps = Generator[Call, Outcome, RowResult]

_ROWS_AHEAD = 2
"""Rows submitted per thread, so that no thread waits for its next one."""

_UPLOAD_THREADS = 32
"""Uploads wait for the network, not the processor: 16 reached 0.93 of local speed at 20 ms."""

_ROWS_UPLOADING = 64
"""Maximum rows with files waiting to be uploaded; their images are freed, their files staged."""


def run_plan(
    plan: Plan,
    rows: Iterable[Work],
    *,
    workers: int | None = None,
    room_bytes: int | None = None,
) -> Generator[Result]:
    """Makes the cells of all rows, and yields each row once all its files are in place.

    Rows come as they finish, in any order. After closing the iterator, or an error, no further row
    is started, and rows in flight get half a second; nothing of slower ones is kept.

    Args:
        plan: What to make.
        rows: The rows, or the parents that they are parts of: a parent is opened once, and yields
            its parts and then what they are. Taken from the iterable when there is room for them.
        workers: Threads that compute; by default, one per available core.
        room_bytes: The memory for all images in flight; by default, what the process may still use.

    Raises:
        StoreFaultError: A destination accepts no files. Rows yielded so far are complete.
        RowTimeoutError: A row function on a thread exceeded its column's `row_timeout`. Rows
            yielded so far are complete.
    """
    keep_image_buffers()
    threads = workers or usable_cores()
    columns = [output.column for output in plan.outputs]
    calls = RunningCalls(columns if plan.split is None else [*columns, plan.split.column])
    room = MemoryRoom(room_bytes or room_beside_process(), threads=threads)
    ahead = threads * _ROWS_AHEAD
    waiting = PendingCalls[_Waiting](
        plan.table, columns, calls, room, threads=threads, rows_ahead=ahead
    )
    with (
        FileWriter(plan) as writer,
        Threads(ahead + waiting.rows_at_most) as compute,
        Threads(_UPLOAD_THREADS) as upload,
        waiting as pending,
        Processes(columns) as processes,  # killed before anything waits for their calls
        room,
    ):
        shared = Shared(room, writer, processes, calls)
        walks = (_walk_of(plan, row, shared) for row in rows)
        uploading: deque[_Row] = deque()
        for walk in _Rows(compute, pending, calls, room, threads).walk(walks):
            if isinstance(walk, ParentWalk):
                if walk.result is not None:
                    uploading.append(_Row(walk.result, []))
                continue
            uploading.append(_Row(walk.result, [upload.submit(p.place) for p in walk.placements]))
            while uploading and (len(uploading) > _ROWS_UPLOADING or uploading[0].is_done):
                yield uploading.popleft().finish()
        while uploading:
            yield uploading.popleft().finish()


def _walk_of(plan: Plan, row: Work, shared: Shared) -> RowWalk | ParentWalk:
    if isinstance(row, RowPlan):
        return RowWalk(plan, row, shared)
    assert plan.split is not None  # noqa: S101  only then are there parents
    return ParentWalk(plan, plan.split, row, shared)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A row whose walk has stopped at a call."""

    walk: RowWalk
    steps: _Steps
    call: Call


@dataclass(frozen=True, slots=True)
class _Resumed:
    """A row that walks on after a call, or starts."""

    walk: RowWalk
    steps: _Steps
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _OfParent:
    """A part that has stopped, and its parent, which goes on with the next part."""

    parent: ParentWalk
    stop: RowWalk | _Waiting


_Stop = RowWalk | ParentWalk | _Waiting | _OfParent | None


class _Rows:
    """Rows on the compute threads: walking, or waiting for a call.

    Waiting rows keep their room in memory. A batch that is not full is called when all walking
    rows are waiting for room, and at the end. A parent is on one thread at a time, for one part
    after the other; it waits while too many rows do. No more parents are open than threads, since
    each keeps the frames of its decoder.
    """

    def __init__(
        self,
        compute: Threads,
        pending: PendingCalls[_Waiting],
        calls: RunningCalls,
        room: MemoryRoom,
        threads: int,
    ) -> None:
        self._compute, self._calls, self._room = compute, calls, room
        self._pending = pending
        self._threads, self._at_once = threads, threads * _ROWS_AHEAD
        self._open_parents = 0
        self._ready: deque[_Resumed] = deque()
        self._parents: deque[ParentWalk] = deque()
        self._walking: set[Future[_Stop]] = set()

    def walk(self, walks: Iterator[RowWalk | ParentWalk]) -> Iterator[RowWalk | ParentWalk]:
        """Yields each row when its walk has ended, and each parent after its last part started."""
        for walk in walks:
            if isinstance(walk, ParentWalk):
                self._parents.append(walk)
                self._open_parents += 1
            else:
                self._ready.append(_Resumed(walk, walk.walk(), None))
            while self._ready or self._parents or self._is_full:
                self._start()
                if self._is_full:
                    yield from self._settle()
        while self._ready or self._parents or self._walking or self._pending.has_rows:
            self._start()
            yield from self._settle()

    @property
    def _is_full(self) -> bool:
        has_parents = self._open_parents >= self._threads
        return has_parents or len(self._walking) >= self._at_once or self._pending.is_full

    def _start(self) -> None:
        """Lets rows go on, as many together as fit besides those that wait for room."""
        while self._ready and self._has_thread:
            self._walking.add(self._compute.submit(_walk_on, self._ready.popleft(), self._room))
        while self._parents and self._has_thread and not self._pending.is_full:
            self._walking.add(self._compute.submit(_go_on, self._parents.popleft(), self._room))

    @property
    def _has_thread(self) -> bool:
        return len(self._walking) - self._room.waiting < self._at_once

    def _settle(self) -> Iterator[RowWalk | ParentWalk]:
        """Waits until a row stops or a call is over; at the end of a row, yields it."""
        pending, shortage = self._pending, self._room.shortage()
        is_stuck = self._room.waiting >= len(self._walking) and not pending.are_unfinished
        if is_stuck and pending.has_gathered:
            pending.queue_largest()
        pending.start()
        limits = (self._calls.seconds_to_next_check(), pending.seconds_to_next_start())
        seconds = min((limit for limit in limits if limit is not None), default=None)
        awaited: set[Future[Any]] = {shortage, *self._walking, *pending.awaited()}
        wait(awaited, seconds, return_when=FIRST_COMPLETED)
        self._calls.check()
        done = {future for future in self._walking if future.done()}
        self._walking -= done
        for stop in (future.result() for future in done):
            if isinstance(stop, _OfParent):
                self._parents.append(stop.parent)
                stop = stop.stop  # noqa: PLW2901
            if isinstance(stop, _Waiting):
                pending.add(stop)
            elif stop is not None:
                self._open_parents -= isinstance(stop, ParentWalk)
                yield stop
        for row, outcome in pending.take_finished():
            self._ready.append(_Resumed(row.walk, row.steps, outcome))


def _walk_on(row: _Resumed, room: MemoryRoom) -> RowWalk | _Waiting | None:
    """Lets a row walk until it stops; runs on a compute thread. None if the step has ended."""
    with room.turns:
        if room.is_closed:
            return None
        try:
            return _Waiting(row.walk, row.steps, row.steps.send(row.outcome))
        except StopIteration:
            return row.walk


def _go_on(parent: ParentWalk, room: MemoryRoom) -> _Stop:
    """Lets the next part of a parent walk until it stops; the parent itself after the last one."""
    with room.turns:
        if room.is_closed:
            return None
        part = parent.next_part()
        if part is None:
            return parent
        steps = part.walk()
        try:
            return _OfParent(parent, _Waiting(part, steps, steps.send(None)))
        except StopIteration:
            return _OfParent(parent, part)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row whose cells are made, and the uploads of its files."""

    result: Result
    uploads: list[Future[None]]

    @property
    def is_done(self) -> bool:
        return all(upload.done() for upload in self.uploads)

    def finish(self) -> Result:
        for upload in self.uploads:
            upload.result()
        return self.result
