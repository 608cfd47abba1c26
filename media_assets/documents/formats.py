"""The formats of documents: recognition by content, and what a column can write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from media_assets.errors import OutputFormatError, UnsupportedDocumentError

EXTENSIONS = frozenset({".pdf"})
"""Of the files that are taken from a folder."""
FIRST_BYTES = 1_024
"""Enough of a file to recognize it."""
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]{0,512}%PDF-")
_OTHERS = {
    "an image": re.compile(
        rb"\xff\xd8\xff|\x89PNG|GIF8|II[*+]\0|MM\0[*+]|RIFF....WEBP|BM|....ftyp(?:avi|hei|hev|mif)",
        re.DOTALL,
    ),
    "audio or video": re.compile(
        rb"....ftyp|\x1a\x45\xdf\xa3|RIFF|OggS|ID3|fLaC|\xff[\xe0-\xff]", re.DOTALL
    ),
    "a PostScript document": re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"),
    "an Office document or another ZIP archive": re.compile(rb"PK\x03\x04"),
    "an old Office document": re.compile(rb"\xd0\xcf\x11\xe0"),
    "an RTF document": re.compile(rb"\{\\rtf"),
    "an HTML page": re.compile(rb"\s*<(?:!doctype )?html", re.IGNORECASE),
    "an SVG or XML document": re.compile(rb"(?:\xef\xbb\xbf)?\s*<[?!s]", re.IGNORECASE),
}
_CONTROL = re.compile(rb"[^\t\n\f\r\x20-\xff]")
_DROP = "Drop it: documents are written as PDF."
_AGAIN = "Upload it again: an interrupted copy or download leaves such a file."


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """A format that a column can write.

    Attributes:
        extension: With the dot.
        content_type: For HTTP.
    """

    extension: str
    content_type: str


FORMATS: Mapping[str, DocumentFormat] = {"pdf": DocumentFormat(".pdf", "application/pdf")}


def recognize(first_bytes: bytes) -> str | None:
    """Returns the format of a document that starts with these bytes; None if it is not a document.

    Example:
        >>> recognize(b"%PDF-1.7"), recognize(b"GIF89a")
        ('pdf', None)
    """
    return "pdf" if _PDF.match(first_bytes) else None


def refusal(first_bytes: bytes) -> UnsupportedDocumentError:
    """Returns the error for a file that is not a document; its bytes are never quoted."""
    if not first_bytes:
        return UnsupportedDocumentError("no bytes", fix=_AGAIN)
    if not first_bytes.strip(b"\0"):
        return UnsupportedDocumentError("zeros", fix=_AGAIN)
    convert = "Convert it to PDF before uploading."
    for kind, start in _OTHERS.items():
        if start.match(first_bytes):
            return UnsupportedDocumentError(kind, fix=convert)
    if _CONTROL.search(first_bytes):
        return UnsupportedDocumentError("no known kind of document", fix=convert)
    return UnsupportedDocumentError("text", fix=convert)


def check_options(
    media_format: str, options: Mapping[str, object] | None = None
) -> Mapping[str, object]:
    """Returns the options for an output format, after checking them; PDF has none.

    Raises:
        OutputFormatError: The format or an option is unknown.

    Example:
        >>> check_options("pdf")
        {}
    """
    if media_format.lower().removeprefix(".") not in FORMATS:
        what, accepted = "The output format of documents", ", ".join(FORMATS)
        raise OutputFormatError(media_format, what=what, accepted=accepted, fix=_DROP)
    for option in options or {}:
        what = "The save option for PDF"
        raise OutputFormatError(option, what=what, accepted="no options", fix=_DROP)
    return {}
