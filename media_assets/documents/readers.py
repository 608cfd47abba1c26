"""The processes that read documents, started when needed, and shared by all threads.

One that takes too long is ended, and one that dies is an error of the document it was reading.
"""

import atexit
import json
import mmap
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from multiprocessing import Pipe
from pathlib import Path
from threading import Condition
from typing import Any

from PIL import Image

from media_assets.documents.limits import DocumentLimits
from media_assets.documents.pixels import PIXEL_BYTES
from media_assets.errors import (
    DocumentLockedError,
    DocumentReaderDiedError,
    DocumentTimeoutError,
    UndecodableDocumentError,
)
from media_assets.machine import open_memory, usable_cores
from media_assets.optional_packages import require_extra

_KEPT_BYTES = 36 * 1024**2
"""Of the memory shared with each process: enough for a page at 300 dpi."""
_PROCESS = Path(__file__).with_name("reader_process.py")
_PACKAGES = str(Path(__file__).parents[2])
_ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024**2),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 1024**2),
}
"""Makes glibc keep freed buffers of images, which takes a tenth off the work on scanned pages."""
_ATTEMPTS = 2
"""A process may have been killed because the machine's memory ran out."""
_LOCKED = {4: "it needs a password", 5: "its kind of encryption is not supported"}
"""By PDFium's numbers of errors."""
_SECONDS_TO_CLOSE = 5.0
_TOO_MUCH_MEMORY = 3
"""The exit code of a process that ended itself, as in `reader_process`."""
_LONGEST_ANSWER = 256 * 1024**2


def ask(path: Path, question: str, *, work: str, limits: DocumentLimits, **given: object) -> Any:  # noqa: ANN401  depends on the question
    """Returns what a reader process answers about a document.

    Args:
        path: The document's file.
        question: `header`, `size`, `load`, `draw`, `text` or `save`; see `reader_process`.
        work: What is done, for errors, such as "open the document".
        limits: The limits on time and memory.
        **given: The rest of the question.

    Raises:
        DocumentLockedError: It needs a password.
        DocumentReaderDiedError: PDFium crashed twice.
        DocumentTimeoutError: It took too long.
        DocumentTooLargeError: It took too much memory.
        MissingExtraError: pypdfium2 is not installed.
        OSError: The file cannot be read.
        UndecodableDocumentError: It is damaged.
    """
    file = os.path.abspath(path)  # noqa: PTH100  without a change of links or `~`
    message = {"ask": question, "path": file, "memory": limits.max_memory_bytes, **given}
    for _ in range(_ATTEMPTS):
        with _readers_of(os.getpid()).borrow(file) as reader:
            try:
                reply = reader.ask(message, limits.max_work_seconds)
            except TimeoutError:
                raise DocumentTimeoutError(
                    work, limits.max_work_seconds, setting=limits.setting("max_work_seconds")
                ) from None
            except (EOFError, OSError):
                if reader.took_too_much_memory():
                    limits.refuse_memory(work)
                continue
            answer = _answer(reply, file, work)
            is_drawn = question == "draw" and answer["is_drawn"]
            return reader.take_pixels(answer["size"]) if is_drawn else answer
    raise DocumentReaderDiedError(work)


def let_go(path: Path) -> None:
    """Makes idle reader processes close a document."""
    _readers_of(os.getpid()).let_go(os.path.abspath(path))  # noqa: PTH100  as above


def _answer(reply: dict[str, Any], file: str, work: str) -> Any:  # noqa: ANN401  as above
    if "answer" in reply:
        return reply["answer"]
    if "errno" in reply:
        raise OSError(reply["errno"], reply["reason"], file)
    if reply["code"] in _LOCKED:
        raise DocumentLockedError(_LOCKED[reply["code"]])
    reason = f"it is too damaged to {work}"
    raise UndecodableDocumentError(reason)


class _Reader:
    """One process, the pipe to it, and the file in memory that it draws into."""

    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        self._pixels = open_memory("media-assets-page")
        os.ftruncate(self._pixels, _KEPT_BYTES)
        self._memory = mmap.mmap(self._pixels, _KEPT_BYTES, prot=mmap.PROT_READ)
        self.file = ""
        self.has_answered = True
        passed = theirs.fileno(), self._pixels
        arguments = map(str, (*passed, _KEPT_BYTES))
        self._process = subprocess.Popen(  # noqa: S603  this package's own file
            [sys.executable, "-P", str(_PROCESS), *arguments],
            pass_fds=passed,
            env=os.environ
            | _ALLOCATOR
            | {"PYTHONPATH": os.pathsep.join(filter(None, [*sys.path, _PACKAGES]))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent
        )
        theirs.close()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def ask(self, message: dict[str, object], seconds: float) -> dict[str, Any]:
        """Returns the reply.

        Raises:
            TimeoutError: There is none yet.
            EOFError: The process has died.
            OSError: The same.
        """
        self.has_answered = False
        self._pipe.send_bytes(json.dumps(message).encode())
        if not self._pipe.poll(seconds):
            raise TimeoutError
        reply = json.loads(self._pipe.recv_bytes(_LONGEST_ANSWER))
        self.has_answered = True
        self.file = str(message["path"])
        return reply

    def took_too_much_memory(self) -> bool:
        """Returns whether a process that has died ended itself for this reason."""
        try:
            return self._process.wait(_SECONDS_TO_CLOSE) == _TOO_MUCH_MEMORY
        except subprocess.TimeoutExpired:
            return False

    def take_pixels(self, size: Any) -> Image.Image:  # noqa: ANN401  width and height
        """Returns the page that it has drawn."""
        size_bytes = size[0] * size[1] * PIXEL_BYTES
        if size_bytes <= _KEPT_BYTES:
            return _image(size, self._memory, size_bytes)
        with mmap.mmap(self._pixels, size_bytes, prot=mmap.PROT_READ) as memory:
            image = _image(size, memory, size_bytes)
        os.ftruncate(self._pixels, _KEPT_BYTES)  # which frees the rest
        return image

    def end(self) -> None:
        self._pipe.close()
        self._memory.close()
        os.close(self._pixels)
        self._process.kill()
        self._process.wait()


def _image(size: tuple[int, int], memory: mmap.mmap, size_bytes: int) -> Image.Image:
    with memoryview(memory) as view, view[:size_bytes] as pixels:
        return Image.frombytes("RGB", size, pixels, "raw", "RGBX")  # pyright: ignore[reportArgumentType]  # any buffer


class _Readers:
    """At most as many readers as cores; a thread waits while all of them work."""

    def __init__(self) -> None:
        self._most = usable_cores()
        self._changed = Condition()
        self._free: list[_Reader] = []
        self._busy = 0
        self._process = os.getpid()
        atexit.register(self._end)

    @contextmanager
    def borrow(self, file: str) -> Generator[_Reader]:
        """Yields a reader, by preference one that has this file open, or a new one."""
        with self._changed:
            self._changed.wait_for(lambda: self._busy < self._most)
            self._busy += 1
        reader = None
        try:
            reader = self._take(file) or _start_reader()
            yield reader
        finally:
            self._put_back(reader)

    def let_go(self, file: str) -> None:
        """Makes the readers that have this file open, and are free, close it."""
        while (reader := self._take_holder(file)) is not None:
            try:
                reader.ask({"ask": "close", "path": ""}, _SECONDS_TO_CLOSE)
            except (TimeoutError, EOFError, OSError):
                pass  # and it is not put back
            finally:
                self._put_back(reader)

    def _take_holder(self, file: str) -> _Reader | None:
        with self._changed:
            reader = next((each for each in self._free if each.file == file), None)
            if reader is not None:
                self._free.remove(reader)
                self._busy += 1
        return reader

    def _take(self, file: str) -> _Reader | None:
        """Takes a free reader; None if a new one is to be started."""
        while True:
            with self._changed:
                same = [each for each in self._free if each.file == file]
                is_full = self._busy + len(self._free) > self._most
                if not same and not is_full:
                    return None
                reader = (same or self._free)[0]
                self._free.remove(reader)
            if reader.is_running:
                return reader
            reader.end()  # it died, or was idle for long

    def _put_back(self, reader: _Reader | None) -> None:
        is_usable = reader is not None and reader.has_answered
        with self._changed:
            self._busy -= 1
            if reader is not None and is_usable:
                self._free.append(reader)
            self._changed.notify()
        if reader is not None and not is_usable:
            reader.end()

    def _end(self) -> None:
        """Ends the free readers when this process ends, unless another one started them."""
        if self._process == os.getpid():
            while self._free:
                self._free.pop().end()


def _start_reader() -> _Reader:
    with require_extra("pdf", "A PDF document"):
        if find_spec("pypdfium2") is None:
            raise ModuleNotFoundError(name="pypdfium2")
    return _Reader()


@cache
def _readers_of(process: int) -> _Readers:  # noqa: ARG001  what a process forked it does not share
    return _Readers()
