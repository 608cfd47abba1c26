"""What every kind of media offers, for documents."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from PIL import Image

from media_assets.documents.document import Document
from media_assets.documents.facts import DocumentFacts, inspect
from media_assets.documents.formats import EXTENSIONS, FORMATS, check_options, recognize
from media_assets.documents.limits import DocumentLimits
from media_assets.documents.pixels import POINTS_PER_INCH

__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "LIMITS",
    "Document",
    "DocumentFacts",
    "DocumentLimits",
    "check_options",
    "inspect",
    "recognize",
    "thumbnail",
    "write",
]

LIMITS = DocumentLimits


def write(
    source: str | PathLike[str] | Document,
    target: Path,
    media_format: str = "pdf",
    save_options: Mapping[str, object] | None = None,
    *,
    limits: DocumentLimits | None = None,
) -> DocumentFacts:
    """Writes what a row function returned to a file, and returns the facts of that file.

    Args:
        source: A document, or the path of a file.
        target: The file to write; its content is replaced.
        media_format: One of `FORMATS`.
        save_options: There are none.
        limits: The limits on a file given by its path, and on the result.

    Raises:
        OutputFormatError: The format or an option is unknown.
        UnreadableDocumentError: The source is not a document that can be read.
        OSError: A file cannot be read or written.
    """
    document = source if isinstance(source, Document) else Document(source, limits=limits)
    document.write(target, format=media_format, save_options=save_options)
    return inspect(target, limits or document.limits)


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
    if not isinstance(source, Document):
        with Document(source, limits=limits) as opened:
            return thumbnail(opened, size)
    width, height = source.page_size(0)
    scale = min(size[0] / width, size[1] / height)
    image = source.page(0, dpi=scale * POINTS_PER_INCH)
    image.thumbnail(size)
    return image
