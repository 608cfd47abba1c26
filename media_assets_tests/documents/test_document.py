from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from media_assets.documents.document import Document
from media_assets.documents.limits import DocumentLimits
from media_assets.errors import DocumentTooLargeError, PageMissingError
from media_assets_tests.media.pdfs import make_pdf

RED = (204, 26, 26)
WHITE = (255, 255, 255)
Save = Callable[[bytes], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def _save(content: bytes) -> Path:
        path = tmp_path / "document.pdf"
        path.write_bytes(content)
        return path

    return _save


def test_a_document_tells_its_pages_title_and_text(save: Save) -> None:
    with Document(save(make_pdf(3, title="Harbour"))) as document:
        assert document.pages == 3
        assert document.title == document.metadata["Title"] == "Harbour"
        assert document.page_size(2) == (612, 792)
        assert document.text(1) == "page 1"
        assert document.text() == "page 0\fpage 1\fpage 2"
        assert document.size == document.path.stat().st_size


def test_a_document_without_a_title_has_none(save: Save) -> None:
    assert Document(save(make_pdf())).title is None


def test_a_page_is_an_upright_image_at_the_resolution_asked_for(save: Save) -> None:
    document = Document(save(make_pdf()))

    page = document.page(0, dpi=72)

    assert (page.mode, page.size) == ("RGB", (612, 792))
    assert page.getpixel((100, 700)) == RED
    assert page.getpixel((100, 100)) == WHITE
    assert document.page(0).size == (1275, 1650)


@pytest.mark.parametrize(
    ("turn", "size", "red"),
    [(90, (792, 612), (72, 72)), (180, (612, 792), (500, 72)), (270, (792, 612), (720, 500))],
)
def test_a_rotated_page_is_upright(
    save: Save, turn: int, size: tuple[int, int], red: tuple[int, int]
) -> None:
    document = Document(save(make_pdf(page_entries=f"/Rotate {turn}")))

    page = document.page(0, dpi=72)

    assert document.page_size(0) == size
    assert page.size == size
    assert page.getpixel(red) == RED


def test_a_page_has_the_pixels_of_pdfium_itself(save: Save) -> None:
    path = save(make_pdf(texts=["Harbour"]))
    bare = pypdfium2.PdfDocument(path)
    expected = bare[0].render(scale=2).to_pil()
    bare.close()

    page = Document(path).page(0, dpi=144)

    assert page.tobytes() == expected.tobytes()


def test_what_a_form_is_filled_in_with_is_drawn_and_stays_in_an_extract(
    save: Save, tmp_path: Path
) -> None:
    form = "/AcroForm << /Fields [1000 0 R] >>"
    field = "/Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ann) /F 4 /Rect [300 36 372 72]"
    look = "/Type /XObject /Subtype /Form /BBox [0 0 72 36] /Length 24"
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R {form} >>",
        1000: f"<< {field} /AP << /N 1001 0 R >> >>",
        1001: f"<< {look} >>\nstream\n0 0 1 rg 0 0 72 36 re f \nendstream",
    }
    document = Document(save(make_pdf(page_entries="/Annots [1000 0 R]", extra=objects)))
    document.extract(0, 1).write(tmp_path / "extract.pdf")

    for shown in (document, Document(tmp_path / "extract.pdf")):
        page = shown.page(0, dpi=72)
        assert page.getpixel((336, 738)) == (0, 0, 255)
        assert page.getpixel((100, 738)) == RED


def test_pages_too_large_for_the_memory_that_is_kept_are_drawn_like_others(save: Save) -> None:
    document = Document(save(make_pdf()))

    sizes = [document.page(0, dpi=dpi).resize((51, 66)).tobytes() for dpi in (350, 72, 350)]

    assert sizes[0] == sizes[2]
    assert document.page(0, dpi=350).getpixel((466, 3_400)) == RED


def test_a_page_without_text_has_an_image_and_an_empty_text(save: Save) -> None:
    document = Document(save(make_pdf(2, texts=[])))

    assert document.text(0) == ""
    assert document.text() == "\f"
    assert document.page(1, dpi=10).size == (85, 110)


def test_lines_of_text_end_as_in_python(save: Save) -> None:
    lines = "BT /F1 24 Tf 30 TL 72 700 Td (one) Tj T* (two) Tj ET"

    assert Document(save(make_pdf(texts=[], content=lines))).text(0) == "one\ntwo"


@pytest.mark.parametrize("number", [3, -1])
def test_a_page_that_is_not_there_is_an_error(save: Save, number: int) -> None:
    document = Document(save(make_pdf(3)))

    with pytest.raises(PageMissingError, match=rf"no page {number}\. .* last one is page 2\."):
        document.page(number)
    with pytest.raises(IndexError):
        document.text(number)


@pytest.mark.parametrize("dpi", [0, -1, float("nan"), float("inf")])
def test_a_resolution_that_is_not_a_positive_number_is_refused(save: Save, dpi: float) -> None:
    with pytest.raises(ValueError, match=f"dpi={dpi} is not a positive number"):
        Document(save(make_pdf())).page(0, dpi=dpi)


def test_a_page_of_a_million_points_is_refused_before_it_is_drawn(save: Save) -> None:
    document = Document(save(make_pdf(size=(1_000_000, 1_000_000))))

    with pytest.raises(
        DocumentTooLargeError,
        match=r"Page 0 of 1,000,000 x 1,000,000 points at 150 dpi has 4,340,280,555,556 pixels\. "
        r"At most 128,000,000 pixels .* lower `dpi`, or raise `MEDIA_ASSETS_MAX_PIXELS`",
    ):
        document.page(0)
    assert document.page(0, dpi=0.0072).size == (100, 100)
    with pytest.raises(DocumentTooLargeError, match="lower `dpi`"):
        document.page(0, dpi=1e307)


def test_the_limit_on_pixels_can_be_set(save: Save) -> None:
    document = Document(save(make_pdf()), limits=DocumentLimits(max_pixels=100))

    with pytest.raises(DocumentTooLargeError, match="484,704 pixels"):
        document.page(0, dpi=72)


def test_an_extract_has_its_own_numbers_of_pages(save: Save) -> None:
    with Document(save(make_pdf(5))) as document:
        extract = document.extract(1, 4)

        assert extract.pages == 3
        assert extract.text() == "page 1\fpage 2\fpage 3"
        assert extract.extract(2).text(0) == "page 3"
        assert repr(extract).endswith("document.pdf').extract(1, 4)")
        with pytest.raises(PageMissingError, match="no page 3"):
            extract.page(3)


def test_an_extract_is_a_file_while_it_is_open(save: Save) -> None:
    with Document(save(make_pdf(5))).extract(1, 3) as extract:
        path = extract.path
        assert Document(path).text() == "page 1\fpage 2"
        assert extract.size == path.stat().st_size

    assert not path.exists()


def test_an_extract_of_pages_that_are_not_there_is_an_error(save: Save) -> None:
    document = Document(save(make_pdf(3)))

    with pytest.raises(PageMissingError, match="no page 6"):
        document.extract(1, 7)
    with pytest.raises(ValueError, match="from 2 up to 1 are none"):
        document.extract(2, 1)


def test_a_file_that_was_replaced_is_read_anew(save: Save) -> None:
    assert Document(save(make_pdf(texts=["first"]))).text(0) == "first"

    assert Document(save(make_pdf(texts=["the second"]))).text(0) == "the second"
