"""The server in a row function's process, which makes one cell after another.

Its parent talks to it through a pipe; `pipeline.processes` is the other end.
"""

import asyncio
import inspect
import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import cast

from media_assets.columns import Expected, name_of, seconds_asked
from media_assets.images.allocator import keep_image_buffers
from media_assets.images.animations import animation_of
from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets.images.formats import Encoding
from media_assets.limits import Limits
from media_assets.media_types import medium_of
from media_assets.pipeline.calls import result_of_call
from media_assets.pipeline.disk import disk_faults
from media_assets.pipeline.made_files import MadeFile, hash_made, write_made
from media_assets.values import ColumnType, Stored, decode_argument, encode_value


@dataclass(frozen=True, slots=True)
class ProcessCall:
    """Everything that a process needs to make one cell.

    Attributes:
        function: The row function, pickled by its module and name.
        column: Its column.
        inputs: The type of each input, with its stored value or the path of its file.
        type: The type of the column.
        limits: The limits on files, by the name of their kind.
        is_nullable: Whether None is null if the column holds files.
        decode_size: The size at which images are decoded.
        encoding: How a file is written.
        target: The file to write; it exists and is empty.
        keeps_truncated: Whether images that end early are decoded as far as they go.
        animations: The images that are given with all frames, and `return`, if they are returned.
        others: Arguments that are passed on as they are, by parameter name.
        expected: What the function has to be in the process.
    """

    function: Callable[..., object]
    column: str
    inputs: Mapping[str, tuple[ColumnType, Stored]]
    type: ColumnType
    limits: Mapping[str, Limits]
    is_nullable: bool = False
    decode_size: tuple[int, int] | None = None
    encoding: Encoding | None = None
    target: Path | None = None
    keeps_truncated: bool = False
    animations: frozenset[str] = frozenset()
    others: Mapping[str, object] = field(default_factory=dict[str, object])
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class ProcessMade:
    """The result of a process: a value to store, or facts about the file that it wrote."""

    value: Stored = None
    file: MadeFile | None = None


@dataclass(frozen=True, slots=True)
class Calling:
    """Reports that the row function is being called."""


@dataclass(frozen=True, slots=True)
class Called:
    """Says that the row function has returned."""


def serve(pipe: Connection, path: list[str], folder: str, environment: dict[str, str]) -> None:
    """Makes cells until the parent closes the pipe; this is all that the child does.

    Args:
        pipe: Receives pickled calls, each with the folder of its function's module and, before
            the first call of a column that takes values of assets, those values, pickled. Sends
            for each call `Calling`, `Called`, then a `ProcessMade` or the exception.
        path: The parent's `sys.path`.
        folder: Its working directory.
        environment: Its environment.
    """
    os.setsid()  # Ctrl-C is for the parent, which ends this group with everything in it
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    Thread(target=_end_with_parent, daemon=True).start()
    sys.path[:] = path
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    keep_image_buffers()
    values = _Values()
    while True:
        try:
            parcel, module_folder, of_column = pipe.recv()
        except EOFError:
            return
        if module_folder is not None and module_folder not in sys.path:
            sys.path.append(module_folder)
        if of_column is not None:
            values.keep(*of_column)
        pipe.send(_answer(parcel, pipe, values))


class _Values:
    """The values of assets that functions take, by column, unpickled at the first call."""

    def __init__(self) -> None:
        self._parcels: dict[str, bytes] = {}
        self._loaded: dict[str, Mapping[str, object]] = {}

    def keep(self, column: str, parcel: bytes) -> None:
        self._parcels[column] = parcel

    def of(self, column: str) -> Mapping[str, object]:
        if column in self._parcels:
            self._loaded[column] = pickle.loads(self._parcels[column])  # noqa: S301  from the parent
            del self._parcels[column]
        return self._loaded.get(column, {})


def _answer(parcel: bytes, pipe: Connection, values: _Values) -> ProcessMade | BaseException:
    """Makes a cell; an exception is an answer, too, in a form that can be sent."""
    try:
        return _make(pickle.loads(parcel), pipe, values)  # noqa: S301  from the process that started this one
    except BaseException as error:  # noqa: BLE001  whatever a user's function raises is its row's error
        return _sendable(error)


def _sendable(error: BaseException) -> BaseException:
    """Returns an exception, or its text if its class cannot be unpickled."""
    names = tuple(name_of(kind) for kind in type(error).__mro__)
    try:
        return pickle.loads(pickle.dumps(error))  # noqa: S301  made on the line itself
    except BaseException:  # noqa: BLE001  a user's class may raise anything
        plain = RuntimeError(f"{type(error).__name__}: {error}")
        # They decide on another call, and are sent with it.
        plain.__dict__.update(class_names=names, retry_after=seconds_asked(error))
        return plain


def _make(call: ProcessCall, pipe: Connection, values: _Values) -> ProcessMade:
    """Decodes the inputs, calls the row function, and writes its result."""
    if call.expected is not None:
        call.expected.check(call.function, column=call.column)
    arguments = {name: _argument(call, name, *given) for name, given in call.inputs.items()}
    of_assets = values.of(call.column)
    pipe.send(Calling())
    try:
        made = call.function(**arguments, **call.others, **of_assets)
        if inspect.isawaitable(made):
            made = _runner().run(_awaited(made))
    finally:
        pipe.send(Called())
    made = result_of_call(
        made,
        arguments,
        call.type,
        is_nullable=call.is_nullable,
        is_animated="return" in call.animations,
    )
    if made is None or call.target is None or call.encoding is None:
        return ProcessMade(value=encode_value(made, call.type))
    with disk_faults(call.target), call.target.open("w+b") as file:
        medium = medium_of(call.type)
        limits = call.limits[medium.name]
        facts = write_made(made, medium, call.target, file, call.encoding, limits)
        return ProcessMade(file=hash_made(facts, file))


@cache
def _runner() -> asyncio.Runner:
    """The event loop of this process, for all calls of `async def` functions."""
    return asyncio.Runner()


async def _awaited(made: Awaitable[object]) -> object:
    return await made


def _argument(call: ProcessCall, name: str, column_type: ColumnType, given: Stored) -> object:
    if not column_type.is_medium or given is None:
        return decode_argument(given, column_type)
    path, medium = Path(str(given)), medium_of(column_type)
    limits = call.limits[medium.name]
    if not medium.is_decoded:
        return medium.open(path, limits)
    opened = open_image(path, cast("ImageLimits", limits), keeps_truncated=call.keeps_truncated)
    if name in call.animations:
        return animation_of(opened, cast("ImageLimits", limits))
    return decode_image(opened, decode_size=call.decode_size)


def _end_with_parent() -> None:
    """Ends this child if its parent is killed: nothing else would, even during a call."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)
