"""Pages of documents, as the document itself draws them."""

import pickle
from pathlib import Path

import pytest
from PIL import Image

from media_assets import split
from media_assets.documents.document import Document
from media_assets.errors import DeclarationError, PartsTooManyError
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.split.parts import nothing, parts_of


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf(3, size=(200, 100)))
    return Document(path)


def test_pages_are_those_of_the_document(document: Document) -> None:
    splitter = split.pages(dpi=96)
    parts = parts_of(splitter, document)

    assert [part.key for part in parts] == ["0001", "0002", "0003"]
    assert parts[1].fields == {"number": 2, "width_points": 200.0, "height_points": 100.0}
    assert parts[1].fields.keys() == splitter.fields.keys()
    for number, part in enumerate(parts):
        drawn = document.page(number, dpi=96)
        again = splitter.extract(document, part.key, part.fields)
        assert isinstance(part.value, Image.Image)
        assert isinstance(again, Image.Image)
        assert part.value.tobytes() == drawn.tobytes() == again.tobytes()
        assert splitter.fragment(part.fields) == f"page={number + 1}"
    assert (splitter.format, splitter.save_options) == (
        "JPEG",
        {"quality": 90, "subsampling": "4:4:4"},
    )


def test_a_page_that_is_there_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf(2, size=(200_000, 200_000)))  # too many pixels to be drawn

    parts = list(split.pages().split(Document(path), lambda _: True, 10))

    assert [(part.key, part.value) for part in parts] == [("0001", None), ("0002", None)]


def test_too_many_pages_are_refused(document: Document) -> None:
    with pytest.raises(PartsTooManyError, match=r"3 pages .* At most 2"):
        next(split.pages().split(document, nothing, 2))


@pytest.mark.parametrize("dpi", [0, -1, float("nan"), float("inf"), "150", True, None])
def test_a_resolution_that_is_none_is_refused(dpi: float) -> None:
    with pytest.raises(DeclarationError, match=r"dpi=.*positive number.*ma\.split\.pages\("):
        split.pages(dpi=dpi)


def test_the_version_follows_the_resolution() -> None:
    assert split.pages().code_version != split.pages(dpi=300).code_version
    assert split.pages(dpi=300) == split.pages(dpi=300.0)
    assert pickle.loads(pickle.dumps(split.pages())) == split.pages()  # noqa: S301  its own
