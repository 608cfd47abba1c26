"""Concurrent rows: a compute thread per core, separate upload threads, a bounded number of rows."""

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from media_assets.columns import ComputedColumn
from media_assets.images.allocator import keep_image_buffers
from media_assets.pipeline.budget import MemoryRoom, room_beside_process
from media_assets.pipeline.calls import BatchCall, Outcome, call_batch
from media_assets.pipeline.plan import Plan, RowPlan, RowResult
from media_assets.pipeline.processes import Processes
from media_assets.pipeline.row import RowWalk, Shared
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.pipeline.writing import FileWriter
from media_assets.threads import Threads

_Steps = Generator[BatchCall, Outcome, RowResult]

_ROWS_AHEAD = 2
"""Rows submitted per thread, so that no thread waits for its next one."""

_UPLOAD_THREADS = 32
"""Uploads wait for the network, not the processor: 16 reached 0.93 of local speed at 20 ms."""

_ROWS_UPLOADING = 64
"""Maximum rows with files waiting to be uploaded; their images are freed, their files staged."""


def run_plan(
    plan: Plan,
    rows: Iterable[RowPlan],
    *,
    workers: int | None = None,
    room_bytes: int | None = None,
) -> Iterator[RowResult]:
    """Makes the cells of all rows, and yields each row once all its files are in place.

    Rows come as they finish, in any order. After closing the iterator, or an error, no further row
    is started, and rows in flight get half a second; nothing of slower ones is kept.

    Args:
        plan: What to make.
        rows: The rows; taken from the iterable when there is room for them.
        workers: Threads that compute; by default, one per available core.
        room_bytes: The memory for all images in flight; by default, what the process may still use.

    Raises:
        StoreFaultError: A destination accepts no files. Rows yielded so far are complete.
        RowTimeoutError: A row function on a thread exceeded its column's `row_timeout`. Rows
            yielded so far are complete.
    """
    keep_image_buffers()
    threads = workers or len(os.sched_getaffinity(0))
    columns = [output.column for output in plan.outputs]
    batches = sum(c.batch_size or 0 for c in columns if isinstance(c, ComputedColumn))
    with (
        FileWriter(plan) as writer,
        Threads(threads * _ROWS_AHEAD + batches) as compute,
        Threads(_UPLOAD_THREADS) as upload,
        Processes() as processes,
        MemoryRoom(room_bytes or room_beside_process(), threads=threads) as room,
    ):
        calls = RunningCalls(columns)
        shared = Shared(room, writer, processes, calls)
        walks = (RowWalk(plan, row, shared) for row in rows)
        uploading: deque[_Row] = deque()
        for walk in _Rows(compute, calls, room, threads * _ROWS_AHEAD).walk(walks):
            uploading.append(_Row(walk.result, [upload.submit(p.place) for p in walk.placements]))
            while uploading and (len(uploading) > _ROWS_UPLOADING or uploading[0].is_done):
                yield uploading.popleft().finish()
        while uploading:
            yield uploading.popleft().finish()


@dataclass(frozen=True, slots=True)
class _Stop:
    """A row's walk has stopped: at its end, or at the call of a batch function."""

    walk: RowWalk
    steps: _Steps
    call: BatchCall | None


@dataclass(frozen=True, slots=True)
class _Resumed:
    """A row whose batch was called, and the outcome."""

    walk: RowWalk
    steps: _Steps
    outcome: Outcome


class _Rows:
    """Rows on the compute threads: walking, or waiting until a batch is full.

    Waiting rows keep their room in memory. A batch that is not full is called when all walking
    rows are waiting for room, and at the end.
    """

    def __init__(
        self, compute: Threads, calls: RunningCalls, room: MemoryRoom, at_once: int
    ) -> None:
        self._compute, self._calls, self._room, self._at_once = compute, calls, room, at_once
        self._ready: deque[_Resumed] = deque()
        self._walking: set[Future[list[_Stop | _Resumed]]] = set()
        self._waiting: dict[str, list[_Stop]] = {}

    def walk(self, walks: Iterator[RowWalk]) -> Iterator[RowWalk]:
        """Yields each row when its walk has ended."""
        for walk in walks:
            self._ready.append(_Resumed(walk, walk.walk(), None))
            while self._ready or len(self._walking) >= self._at_once:
                self._start()
                if len(self._walking) >= self._at_once:
                    yield from self._settle()
        while self._ready or self._walking or any(self._waiting.values()):
            self._start()
            yield from self._settle()

    def _start(self) -> None:
        """Lets rows go on, as many together as fit besides those that wait for room."""
        while self._ready and len(self._walking) - self._room.waiting < self._at_once:
            self._walking.add(self._compute.submit(_walk_on, self._ready.popleft(), self._room))

    def _settle(self) -> Iterator[RowWalk]:
        """Waits until a row stops: at its end, or for a batch, which is called when full."""
        shortage = self._room.shortage()
        if self._room.waiting >= len(self._walking) and any(self._waiting.values()):
            self._call(max(self._waiting.values(), key=len))
        seconds = self._calls.seconds_to_next_check()
        awaited: set[Future[Any]] = {shortage, *self._walking}
        wait(awaited, seconds, return_when=FIRST_COMPLETED)
        self._calls.check()
        done = {future for future in self._walking if future.done()}
        self._walking -= done
        for stop in (stop for future in done for stop in future.result()):
            if isinstance(stop, _Resumed):
                self._ready.append(stop)
            elif stop.call is None:
                yield stop.walk
            else:
                waiting = self._waiting.setdefault(stop.call.column.name, [])
                waiting.append(stop)
                if len(waiting) == stop.call.column.batch_size:
                    self._call(waiting)

    def _call(self, waiting: list[_Stop]) -> None:
        stops = list(waiting)
        waiting.clear()
        self._walking.add(self._compute.submit(_call, stops, self._calls, self._room))


def _walk_on(row: _Resumed, room: MemoryRoom) -> list[_Stop | _Resumed]:
    """Lets a row walk until it stops; runs on a compute thread."""
    with room.turns:
        if room.is_closed:
            return []
        try:
            return [_Stop(row.walk, row.steps, row.steps.send(row.outcome))]
        except StopIteration:
            return [_Stop(row.walk, row.steps, None)]


def _call(stops: list[_Stop], running: RunningCalls, room: MemoryRoom) -> list[_Stop | _Resumed]:
    """Calls a batch function for its rows; then each continues on its own, on any thread."""
    calls = [stop.call for stop in stops if stop.call is not None]
    with room.turns:
        outcomes = call_batch(calls, running)
    return [_Resumed(s.walk, s.steps, o) for s, o in zip(stops, outcomes, strict=True)]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row whose cells are made, and the uploads of its files."""

    result: RowResult
    uploads: list[Future[None]]

    @property
    def is_done(self) -> bool:
        return all(upload.done() for upload in self.uploads)

    def finish(self) -> RowResult:
        for upload in self.uploads:
            upload.result()
        return self.result
