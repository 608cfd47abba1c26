"""What is recorded of a document, its thumbnail, and how a column's documents are written."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from PIL import Image

from media_assets.documents.document import POINTS_PER_INCH, Document
from media_assets.documents.formats import check_options
from media_assets.documents.limits import DocumentLimits


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The facts in the record of a document.

    Attributes:
        format: The format that the content shows: "pdf".
        size_bytes: The size of the file.
        pages: The number of its pages.
        page_width: The upright width of the first page in points, 1/72 inch each.
        page_height: Its height.
        title: The title that it states.
        version: The version of PDF, such as "1.7"; "" if it states none.
        is_encrypted: Whether it is encrypted, although it opens without a password.
        marks: What is not as it should be.
    """

    format: str
    size_bytes: int
    pages: int
    page_width: float
    page_height: float
    title: str | None
    version: str
    is_encrypted: bool
    marks: tuple[str, ...] = ()


def inspect(
    source: str | PathLike[str] | Document, limits: DocumentLimits | None = None
) -> DocumentFacts:
    """Returns the facts of a document that opens and whose first page can be read.

    This takes place in another process, which is ended after `limits.max_seconds`.

    Args:
        source: A path, or a document; the page stays open for the next question about it.
        limits: The limits on a file given by its path; the default limits if not given.

    Raises:
        DocumentTooLargeError: It has too many bytes or pages.
        UnreadableDocumentError: It is no document, encrypted, damaged or incomplete; or reading
            it took too long, or ended the process.
        MissingExtraError: The extra `pdf` is not installed.
        OSError: The file cannot be read.
    """
    document = source if isinstance(source, Document) else Document(source, limits=limits)
    header = document.header
    document.load(0)
    width, height = document.page_size(0)
    return DocumentFacts(
        format="pdf",
        size_bytes=document.size,
        pages=document.pages,
        page_width=round(width, 2),
        page_height=round(height, 2),
        title=document.title,
        version=header.version,
        is_encrypted=header.is_encrypted,
        marks=header.marks,
    )


def write(
    source: str | PathLike[str] | Document,
    target: Path,
    format: str | None = None,  # noqa: A002  as in declarations
    save_options: Mapping[str, object] | None = None,
    *,
    limits: DocumentLimits | None = None,
) -> DocumentFacts:
    """Writes what a row function returned to a file, and returns the facts of that file.

    A whole document is copied byte for byte; an extract is written anew, with equal bytes in every
    run.

    Args:
        source: A path, or a document.
        target: The file to write; its content is replaced.
        format: "pdf", or None for it.
        save_options: There are none.
        limits: The limits on a file given by its path; the default limits if not given.

    Raises:
        OutputFormatError: The format or an option is unknown.
        UnreadableDocumentError: The source is not a document that can be read.
        OSError: A file cannot be read or written.
    """
    check_options(format, save_options)
    document = source if isinstance(source, Document) else Document(source, limits=limits)
    if document.is_extract:
        document.write_to(target)
    else:
        shutil.copyfile(document.path, target)
    return inspect(target, document.limits)


def thumbnail(
    source: str | PathLike[str] | Document,
    size: tuple[int, int],
    limits: DocumentLimits | None = None,
) -> Image.Image:
    """Returns the first page as an image that fits a box, with its proportions kept.

    Args:
        source: A path, or a document.
        size: The box's width and height in pixels.
        limits: The limits on a file given by its path; the default limits if not given.

    Raises:
        UnreadableDocumentError: It cannot be read.
    """
    document = source if isinstance(source, Document) else Document(source, limits=limits)
    width, height = document.page_size(0)
    scale = min(size[0] / width, size[1] / height)
    image = document.page(0, dpi=scale * POINTS_PER_INCH)
    image.thumbnail(size)
    return image
