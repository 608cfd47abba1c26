"""Limits on documents."""

from dataclasses import dataclass
from typing import ClassVar, NoReturn

from media_assets.errors import DocumentTooLargeError
from media_assets.limits import Limits


@dataclass(frozen=True, slots=True)
class DocumentLimits(Limits):
    """The limits on a document and the work on it.

    Attributes:
        max_bytes: The file's size.
        max_pages: The number of pages.
        max_pixels: Width times height of a page as an image, checked before it is drawn.
        max_work_seconds: The time to open a document, to draw a page, or to read a page's text.
        max_memory_bytes: The memory of the process that reads it, which is ended above this.
    """

    OF_WORK: ClassVar = Limits.OF_WORK | {"max_pixels"}

    max_bytes: int = 2 * 1024**3
    max_pages: int = 100_000
    max_pixels: int = 128_000_000
    max_work_seconds: float = 60.0
    max_memory_bytes: int = 2 * 1024**3

    def check_bytes(self, size_bytes: int) -> None:
        """Raises `DocumentTooLargeError` if a file has more bytes."""
        if size_bytes > self.max_bytes:
            found, limit = f"The document has {size_bytes:,} bytes", f"{self.max_bytes:,} bytes"
            fix = "Split it into smaller documents"
            raise DocumentTooLargeError(
                found, limit=limit, setting=self.setting("max_bytes"), fix=fix
            )

    def check_pages(self, pages: int) -> None:
        """Raises `DocumentTooLargeError` if a document has more pages."""
        if pages > self.max_pages:
            found, limit = f"The document has {pages:,} pages", f"{self.max_pages:,} pages"
            fix = "Split it into smaller documents"
            raise DocumentTooLargeError(
                found, limit=limit, setting=self.setting("max_pages"), fix=fix
            )

    def refuse_memory(self, work: str) -> NoReturn:
        """Raises `DocumentTooLargeError` for work that took more memory."""
        found = f"It takes too much memory to {work}"
        limit, fix = f"{self.max_memory_bytes:,} bytes of memory", "Split or simplify the document"
        raise DocumentTooLargeError(
            found, limit=limit, setting=self.setting("max_memory_bytes"), fix=fix
        )

    def refuse_pixels(self, page: str, size: tuple[int, int]) -> NoReturn:
        """Raises `DocumentTooLargeError` for an image of a page with more pixels.

        Args:
            page: What the image shows, with its size and resolution, for the text.
            size: Its width and height.
        """
        pixels = size[0] * size[1]
        found, limit = f"{page} has {pixels:,} pixels", f"{self.max_pixels:,} pixels"
        fix = "Ask for a lower `dpi`"
        raise DocumentTooLargeError(found, limit=limit, setting=self.setting("max_pixels"), fix=fix)
