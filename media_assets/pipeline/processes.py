"""Row functions in processes of their own: paths in, digests out, never an image."""

import hashlib
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Self

from PIL import Image

from media_assets.errors import ProcessDiedError
from media_assets.images.allocator import keep_image_buffers
from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets.images.encode import encode_image
from media_assets.images.formats import Encoding
from media_assets.pipeline.disk import disk_faults
from media_assets.pipeline.returned import returned
from media_assets.values import ColumnType, decode_value, encode_value


@dataclass(frozen=True, slots=True)
class ProcessCall:
    """What a process needs to make one cell.

    Attributes:
        function: The row function, which is found again by its module and name.
        inputs: The type of each input, and its text, or the path of its file.
        type: What the column holds.
        limits: What an input image may be.
        reads_at: The size at which images are decoded.
        encoding: How an image is written.
        target: The file to write an image into; it exists, empty.
    """

    function: Callable[..., object]
    inputs: Mapping[str, tuple[ColumnType, str | None]]
    type: ColumnType
    limits: ImageLimits
    reads_at: tuple[int, int] | None = None
    encoding: Encoding | None = None
    target: Path | None = None


@dataclass(frozen=True, slots=True)
class ProcessMade:
    """What a process made: a value's text, or facts about the file that it wrote."""

    value: str | None = None
    digest: str = ""
    size_bytes: int = 0
    width: int = 0
    height: int = 0
    format: str = ""
    marks: tuple[str, ...] = ()


class Processes:
    """A pool of processes, started when the first cell asks for one."""

    def __init__(self, processes: int) -> None:
        """Sets how many there are; nothing is started yet."""
        self._processes = processes
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def make(self, call: ProcessCall) -> ProcessMade:
        """Makes a cell in another process, and waits for it.

        A process that dies takes the cells of its neighbours with it, so each is tried once more,
        alone.

        Raises:
            ProcessDiedError: It died again.
            Exception: What the row function raised.
        """
        pool, parcel = self._started(), pickle.dumps(call)
        folder = _folder_of(call.function)
        try:
            return pool.submit(make_cell, parcel, folder).result()
        except BrokenProcessPool:
            self._forget(pool)
        try:
            with _pool(1) as alone:
                return alone.submit(make_cell, parcel, folder).result()
        except BrokenProcessPool as error:
            name = getattr(call.function, "__name__", repr(call.function))
            raise ProcessDiedError(name) from error

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = _pool(self._processes)
            return self._pool

    def _forget(self, broken: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is broken:
                self._pool = None


def _pool(processes: int) -> ProcessPoolExecutor:
    """A pool whose processes never come from this one: the storage client hangs in a forked child.

    They come from a server that imported this package once, which saves seconds for each; the
    module of a row function is imported anew by every process, as it stands then.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return ProcessPoolExecutor(
        processes,
        mp_context=context,
        initializer=_start,
        initargs=(list(sys.path), os.getcwd(), dict(os.environ)),  # noqa: PTH109  as it is taken
    )


def make_cell(parcel: bytes, folder: str | None) -> ProcessMade:
    """Makes one cell; in the child.

    Args:
        parcel: A pickled `ProcessCall`.
        folder: Where the row function's module is imported from, if that is known.

    Raises:
        Exception: What the row function raised, or its text where that cannot be pickled: an
            exception that its own class does not take back breaks the whole pool.
    """
    if folder is not None and folder not in sys.path:
        sys.path.append(folder)
    try:
        return _make(pickle.loads(parcel))  # noqa: S301  from the process that started this one
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301  made on the line itself
        except Exception:  # noqa: BLE001  a user's class may raise anything
            text = f"{type(error).__name__}: {error}"
            raise RuntimeError(text) from None
        raise


def _make(call: ProcessCall) -> ProcessMade:
    """Decodes the inputs, calls the row function, and writes what it made."""
    arguments = {name: _argument(call, *given) for name, given in call.inputs.items()}
    made = call.function(**arguments)
    made = returned(made, arguments, call.type)
    if not isinstance(made, Image.Image) or call.target is None or call.encoding is None:
        return ProcessMade(value=encode_value(made, call.type))
    with disk_faults(call.target), call.target.open("w+b") as file:
        written = encode_image(made, file, call.encoding)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size_bytes = file.tell()
    return ProcessMade(
        None, digest, size_bytes, made.width, made.height, written.format, written.marks
    )


def _argument(call: ProcessCall, column_type: ColumnType, given: str | None) -> object:
    if column_type is not ColumnType.IMAGE:
        return decode_value(given, column_type)
    opened = open_image(Path(given or ""), call.limits)
    return decode_image(opened, reads_at=call.reads_at)


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


def _start(path: list[str], folder: str, environment: dict[str, str]) -> None:
    """Lets a child find what this process can, and end when it does."""
    Thread(target=_end_with_parent, daemon=True).start()
    sys.path[:] = path
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    keep_image_buffers()


def _end_with_parent() -> None:
    """Ends a child whose parent was killed, which nobody else would: it waits for calls forever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
