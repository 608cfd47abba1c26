"""Pools of threads that never keep a process from ending."""

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

Given = ParamSpec("Given")
Item = TypeVar("Item")
Made = TypeVar("Made")

SECONDS_TO_FINISH = 0.5
"""How long leaving a pool early waits: an interrupted command should end within seconds."""

_Work = tuple[Future[Any], Callable[[], Any]]


class Threads:
    """A pool of at most `threads` daemon threads, started as work comes in.

    Leaving it waits until all work is done. If left by an exception, it starts nothing more, waits
    half a second for the work under way, and abandons it: a call that hangs would otherwise block
    the caller, and the end of the process, forever. `concurrent.futures` waits.
    """

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._unfinished = 0
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()

    def submit(
        self, work: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Made]:
        """Runs some work on a thread, and returns a future for its result."""
        future: Future[Made] = Future()
        self._waiting.put((future, partial(work, *args, **kwargs)))
        with self._lock:
            self._unfinished += 1
            # Shared by all unfinished work, since work may wait for work submitted later.
            if len(self._threads) < min(self._unfinished, self._most):
                name = f"media-assets-{len(self._threads)}"
                thread = Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def map(self, work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """Yields the result for each item, in the order of the items; all are submitted first."""
        futures = [self.submit(work, item) for item in items]
        return (future.result() for future in futures)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._end(None)
        finally:
            # Also if the wait was interrupted.
            self._drop_waiting()
            self._end(SECONDS_TO_FINISH)

    def _end(self, seconds: float | None) -> None:
        """Tells all threads to end when no work is waiting, and waits for them."""
        deadline = None if seconds is None else monotonic() + seconds
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(None if deadline is None else max(0.0, deadline - monotonic()))

    def _drop_waiting(self) -> None:
        while True:
            try:
                work = self._waiting.get_nowait()
            except Empty:
                return
            if work is not None:
                future, _ = work
                future.cancel()

    def _work(self) -> None:
        # The calling thread may block Ctrl-C, which must reach the programs that a row function
        # starts.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        while (given := self._waiting.get()) is not None:
            future, work = given
            if future.set_running_or_notify_cancel():
                try:
                    made = work()
                except BaseException as error:  # noqa: BLE001  its caller gets whatever it raised
                    self._finish()
                    future.set_exception(error)
                else:
                    self._finish()
                    future.set_result(made)
                    del made
            del given, future, work  # otherwise the last result would live until the next one

    def _finish(self) -> None:
        """Counts work as done before its caller, who may submit more, learns of it."""
        with self._lock:
            self._unfinished -= 1
