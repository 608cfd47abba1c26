"""Signals that end a command: the first in good order, a second one immediately.

Ctrl-C (SIGINT), SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread, or Dagster's own
exception during one of its runs. A separate thread receives them too, even if the main thread is
busy or stuck, and kills the process on a second signal, or if it has not ended after four seconds.
"""

import atexit
import os
import select
import signal
import sys
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock, Thread, current_thread, main_thread
from time import monotonic
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_IGNORABLE = {signal.SIGINT, signal.SIGHUP}
"""Signals that a shell makes the commands of a script's background, or of nohup, ignore.

SIGTERM is ignored only by accident: Dagster gives it SIGINT's handler. Programs that were started
with it ignored or blocked could not be ended, among them those that copy a step's output.
"""
SECONDS_TO_END = 4.0
"""How long a command may take to save its work and end before it is killed."""

_SECONDS_OF_ONE_SIGNAL = 0.25
"""The terminal and a program such as `make` may each send a signal for the same key press."""
_SECONDS_TO_CLEAN_UP = 0.5
_WAKES_MAIN = signal.SIGURG
"""A signal that no one else sends. It only interrupts a wait in the main thread."""
_WAKES = (0.0, 0.05, 0.2)
"""Seconds after a signal at which the main thread is woken; a wait may begin just after one."""
_SWITCH_SECONDS = 1e-4
_SHOWS_CURSOR = "\r\x1b[K\x1b[?25h"
"""Shows the cursor again, which a progress bar hides until it is closed."""


class _Signals:
    """The signals received so far, read from the pipe to which Python writes them immediately."""

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
        """Seconds since the first signal."""
        return monotonic() - self._first_at

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the command has left; None if there is no limit."""
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
"""The signals of a command."""

_noted: _Signals | None = None
"""The signals of a foreground block in Python."""

_is_foreground = ContextVar("_is_foreground", default=False)


def received_signal() -> signal.Signals | None:
    """Returns the first signal that should end this command or foreground block, or None.

    Dagster loses a signal that arrives while none of its steps is running, and Python loses the
    KeyboardInterrupt of one that arrives while it collects garbage.
    """
    watched = _signals or _noted
    return watched.first if watched is not None else None


@contextmanager
def in_foreground() -> Generator[None]:
    """Marks a block that its caller waits for, so that an interruption is meant to end it.

    Unless a command watches its signals, Ctrl-C is noted until the outermost such block ends.
    """
    token = _is_foreground.set(True)
    try:
        with _noting():
            yield
    finally:
        _is_foreground.reset(token)


@contextmanager
def _noting() -> Generator[None]:
    global _noted  # noqa: PLW0603  a process has one pipe to which Python writes its signals
    if current_thread() is not main_thread() or _signals is not None or _noted is not None:
        yield
        return
    _noted = watched = _Signals((signal.SIGINT,))
    fd_before = signal.set_wakeup_fd(watched.writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(fd_before)
        _noted = None
        os.close(watched.writer)
        os.close(watched.reader)


def ending_signal() -> signal.Signals | None:
    """Returns the signal that is to end what runs here, once an interruption was raised.

    None outside of commands and foreground blocks: Dagster decides what becomes of such a run.
    """
    return received_signal() or (signal.SIGINT if _is_foreground.get() else None)


def interruption_line() -> str | None:
    """Returns the message of an interrupted command; None after the first call."""
    by = received_signal() or signal.SIGINT
    if _signals is not None:
        if _signals.is_told:
            return None
        _signals.is_told = True
    return f"Interrupted by {by.name}. Finished work is kept: run the command again to continue."


def exit_status() -> int:
    """Returns the exit status of a command that a signal ended: 128 plus its number."""
    return 128 + (received_signal() or signal.SIGINT)


@contextmanager
def end_on_signals(clean_up: Callable[[], None]) -> Generator[None]:
    """Lets signals interrupt the block, and kills the process if that takes too long.

    SIGINT and SIGHUP stay ignored if this process was started to ignore them. Outside the main
    thread, this does nothing. After a signal, watching continues beyond the block until the process
    has ended.

    Args:
        clean_up: Deletes what this process would leave behind if it is killed.
    """
    global _signals  # noqa: PLW0603  a process has one set of handlers
    if current_thread() is not main_thread() or _signals is not None:
        yield
        return
    handlers = {
        number: signal.getsignal(number)
        for number in SIGNALS
        if number not in _IGNORABLE or signal.getsignal(number) is not signal.SIG_IGN
    }
    # Blocked, because Dagster installs its own handlers while a step runs.
    ignored = set(SIGNALS) - handlers.keys()
    mask_before = signal.pthread_sigmask(signal.SIG_BLOCK, ignored)
    _signals = watched = _Signals(handlers)
    errors = _standard_error()
    atexit.register(_end)  # registered first, so called last
    wakes_before = signal.signal(_WAKES_MAIN, _do_nothing)
    fd_before = signal.set_wakeup_fd(watched.writer, warn_on_full_buffer=False)
    for number in handlers:
        signal.signal(number, _interrupt_by_hangup if number is signal.SIGHUP else _interrupt)
    ending = Thread(target=_watch, args=(watched, errors, clean_up), daemon=True)
    ending.start()
    # Ctrl-C is then delivered to the thread. Programs that Dagster starts inherit the main thread's
    # mask, and would otherwise print tracebacks.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)  # this drops pending ones
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
                signal.signal(number, _do_nothing)  # the thread still receives it


def _standard_error() -> int:
    """Returns a copy of standard error, since a Dagster run redirects the original to a file."""
    try:
        return os.dup(2)
    except OSError:  # closed by the parent process
        return os.open(os.devnull, os.O_WRONLY)


def _end() -> None:
    """Ends an interrupted process immediately; Python would wait for hanging row functions."""
    if _signals is not None and _signals.is_told:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(exit_status())


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Makes the main thread handle pending signals, which Python does before it waits again."""


def _interrupt_by_hangup(number: int, frame: FrameType | None) -> None:
    """Calls the current handler of Ctrl-C, since Dagster has one for that but none for SIGHUP."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        raise KeyboardInterrupt
    handler(number, frame)


def _watch(watched: _Signals, errors: int, clean_up: Callable[[], None]) -> None:
    """Waits for signals, and kills the process when its time is over."""
    main, wakes = main_thread().ident or 0, [*_WAKES]
    while not watched.is_over and (left := watched.seconds_left) != 0:
        wait = left
        if left is not None and wakes:
            wait = max(0.0, wakes[0] - watched.age)
            if wait == 0:
                # Otherwise, a busy row function would let the main thread run only every 5 ms.
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
