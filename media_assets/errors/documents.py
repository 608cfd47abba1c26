"""Errors of documents that cannot be read."""

from media_assets.errors.base import MediaAssetsError, UnreadableFileError


class UnreadableDocumentError(UnreadableFileError):
    """A document that cannot be opened, or a page of it that cannot be read."""


class UnsupportedDocumentError(UnreadableDocumentError):
    """A file whose content is not a document."""

    def __init__(self, found: str, *, fix: str) -> None:
        super().__init__(
            f"The file holds {found}.",
            accepted="Accepted documents, by content and not by name: PDF.",
            fix=fix,
        )


class DocumentLockedError(UnreadableDocumentError):
    """A document that opens only with a password."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The PDF document is encrypted: {problem}.",
            accepted="Documents that open without a password are expected.",
            fix="Save it without a password, and upload that.",
        )


class DocumentTooLargeError(UnreadableDocumentError):
    """A document, or a page, beyond the limits."""

    is_for_good = False

    def __init__(self, found: str, *, limit: str, setting: str, fix: str) -> None:
        super().__init__(
            f"{found}.",
            accepted=f"At most {limit} are allowed.",
            fix=f"{fix}, or raise {setting}.",
        )


class UndecodableDocumentError(UnreadableDocumentError):
    """A damaged or truncated document."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The PDF document cannot be read: {reason}.",
            accepted="Complete and undamaged files are expected.",
            fix="Upload it again, or save it anew with a PDF program.",
        )


class DocumentTimeoutError(UnreadableDocumentError):
    """A document whose reading was ended because it took too long."""

    is_for_good = False

    def __init__(self, work: str, seconds: float, *, setting: str) -> None:
        super().__init__(
            f"It took more than {seconds:g} seconds to {work}, so it was stopped.",
            accepted="A document opens, and a page is read, within the limit of time.",
            fix="Simplify the document, for example by printing it to a new PDF, or raise "
            f"{setting}.",
        )


class DocumentReaderDiedError(UnreadableDocumentError):
    """A document that ended the process reading it, twice."""

    def __init__(self, work: str) -> None:
        super().__init__(
            f"The process that was to {work} died, twice.",
            accepted="Documents that PDFium can read are expected.",
            fix="Print the document to a new PDF, and upload that.",
        )


class PageMissingError(MediaAssetsError, IndexError):
    """A page number beyond the document's pages."""

    def __init__(self, number: int, pages: int) -> None:
        super().__init__(
            f"The document has no page {number}.",
            accepted=f"Pages are counted from 0; its last one is page {pages - 1}.",
            fix="Ask for one of its pages; `pages` says how many there are.",
        )
