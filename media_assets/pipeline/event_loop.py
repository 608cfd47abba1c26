"""The event loop of a process, on a thread of its own: all `async def` functions run on it.

It outlives the steps, so that what a function keeps from call to call, such as a client of an HTTP
service, can be used again.
"""

import asyncio
import atexit
import signal
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Future, TimeoutError as FutureTimeoutError
from contextlib import AbstractContextManager, suppress
from threading import Lock, Thread
from typing import TypeVar

from media_assets.pipeline.calls import Raised
from media_assets.threads import SECONDS_TO_FINISH

Made = TypeVar("Made")

SECONDS_TO_CANCEL = 0.5
"""How long a coroutine may take to end once it was cancelled; then it is left behind."""


class EventLoop:
    """A running event loop and its thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name="media-assets-async", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it runs; in a forked process it does not."""
        return self._thread.is_alive()

    def submit(
        self,
        work: Callable[[], Awaitable[Made]],
        *,
        seconds: float | None,
        late: Callable[[], Exception],
        watched: AbstractContextManager[object],
    ) -> Future[Made | Raised]:
        """Starts a coroutine, and returns a future of its result, or of what it raised.

        Args:
            work: Makes the coroutine.
            seconds: How long it may take; None for no limit.
            late: Makes the error of one that takes longer, which is cancelled.
            watched: Entered while it runs.
        """
        coroutine = _bounded(work, seconds, late, watched)
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def end_all(self, futures: Collection[Future[Made]]) -> bool:
        """Cancels what is under way, and returns whether the loop still answers.

        What is cancelled gets half a second to end.
        """
        for future in futures:
            future.cancel()
        # It runs after the cancellations, which were scheduled before.
        settled = asyncio.run_coroutine_threadsafe(_settle(), self._loop)
        with suppress(FutureTimeoutError):
            settled.result(1.5 * SECONDS_TO_FINISH)
            return True
        settled.cancel()
        return False

    def stop(self) -> None:
        """Ends the thread with the process: one that is left running keeps modules in memory."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS_TO_FINISH)

    def _run(self) -> None:
        # The calling thread may block Ctrl-C, which must reach the programs that a function starts.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()


_lock = Lock()
_current: list[EventLoop] = []


def event_loop() -> EventLoop:
    """Returns the event loop of this process, started when it is first needed."""
    with _lock:
        if not _current or not _current[0].is_alive:
            _current[:] = [EventLoop()]
            atexit.register(_current[0].stop)
        return _current[0]


def give_up(loop: EventLoop) -> None:
    """Lets the next caller get a new event loop: this one is stuck in a function."""
    with _lock:
        if _current == [loop]:
            _current.clear()


async def _bounded(
    work: Callable[[], Awaitable[Made]],
    seconds: float | None,
    late: Callable[[], Exception],
    watched: AbstractContextManager[object],
) -> Made | Raised:
    """Awaits some work, for a limited time even if it does not obey its cancellation."""
    with watched:
        task = asyncio.ensure_future(_caught(work))
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
            if not done:
                task.cancel()
                await asyncio.wait({task}, timeout=SECONDS_TO_CANCEL)
                return Raised(late())
        finally:
            task.cancel()
    return Raised(asyncio.CancelledError()) if task.cancelled() else task.result()


async def _caught(work: Callable[[], Awaitable[Made]]) -> Made | Raised:
    """Returns what some work raised: SystemExit, raised from a task, would end the loop."""
    try:
        return await work()
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001  whatever a user's function raises is its row's error
        return Raised(error)


async def _settle() -> None:
    others = asyncio.all_tasks()
    ending = {task for task in others if task.cancelling()}
    if ending:
        await asyncio.wait(ending, timeout=SECONDS_TO_FINISH)
