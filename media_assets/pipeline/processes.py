"""Row functions in processes of their own: paths in, digests out, never an image."""

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
    """Processes that make a cell each, started when a cell finds none that is free.

    There are as many as threads that make cells at once.
    """

    def __init__(self) -> None:
        """Starts none yet."""
        self._lock = Lock()
        self._free: list[_Process] = []
        self._busy: set[_Process] = set()
        self._has_ended = False

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the processes, at once and amid their work when left by an exception."""
        with self._lock:
            self._has_ended = True
            free, self._free = self._free, []
            busy = self._busy.copy()
        for process in busy:
            process.kill()  # its thread sees to the rest
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

        A process that dies may have been chosen by a machine without memory, so the cell is tried
        once more, in another one.

        Args:
            call: What is to be made.
            row: The cell's row.
            values: The values of assets that the function takes, pickled; the same for all rows.
            timeout: How long the function may take.

        Raises:
            ProcessDiedError: That died, too.
            RowTimeoutError: The function took longer than `timeout`; its process was ended.
            Exception: What the row function raised.
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
                    raise RowTimeoutError(call.column, row, seconds or 0.0, is_ended=True) from None
                except (EOFError, OSError):
                    continue
            if isinstance(made, BaseException):
                raise made
            return made
        raise ProcessDiedError(getattr(call.function, "__name__", repr(call.function)))

    @contextmanager
    def _borrow(self) -> "Generator[_Process | None]":
        """Gives a process that is free, and takes it back if it answered; None after the end."""
        with self._lock:
            process, has_ended = self._free.pop() if self._free else None, self._has_ended
        if has_ended:
            yield None
            return
        process = process or _Process()
        with self._lock:
            has_ended = self._has_ended  # while it was started
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
        """Starts it, never from this process: the storage client hangs in a forked child.

        It comes from a server that imported this package once, which saves seconds for each; the
        module of a row function is imported anew by every process, as it stands then.
        """
        context = get_context("forkserver")
        context.set_forkserver_preload([process_server.__name__])
        self._pipe, theirs = context.Pipe()
        given = (theirs, list(sys.path), os.getcwd(), dict(os.environ))  # noqa: PTH109  as it is taken
        # No daemon in the sense of `multiprocessing`: those may not have children.
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
        """Returns what it made, or what the row function raised.

        Raises:
            TimeoutError: The function is still running.
            EOFError: The process has died.
            OSError: The same.
        """
        self.has_answered = False
        is_told = values is None or column in self._has_values_of
        self._pipe.send((parcel, folder, None if is_told else (column, values)))
        self._has_values_of.add(column)
        answer = self._pipe.recv()
        if isinstance(answer, Calling):  # imports and inputs are not counted
            if not self._pipe.poll(seconds):
                raise TimeoutError
            answer = self._pipe.recv()
        if isinstance(answer, Called):  # and encoding is not, either
            answer = self._pipe.recv()
        self.has_answered = True
        return answer

    def end(self, *, at_once: bool) -> None:
        """Ends it and what its row function has started, and waits for that."""
        if at_once:
            self.kill()
        self._pipe.close()  # which a process that waits for calls ends by
        self._process.join(_SECONDS_TO_END)
        if self._process.exitcode is None:
            self.kill()
            self._process.join(_SECONDS_TO_END)
        _running.discard(self)

    def kill(self) -> None:
        """Ends it amid its work, with all of its group."""
        if self._process.pid is not None and self._process.exitcode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            # Its own group from its first steps on, and gone if there were none.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


_starting = Lock()
_running: set[_Process] = set()


def kill_processes() -> None:
    """Ends all processes of row functions at once, for a process that cannot end in order."""
    for process in _running.copy():
        process.kill()


def _keep_sockets_short() -> None:
    """Lets the server of processes be reached also where the temporary folder has a long path.

    A socket's path has at most 108 bytes. Python before 3.14 puts it below that folder, whatever
    its length.
    """
    if len(os.fsencode(tempfile.gettempdir())) <= _LONGEST_FOLDER:
        return
    given, tempfile.tempdir = tempfile.tempdir, "/tmp"  # noqa: S108  a folder of its own in it
    try:
        util.get_temp_dir()  # made once, and kept
    finally:
        tempfile.tempdir = given


@contextmanager
def _signals_held_back() -> Generator[None]:
    """Lets what is started be deaf to Ctrl-C, which a terminal sends to all of a group.

    Children have what this thread holds back, and keep it until they are ready to be ended by
    their parent: one that still imports would answer with a traceback.
    """
    resource_tracker.ensure_running()  # it lets through what was held back while it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _folder_of(function: Callable[..., object]) -> str | None:
    """The folder that a function's module was imported from.

    Dagster takes a code location's folder off the path again once its definitions are loaded.
    """
    module = sys.modules.get(getattr(function, "__module__", ""))
    file = getattr(module, "__file__", None)
    if module is None or file is None:
        return None
    path = Path(file).resolve()
    depth = module.__name__.count(".") + (path.name == "__init__.py")
    return str(path.parents[depth])
