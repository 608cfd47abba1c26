import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from media_assets.documents import readers
from media_assets.documents.document import Document
from media_assets.documents.facts import inspect
from media_assets.documents.limits import DocumentLimits
from media_assets.errors import (
    DocumentReaderDiedError,
    DocumentTimeoutError,
    DocumentTooLargeError,
    MissingExtraError,
    UnreadableDocumentError,
)
from media_assets.threads import Threads
from media_assets_tests.media.pdfs import make_pdf

SLOW = "0 0 612 792 re f " * 20_000
"""Takes PDFium seconds to draw."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "document.pdf"
    path.write_bytes(make_pdf(3))
    return path


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    path = tmp_path / "slow.pdf"
    path.write_bytes(make_pdf(content=SLOW))
    return path


def children() -> list[int]:
    """The reader processes of this process."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and is_reader(entry)
    ]


def is_reader(entry: Path) -> bool:
    with suppress(OSError):
        parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        return (
            parent == str(os.getpid()) and b"reader_process.py" in (entry / "cmdline").read_bytes()
        )
    return False


def free() -> list[readers._Reader]:
    return readers._readers_of(os.getpid())._free


def test_a_document_that_takes_too_long_is_an_error_and_the_next_is_read(
    path: Path, slow: Path
) -> None:
    document = Document(slow, limits=DocumentLimits(max_work_seconds=0.5))

    with pytest.raises(DocumentTimeoutError, match=r"more than 0\.5 seconds to .+, so"):
        document.page(0, dpi=600)
    assert inspect(path).pages == 3


def test_a_document_that_takes_too_much_memory_is_an_error_and_the_next_is_read(
    path: Path, slow: Path
) -> None:
    document = Document(slow, limits=DocumentLimits(max_memory_bytes=2**20))

    with pytest.raises(
        DocumentTooLargeError,
        match=r"too much memory to .+\. At most 1,048,576 bytes of memory .* `max_memory_bytes`",
    ):
        document.page(0, dpi=600)
    assert inspect(path).pages == 3


def test_a_document_that_kills_its_reader_twice_is_an_error(path: Path, slow: Path) -> None:
    inspect(path)
    is_over = Event()

    def kill_readers() -> None:
        while not is_over.wait(0.01):
            for entry in children():
                os.kill(entry, signal.SIGKILL)

    killer = Thread(target=kill_readers)
    killer.start()
    try:
        with pytest.raises(
            DocumentReaderDiedError, match=r"The process that was to .+ died, twice"
        ):
            Document(slow).page(0, dpi=600)
    finally:
        is_over.set()
        killer.join()

    assert inspect(path).pages == 3


def test_every_fault_of_a_document_is_one_kind_of_error() -> None:
    for kind in (DocumentTimeoutError, DocumentReaderDiedError, DocumentTooLargeError):
        assert issubclass(kind, UnreadableDocumentError)


def test_a_reader_that_was_killed_is_replaced(path: Path) -> None:
    inspect(path)
    for reader in free():
        os.kill(reader._process.pid, signal.SIGKILL)

    assert inspect(path).pages == 3


def test_threads_share_documents_and_readers(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pdf"
    other.write_bytes(make_pdf(3, texts=["a", "b", "c"]))
    documents = [Document(path), Document(other)] * 4
    expected = [[each.page(n, 50).tobytes() for n in range(3)] for each in documents[:2]]

    def draw(document: Document) -> list[bytes]:
        return [document.page(n, 50).tobytes() for n in range(3)]

    with Threads(8) as threads:
        found = list(threads.map(draw, documents))

    assert found == expected * 4
    assert len(free()) <= len(os.sched_getaffinity(0))


def test_a_closed_document_is_held_open_by_nobody(path: Path) -> None:
    with Document(path) as document:
        assert document.pages == 3
        assert path in open_files()

    assert path not in open_files()


def open_files() -> set[Path]:
    return {
        entry.readlink()
        for reader in free()
        for entry in Path(f"/proc/{reader._process.pid}/fd").iterdir()
    }


def test_pdfium_is_never_loaded_by_the_process_that_uses_a_document(path: Path) -> None:
    code = (
        "import sys; from media_assets.documents.facts import inspect; "
        "print(inspect(sys.argv[1]).pages, 'pypdfium2' in sys.modules)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code, path], check=True, capture_output=True, text=True
    )

    assert (ran.stdout, ran.stderr) == ("3 False\n", "")


def test_without_the_extra_the_error_says_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    readers._readers_of.cache_clear()

    with pytest.raises(MissingExtraError, match=r'pip install "media-assets\[pdf\]"'):
        inspect(path)
