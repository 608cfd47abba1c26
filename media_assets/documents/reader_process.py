"""The process that calls PDFium; `readers` starts it and is the other end.

It imports little of this package, so that it starts quickly, and exits when its parent does.
"""

import ctypes
import hashlib
import json
import mmap
import os
import re
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import pypdfium2
import pypdfium2.raw

from media_assets.documents.pixels import PIXEL_BYTES, pixels_of
from media_assets.machine import holds_more_than

pdfium: Any = pypdfium2.raw
"""PDFium's functions, which have no types."""
_IDLE_SECONDS = 60.0
_WATCH_SECONDS = 0.05
_TOO_MUCH_MEMORY = 3
"""An exit code that the parent knows."""
_NOT_ENCRYPTED = -1
_WHITE = 0xFFFFFFFF
_NOT_FLAT = "fields of a form cannot be made content"
_ID = re.compile(rb"/ID ?\[ ?<([0-9A-F]{32})> ?<([0-9A-F]{32})> ?\]")
_TAIL_BYTES = 4_096
_time_function = ctypes.CFUNCTYPE(ctypes.c_int64)(lambda: 0)

_Question = dict[str, Any]


class _Canvas:
    """The memory that pages are drawn into, shared with the parent.

    A mapping as large as most pages stays, since mapping memory again costs as much as drawing.
    """

    def __init__(self, file: int, kept_bytes: int) -> None:
        self._file, self._kept_bytes = file, kept_bytes
        self._memory: mmap.mmap | None = None

    def draw(self, page: pypdfium2.PdfPage, size: tuple[int, int]) -> None:
        """Draws a page on white, with its annotations and what its form is filled in with.

        A pixel is red, green, blue and an unused byte.
        """
        width, height = size
        stride = width * PIXEL_BYTES
        memory = self._map(stride * height)
        buffer = (ctypes.c_ubyte * (stride * height)).from_buffer(memory)
        bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGRx, buffer, stride)
        if not bitmap:
            raise MemoryError
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
            flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
            place = 0, 0, width, height, 0, flags
            pdfium.FPDF_RenderPageBitmap(bitmap, page, *place)
            if page.formenv is not None:
                pdfium.FPDF_FFLDraw(page.formenv, bitmap, page, *place)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)

    def _map(self, size_bytes: int) -> mmap.mmap:
        """Returns memory of at least this size, whose file the parent may have cut to the usual."""
        needed = max(size_bytes, self._kept_bytes)
        os.ftruncate(self._file, needed)
        if self._memory is None or len(self._memory) != needed:
            self._memory = mmap.mmap(self._file, needed)
        return self._memory


class _Reader:
    """The document that was opened last, and the page that was loaded last."""

    def __init__(self, canvas: _Canvas) -> None:
        self._canvas = canvas
        self._key: object = None
        self._document: pypdfium2.PdfDocument | None = None
        self._number = -1
        self._page: pypdfium2.PdfPage | None = None

    def answer(self, question: _Question) -> object:
        """Returns the answer to a question about a file.

        Raises:
            pypdfium2.PdfiumError: PDFium cannot read it.
        """
        if question["ask"] == "close":
            return self._close()
        document = self._open(question["path"])
        found: object = None
        match question["ask"]:
            case "header":
                found = _header(document)
            case "size":
                found = document.get_page_size(question["number"])
            case "load":
                self._load(document, question["number"])
                found = document.get_page_size(question["number"])
            case "draw":
                found = self._draw(document, **question["page"])
            case "text":
                found = _text(self._load(document, question["number"]))
            case _:
                _save(document, question["pages"], question["target"])
        return found

    def _draw(
        self, document: pypdfium2.PdfDocument, number: int, dpi: float, max_pixels: int
    ) -> dict[str, object]:
        """Draws a page, unless it has too many pixels; returns its sizes."""
        points = document.get_page_size(number)
        width, height = pixels_of(points, dpi)
        is_drawn = width * height <= max_pixels
        if is_drawn:
            self._canvas.draw(self._load(document, number), (width, height))
        return {"points": points, "size": (width, height), "is_drawn": is_drawn}

    def _open(self, path: str) -> pypdfium2.PdfDocument:
        state = os.stat(path)  # noqa: PTH116  a path of any bytes
        key = path, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
        if self._document is None or self._key != key:
            self._close()
            self._document, self._key = _open(path), key
        return self._document

    def _load(self, document: pypdfium2.PdfDocument, number: int) -> pypdfium2.PdfPage:
        if self._page is None or self._number != number:
            self._close_page()
            self._page, self._number = document.get_page(number), number
        return self._page

    def _close_page(self) -> None:
        if self._page is not None:
            self._page.close()
        self._page = None

    def _close(self) -> None:
        self._close_page()
        if self._document is not None:
            self._document.close()
        self._document = None


def _open(path: str) -> pypdfium2.PdfDocument:
    """Opens a document, which may have no pages.

    Raises:
        pypdfium2.PdfiumError: PDFium cannot open it.
    """
    handle = pdfium.FPDF_LoadDocument(os.fsencode(path) + b"\0", None)
    if not handle:
        code = pdfium.FPDF_GetLastError()
        raise pypdfium2.PdfiumError(path, err_code=code)
    document = pypdfium2.PdfDocument(handle)
    document.init_forms()  # does nothing without a form; its fields are drawn by themselves
    return document


def _header(document: pypdfium2.PdfDocument) -> dict[str, object]:
    return {
        "pages": len(document),
        "version": document.get_version(),
        "metadata": document.get_metadata_dict(skip_empty=True),
        "is_encrypted": pdfium.FPDF_GetSecurityHandlerRevision(document) != _NOT_ENCRYPTED,
        "has_valid_table": bool(pdfium.FPDF_DocumentHasValidCrossReferenceTable(document)),
    }


def _text(page: pypdfium2.PdfPage) -> str:
    text = page.get_textpage()
    try:
        return text.get_text_range()
    finally:
        text.close()


def _save(document: pypdfium2.PdfDocument, pages: tuple[int, int], target: str) -> None:
    """Writes a range of pages as a document of their own, the same in every run."""
    new = pypdfium2.PdfDocument.new()
    try:
        new.import_pages(document, list(range(*pages)))
        if document.formenv is not None:
            _keep_form(new)
        with open(target, "w+b") as file:  # noqa: PTH123  a path of any bytes
            new.save(file)
            _name_by_content(file)
    finally:
        new.close()


def _keep_form(document: pypdfium2.PdfDocument) -> None:
    """Makes content of the fields on the pages of an extract, which has no form to show them."""
    for page in document:
        if pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_FAIL:
            raise pypdfium2.PdfiumError(_NOT_FLAT)
        page.close()


def _name_by_content(file: Any) -> None:  # noqa: ANN401  a binary file, open for reading, too
    """Replaces the random identifier at the end of a file by one made from its content."""
    start = max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, 0)
    file.seek(start)
    if found := _ID.search(file.read()):
        places = [start + found.start(group) for group in (1, 2)]
        for text in (b"0" * 32, None):
            file.seek(0)
            name = text or hashlib.file_digest(file, "sha256").hexdigest().upper()[:32].encode()
            for place in places:
                file.seek(place)
                file.write(name)


def _serve(pipe: Connection, answer: Callable[[_Question], object]) -> None:
    """Answers questions until the parent closes the pipe, or asks nothing for a minute."""
    questions = SimpleQueue[_Question]()
    Thread(target=_receive, args=(pipe, questions), daemon=True).start()
    while True:
        try:
            question = questions.get(timeout=_IDLE_SECONDS)
        except Empty:
            return
        reply: dict[str, object]
        try:
            reply = {"answer": answer(question)}
        except pypdfium2.PdfiumError as error:
            reply = {"code": error.err_code or 0}
        except OSError as error:
            reply = {"errno": error.errno, "reason": error.strerror}
        pipe.send_bytes(json.dumps(reply).encode())


def _receive(pipe: Connection, questions: "SimpleQueue[_Question]") -> None:
    """Passes on questions, and ends the process with its parent, or if it takes too much memory.

    Allocations that fail would not do: PDFium would leave out what it could not draw.
    """
    limit = sys.maxsize
    while True:
        try:
            while not pipe.poll(_WATCH_SECONDS):
                if holds_more_than(limit):
                    os._exit(_TOO_MUCH_MEMORY)
            question: _Question = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)
        limit = question.get("memory", limit)
        questions.put(question)


if __name__ == "__main__":
    pdfium.FSDK_SetTimeFunction(_time_function)  # otherwise a new document would contain the time
    own_pipe, own_canvas, kept = map(int, sys.argv[1:])
    _serve(Connection(own_pipe), _Reader(_Canvas(own_canvas, kept)).answer)
