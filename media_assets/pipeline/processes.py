"""Row functions in separate processes: paths in, digests out, no images in between."""

import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing import get_context, resource_tracker, util
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from media_assets.errors import ProcessDiedError, RowTimeoutError
from media_assets.pipeline import process_server
from media_assets.pipeline.process_server import Called, Calling, ProcessCall, ProcessMade, serve

_ATTEMPTS = 2
_SECONDS_TO_END = 1.0
_LONGEST_FOLDER = 60
_HELD_BACK = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class Processes:
    """Processes that make one cell at a time, started when a cell finds none free.

    There are at most as many as threads that make cells.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._free: list[_Process] = []
        self._busy: set[_Process] = set()
        self._has_ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the processes; immediately, during their work, if left by an exception."""
        with self._lock:
            self._has_ended = True
            free, self._free = self._free, []
            busy = self._busy.copy()
        for process in busy:
            process.kill()  # its thread does the rest
        for process in free:
            process.end(at_once=kind is not None)

    def make(
        self,
        call: ProcessCall,
        *,
        row: str,
        values: bytes | None = None,
        timeout: timedelta | None = None,
    ) -> ProcessMade:
        """Makes a cell in another process, and waits for it.

        A process that dies may have been killed because memory ran out, so the cell is tried once
        more in another process.

        Args:
            call: The cell to make.
            row: The cell's row.
            values: The values of assets that the function takes, pickled; the same for all rows.
            timeout: The time limit of the function.

        Raises:
            ProcessDiedError: The second process died, too.
            RowTimeoutError: The function took longer than `timeout`; its process was ended.
            Exception: The row function's exception.
        """
        parcel, folder = pickle.dumps(call), _folder_of(call.function)
        seconds = None if timeout is None else timeout.total_seconds()
        for _ in range(_ATTEMPTS):
            with self._borrow() as process:
                if process is None:
                    break
                try:
                    made = process.make(call.column, parcel, folder, values, seconds)
                except TimeoutError:
                    raise RowTimeoutError(
                        call.column, row, seconds or 0.0, ended="process"
                    ) from None
                except (EOFError, OSError):
                    continue
            if isinstance(made, BaseException):
                raise made
            return made
        raise ProcessDiedError(getattr(call.function, "__name__", repr(call.function)))

    @contextmanager
    def _borrow(self) -> "Generator[_Process | None]":
        """Yields a free process, which returns to the pool if it answered; None after the end."""
        with self._lock:
            process, has_ended = self._free.pop() if self._free else None, self._has_ended
        if has_ended:
            yield None
            return
        process = process or _Process()
        with self._lock:
            has_ended = self._has_ended  # in the meantime
            self._busy.add(process)
        try:
            yield None if has_ended else process
        finally:
            with self._lock:
                self._busy.discard(process)
                goes_on = process.has_answered and not self._has_ended
                if goes_on:
                    self._free.append(process)
            if not goes_on:
                process.end(at_once=True)


class _Process:
    """One process, and the pipe to it."""

    def __init__(self) -> None:
        """Starts the process, never as a fork of this one: there the storage client would hang.

        It is forked from a server that imported this package once, which saves seconds per
        process. The row function's module is imported by each process, in its current state.
        """
        context = get_context("forkserver")
        context.set_forkserver_preload([process_server.__name__])
        self._pipe, theirs = context.Pipe()
        given = (theirs, list(sys.path), os.getcwd(), dict(os.environ))  # noqa: PTH109  as it is taken
        # Not a `multiprocessing` daemon: those may not have children.
        self._process = context.Process(target=serve, args=given, name="media-assets")
        self.has_answered = True
        self._has_values_of: set[str] = set()
        with _starting, _signals_held_back():
            _keep_sockets_short()
            self._process.start()
        theirs.close()
        _running.add(self)

    def make(
        self,
        column: str,
        parcel: bytes,
        folder: str | None,
        values: bytes | None,
        seconds: float | None,
    ) -> ProcessMade | BaseException:
        """Returns the result, or the row function's exception.

        Raises:
            TimeoutError: The function is still running.
            EOFError: The process has died.
            OSError: The same.
        """
        self.has_answered = False
        has_values = values is None or column in self._has_values_of
        self._pipe.send((parcel, folder, None if has_values else (column, values)))
        self._has_values_of.add(column)
        answer = self._pipe.recv()
        if isinstance(answer, Calling):  # time for imports and inputs does not count
            if not self._pipe.poll(seconds):
                raise TimeoutError
            answer = self._pipe.recv()
        if isinstance(answer, Called):  # and neither does encoding
            answer = self._pipe.recv()
        self.has_answered = True
        return answer

    def end(self, *, at_once: bool) -> None:
        """Ends the process and whatever its row function started, and waits for that."""
        if at_once:
            self.kill()
        self._pipe.close()  # which ends a process that is waiting for calls
        self._process.join(_SECONDS_TO_END)
        if self._process.exitcode is None:
            self.kill()
            self._process.join(_SECONDS_TO_END)
        _running.discard(self)

    def kill(self) -> None:
        """Kills the process during its work, with its whole group."""
        if self._process.pid is not None and self._process.exitcode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            # It creates its own group first; the group is gone if it has no members.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


_starting = Lock()
_running: set[_Process] = set()


def kill_processes() -> None:
    """Kills all processes of row functions, for a process that cannot end in order."""
    for process in _running.copy():
        process.kill()


def _keep_sockets_short() -> None:
    """Makes the server of processes reachable even if the temporary folder has a long path.

    A socket's path has at most 108 bytes. Python before 3.14 puts it below that folder, however
    long the path.
    """
    if len(os.fsencode(tempfile.gettempdir())) <= _LONGEST_FOLDER:
        return
    given, tempfile.tempdir = tempfile.tempdir, "/tmp"  # noqa: S108  a folder of its own in it
    try:
        util.get_temp_dir()  # created once, and cached
    finally:
        tempfile.tempdir = given


@contextmanager
def _signals_held_back() -> Generator[None]:
    """Makes processes started within it ignore Ctrl-C, which a terminal sends to a whole group.

    Children inherit this thread's blocked signals, and keep them until they are ready to be ended
    by their parent: one that is still importing would print a traceback.
    """
    resource_tracker.ensure_running()  # starting it would unblock the signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _folder_of(function: Callable[..., object]) -> str | None:
    """Returns the folder that a function's module was imported from.

    Dagster removes a code location's folder from the path once its definitions are loaded.
    """
    module = sys.modules.get(getattr(function, "__module__", ""))
    file = getattr(module, "__file__", None)
    if module is None or file is None:
        return None
    path = Path(file).resolve()
    depth = module.__name__.count(".") + (path.name == "__init__.py")
    return str(path.parents[depth])
