import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from media_assets.documents import readers
from media_assets.documents.document import Document
from media_assets.documents.kind import (
    DocumentFacts,
    DocumentLimits,
    inspect,
    thumbnail,
    write,
)
from media_assets.errors import (
    DocumentLockedError,
    DocumentTooLargeError,
    OutputFormatError,
    UndecodableDocumentError,
    UnreadableDocumentError,
    UnsupportedDocumentError,
)
from media_assets_tests.media.pdfs import make_pdf

Save = Callable[[bytes], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def _save(content: bytes) -> Path:
        path = tmp_path / "a document.pdf"
        path.write_bytes(content)
        return path

    return _save


def locked(handler: str) -> bytes:
    text = f"<< /Filter /{handler} /V 1 /R 2 /O ({'o' * 32}) /U ({'u' * 32}) /P -4 >>"
    return make_pdf(extra={1000: text}, trailer="/Encrypt 1000 0 R /ID [<00> <00>]")


def test_the_facts_of_a_document(save: Save) -> None:
    path = save(make_pdf(3, title="Harbour", size=(595.276, 841.89)))

    assert inspect(path) == DocumentFacts(
        format="pdf",
        size_bytes=path.stat().st_size,
        pages=3,
        page_width=595.28,
        page_height=841.89,
        title="Harbour",
        version="1.4",
        is_encrypted=False,
    )


def test_a_document_of_5000_pages_is_opened_at_once(save: Save) -> None:
    path = save(make_pdf(5_000))

    assert inspect(path).pages == 5_000
    assert Document(path).text(4_999) == "page 4999"


def test_the_facts_of_an_extract_are_those_of_its_pages(save: Save) -> None:
    assert inspect(Document(save(make_pdf(3))).extract(1)).pages == 2


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "no bytes"),
        (bytes(2_000), "zeros"),
        (b"Dear Sir or Madam", "text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "an image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "an image"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "audio or video"),
        (b"PK\x03\x04" + bytes(30), "an Office document"),
        (b"<!DOCTYPE html><p>Not found", "an HTML page"),
        (b"%!PS-Adobe-3.0", "a PostScript document"),
        (b"\x01\x02\x03", "no known kind of document"),
    ],
)
def test_what_is_no_document_is_refused_by_its_content(
    save: Save, content: bytes, found: str
) -> None:
    with pytest.raises(UnsupportedDocumentError, match=f"The file holds {found}.*: PDF"):
        inspect(save(content))


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.98])
def test_a_document_that_is_cut_short_is_refused_although_pages_could_be_found(
    save: Save, kept: float
) -> None:
    content = make_pdf(20)

    with pytest.raises(UndecodableDocumentError, match="cut short: its end marker is missing"):
        inspect(save(content[: int(len(content) * kept)]))


def test_a_document_whose_table_of_objects_is_wrong_is_read_and_marked(save: Save) -> None:
    content = make_pdf(2).replace(b"startxref\n", b"startxref\n9")

    facts = inspect(save(content))

    assert (facts.pages, facts.marks) == (2, ("table of objects rebuilt",))


@pytest.mark.parametrize(
    ("handler", "problem"),
    [("Standard", "it needs a password"), ("Own", "its kind of encryption is not supported")],
)
def test_an_encrypted_document_is_refused(save: Save, handler: str, problem: str) -> None:
    with pytest.raises(DocumentLockedError, match=f"{problem}.*Save it without a password"):
        inspect(save(locked(handler)))


def test_a_page_tree_that_contains_itself_is_an_error(save: Save) -> None:
    with pytest.raises(UndecodableDocumentError, match="too damaged to read page 0"):
        inspect(save(make_pdf(kids="2 0 R")))


def test_pages_are_counted_whatever_the_document_states(save: Save) -> None:
    assert inspect(save(make_pdf(count=99_999_999))).pages == 1


def test_a_document_without_pages_is_an_error(save: Save) -> None:
    with pytest.raises(UndecodableDocumentError, match="it has no pages"):
        inspect(save(make_pdf(0)))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            DocumentLimits(max_bytes=100),
            r"bytes\. At most 100 bytes .* raise `MEDIA_ASSETS_MAX_BYTES`",
        ),
        (
            DocumentLimits(max_pages=2),
            r"3 pages\. At most 2 pages .* raise `MEDIA_ASSETS_MAX_PAGES`",
        ),
    ],
)
def test_a_document_beyond_the_limits_is_refused(
    save: Save, limits: DocumentLimits, message: str
) -> None:
    with pytest.raises(DocumentTooLargeError, match=message):
        inspect(save(make_pdf(3)), limits)


def test_a_missing_file_is_not_a_fault_of_the_document(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.pdf"):
        inspect(tmp_path / "none.pdf")


def test_a_whole_document_is_written_byte_for_byte(save: Save, tmp_path: Path) -> None:
    path, target = save(make_pdf(2)), tmp_path / "target.pdf"

    for source in (path, str(path), Document(path)):
        target.write_bytes(b"")
        assert write(source, target, "pdf") == inspect(path)
        assert target.read_bytes() == path.read_bytes()


def test_an_extract_is_written_with_equal_bytes_in_every_process(
    save: Save, tmp_path: Path
) -> None:
    document = Document(save(make_pdf(4)))
    targets = [tmp_path / f"{number}.pdf" for number in range(2)]

    for target in targets:
        assert write(document.extract(1, 3), target).pages == 2
        for reader in readers._readers_of(os.getpid())._free:
            os.kill(reader._process.pid, signal.SIGKILL)

    assert len({target.read_bytes() for target in targets}) == 1
    assert b"CreationDate(D:1970" in targets[0].read_bytes()
    assert Document(targets[0]).text() == "page 1\fpage 2"


def test_what_is_written_must_be_a_document(save: Save, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match="The file holds text"):
        write(save(b"no document"), tmp_path / "target.pdf")


def test_an_unknown_format_or_option_is_refused(save: Save, tmp_path: Path) -> None:
    path = save(make_pdf())

    with pytest.raises(OutputFormatError, match=r"'docx' is not accepted\. Accepted: pdf"):
        write(path, tmp_path / "target", "docx")
    with pytest.raises(OutputFormatError, match=r"'quality' is not accepted.*written as PDF"):
        write(path, tmp_path / "target", "pdf", {"quality": 90})


@pytest.mark.parametrize("size", [(612, 792), (792, 612), (100, 5_000), (5_000, 7)])
def test_a_thumbnail_shows_the_first_page_within_a_box(save: Save, size: tuple[int, int]) -> None:
    image = thumbnail(save(make_pdf(size=size)), (128, 96))

    assert image.width == 128 or image.height == 96
    assert image.width <= 128
    assert image.height <= 96
