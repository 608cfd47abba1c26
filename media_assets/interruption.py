"""Signals that end a command: the first one in order, a second one or four seconds later at once.

Ctrl-C (SIGINT), SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread, or Dagster's own
exception while one of its runs is under way. A thread of its own hears of each of them too, however
busy or stuck the main thread is, and sees to it that the process ends.
"""

import atexit
import os
import select
import signal
import sys
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager, suppress
from threading import Lock, Thread, current_thread, main_thread
from time import monotonic
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_END = 4.0
"""How long a command may take to save its work and to end, before it is ended."""

_SECONDS_OF_ONE_SIGNAL = 0.25
"""A terminal and a program such as `make` may each send one for the same key."""
_SECONDS_TO_CLEAN_UP = 0.5
_WAKES_MAIN = signal.SIGURG
"""What nobody else sends: it does nothing, but a wait in the main thread is interrupted."""
_WAKES = (0.0, 0.05, 0.2)
"""Seconds after a signal at which it does: it may come just before a wait begins."""
_SWITCH_SECONDS = 1e-4
_SHOWS_CURSOR = "\r\x1b[K\x1b[?25h"
"""A progress bar that is not taken away in order leaves a terminal without one."""


class _Signals:
    """What has come since the watch began, read from the pipe that Python writes to at once."""

    def __init__(self, numbers: Collection[int]) -> None:
        self._numbers, self._lock = numbers, Lock()
        self.is_over = self.is_told = False
        self._first: signal.Signals | None = None
        self._first_at = 0.0
        self._is_second = False
        self.reader, self.writer = os.pipe()
        for end in (self.reader, self.writer):
            os.set_blocking(end, False)

    def take(self) -> None:
        with self._lock, suppress(BlockingIOError):
            numbers = os.read(self.reader, 1024)
            self.is_over = not numbers
            for number in filter(self._numbers.__contains__, numbers):
                self._add(number)

    @property
    def first(self) -> signal.Signals | None:
        self.take()
        return self._first

    @property
    def age(self) -> float:
        """How long ago the first one came."""
        return monotonic() - self._first_at

    @property
    def seconds_left(self) -> float | None:
        """How long the command may go on; None without a limit."""
        if self._first is None:
            return None
        lasts = 0.0 if self._is_second else SECONDS_TO_END
        return max(0.0, lasts - self.age)

    def _add(self, number: int) -> None:
        if self._first is None:
            self._first, self._first_at = signal.Signals(number), monotonic()
        elif self.age > _SECONDS_OF_ONE_SIGNAL:
            self._is_second = True


_signals: _Signals | None = None


def received_signal() -> signal.Signals | None:
    """Returns the first signal that was to end this command, if one has come.

    Dagster forgets one that comes while none of its steps is under way.
    """
    return _signals.first if _signals is not None else None


def interruption_line() -> str | None:
    """Returns what a command says when it was interrupted; None once it was asked for."""
    by = received_signal() or signal.SIGINT
    if _signals is not None:
        if _signals.is_told:
            return None
        _signals.is_told = True
    return f"Interrupted by {by.name}. Finished work is kept: run the command again to go on there."


def exit_status() -> int:
    """Returns the exit status of a command that a signal ended, as shells have it."""
    return 128 + (received_signal() or signal.SIGINT)


@contextmanager
def end_on_signals(clean_up: Callable[[], None]) -> Generator[None]:
    """Lets signals interrupt the block, and end the process where that takes too long.

    A signal that this process was started to ignore stays ignored. Outside of the main thread
    nothing is watched. When a signal has come, the watch goes on after the block, until the process
    has ended.

    Args:
        clean_up: Removes what this process would leave behind, for an end at once.
    """
    global _signals  # noqa: PLW0603  a process has one set of handlers
    if current_thread() is not main_thread() or _signals is not None:
        yield
        return
    handlers = {
        number: signal.getsignal(number)
        for number in SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    # Held back, since Dagster has handlers of its own while a step runs, whatever was there before.
    ignored = set(SIGNALS) - handlers.keys()
    mask_before = signal.pthread_sigmask(signal.SIG_BLOCK, ignored)
    _signals = watched = _Signals(handlers)
    errors = _standard_error()
    atexit.register(_end)  # the first to be registered is the last to be called
    wakes_before = signal.signal(_WAKES_MAIN, _do_nothing)
    fd_before = signal.set_wakeup_fd(watched.writer, warn_on_full_buffer=False)
    for number in handlers:
        signal.signal(number, _interrupt_by_hangup if number is signal.SIGHUP else _interrupt)
    ending = Thread(target=_watch, args=(watched, errors, clean_up), daemon=True)
    ending.start()
    # The thread has Ctrl-C delivered to it instead: programs that Dagster starts, which would
    # answer with tracebacks, have what the main thread holds back.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)  # which drops those that have come
        signal.pthread_sigmask(signal.SIG_SETMASK, mask_before)
        if received_signal() is None:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(fd_before)
            signal.signal(_WAKES_MAIN, wakes_before)
            os.close(watched.writer)
            ending.join()
            os.close(watched.reader)
            os.close(errors)
            atexit.unregister(_end)
            _signals = None
        else:
            for number in handlers:
                signal.signal(number, _do_nothing)  # the thread hears of it all the same


def _standard_error() -> int:
    """A descriptor of its own: a run of Dagster puts a file in the place of the standard one."""
    try:
        return os.dup(2)
    except OSError:  # closed by who started this
        return os.open(os.devnull, os.O_WRONLY)


def _end() -> None:
    """Ends an interrupted process that is in order now: Python would go on for seconds.

    It takes the interpreter apart, beside threads whose row functions hang.
    """
    if _signals is not None and _signals.is_told:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(exit_status())


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Lets the main thread look for other signals, as Python does before it waits on."""


def _interrupt_by_hangup(number: int, frame: FrameType | None) -> None:
    """Does what Ctrl-C does now: Dagster has handlers of its own for that, and none for SIGHUP."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        raise KeyboardInterrupt
    handler(number, frame)


def _watch(watched: _Signals, errors: int, clean_up: Callable[[], None]) -> None:
    """Waits for signals, and ends the process when its time is over."""
    main, wakes = main_thread().ident or 0, [*_WAKES]
    while not watched.is_over and (left := watched.seconds_left) != 0:
        wait = left
        if left is not None and wakes:
            wait = max(0.0, wakes[0] - watched.age)
            if wait == 0:
                # A row function that computes in Python leaves the main thread a turn of 5 ms else.
                sys.setswitchinterval(_SWITCH_SECONDS)
                signal.pthread_kill(main, _WAKES_MAIN)
                del wakes[0]
        select.select([watched.reader], [], [], wait)
        watched.take()
    if watched.first is None:
        return
    if (line := interruption_line()) is not None:
        with suppress(OSError):
            shown = _SHOWS_CURSOR if os.isatty(errors) else ""
            os.write(errors, f"{shown}{line}\n".encode())
    cleaning = Thread(target=clean_up, daemon=True)
    cleaning.start()
    cleaning.join(_SECONDS_TO_CLEAN_UP)
    os._exit(exit_status())
