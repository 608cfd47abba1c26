"""What is recorded of a document."""

from dataclasses import dataclass
from os import PathLike

from media_assets.documents.document import Document
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

    This takes place in another process, which is ended after `limits.max_work_seconds`.

    Args:
        source: A path, or a document; the page stays open for the next question about it.
        limits: The limits on a file given by its path; the default limits if not given.

    Raises:
        DocumentTooLargeError: It has too many bytes or pages.
        UnreadableDocumentError: It is not a document, or is encrypted, damaged or incomplete; or
            reading it took too long, or ended the process.
        MissingExtraError: The extra `pdf` is not installed.
        OSError: The file cannot be read.
    """
    document = source if isinstance(source, Document) else Document(source, limits=limits)
    header = document.header
    width, height = document.load(0)
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
