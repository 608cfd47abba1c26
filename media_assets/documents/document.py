"""Documents as row functions and scripts see them."""

import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from media_assets.documents import readers
from media_assets.documents.formats import FIRST_BYTES, check_options, recognize, refusal
from media_assets.documents.limits import DocumentLimits
from media_assets.errors import PageMissingError, UndecodableDocumentError
from media_assets.file_handle import FileHandle

if TYPE_CHECKING:
    from media_assets.documents.facts import DocumentFacts

DEFAULT_DPI = 150
_NO_PAGES = "it has no pages"
_END = b"%%EOF"
_CUT = "the file is cut short: its end marker is missing"
_TAIL_BYTES = 2_048


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says of itself.

    Attributes:
        pages: The number of its pages.
        version: The version of PDF, such as "1.7"; "" if it states none.
        metadata: Its title, author and the like, by PDF's names, without empty ones.
        is_encrypted: Whether it is encrypted, although it opens without a password.
        marks: What is not as it should be.
    """

    pages: int
    version: str
    metadata: Mapping[str, str]
    is_encrypted: bool
    marks: tuple[str, ...] = ()


class Document(FileHandle):
    """A document with pages, in a local file; the file is opened at the first question.

    Pages are counted from 0. PDFium reads it in another process, so a document that crashes it, or
    takes too long, is an error and nothing more. Threads may share a document.

    Example:
        >>> Document("report.pdf")
        Document('report.pdf')
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        limits: DocumentLimits | None = None,
        facts: "DocumentFacts | None" = None,
    ) -> None:
        """Names the file.

        Args:
            path: A local path.
            limits: The limits on it; the default limits if not given.
            facts: Its facts, if they are known: it is not asked for its pages again.
        """
        super().__init__(Path(path))
        self._limits = limits or DocumentLimits()
        self._facts = facts
        self._chosen: tuple[int, int] | None = None

    def __repr__(self) -> str:
        """Shows the path, and which of its pages."""
        pages = "" if self._chosen is None else ".extract({}, {})".format(*self._chosen)
        return f"Document({str(self._source)!r}){pages}"

    @property
    def path(self) -> Path:
        """The file; of an extract, a temporary file that is deleted by `close`."""
        if self._chosen is None:
            return self._source
        return self._write_once(self._source.name, self.write)

    @property
    def limits(self) -> DocumentLimits:
        """The limits on it."""
        return self._limits

    @property
    def pages(self) -> int:
        """The number of pages."""
        first, end = self._range
        return end - first

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self.path.stat().st_size

    @property
    def metadata(self) -> Mapping[str, str]:
        """Title, author and the like, by PDF's names (`Title`, `Author`), without empty ones."""
        return self.header.metadata

    @property
    def title(self) -> str | None:
        """The title that the document states; None if it states none."""
        return self.metadata.get("Title")

    @cached_property
    def header(self) -> Header:
        """What the whole file says of itself.

        Raises:
            DocumentTooLargeError: It has too many bytes or pages.
            UnreadableDocumentError: It is not a document, or is encrypted, damaged or incomplete.
            OSError: It cannot be read.
        """
        is_complete = self._check_file()
        try:
            found = self._ask("header", "open the document")
        except UndecodableDocumentError as error:
            raise error if is_complete else UndecodableDocumentError(_CUT) from error
        if not found["has_valid_table"] and not is_complete:
            raise UndecodableDocumentError(_CUT)
        pages, version = found["pages"], found["version"]
        if not pages:
            raise UndecodableDocumentError(_NO_PAGES)
        self._limits.check_pages(pages)
        return Header(
            pages,
            "" if version is None else f"{version // 10}.{version % 10}",
            {name: text.strip() for name, text in found["metadata"].items() if text.strip()},
            found["is_encrypted"],
            () if found["has_valid_table"] else ("table of objects rebuilt",),
        )

    def page_size(self, number: int) -> tuple[float, float]:
        """Returns the upright width and height of a page in points, 1/72 inch each.

        Raises:
            PageMissingError: There is no such page.
            UnreadableDocumentError: It cannot be read.
        """
        place = self._place(number)
        width, height = self._ask("size", f"measure page {number}", number=place)
        return width, height

    def page(self, number: int, dpi: float = DEFAULT_DPI) -> Image.Image:
        """Returns a page as an upright RGB image on white.

        Text in fonts that the document does not contain is drawn in fonts of the machine, or in
        similar ones, so such images differ between machines.

        Args:
            number: The page, counted from 0.
            dpi: Pixels per inch; sizes are rounded up.

        Raises:
            DocumentTooLargeError: The image would have too many pixels; nothing was drawn.
            PageMissingError: There is no such page.
            UnreadableDocumentError: It cannot be read.
            ValueError: `dpi` is not a positive number.
        """
        if not 0 < dpi < math.inf:
            message = f"dpi={dpi!r} is not a positive number."
            raise ValueError(message)
        page = {"number": self._place(number), "dpi": dpi, "max_pixels": self._limits.max_pixels}
        drawn = self._ask("draw", f"draw page {number}", page=page)
        if not isinstance(drawn, Image.Image):
            width, height = drawn["points"]
            about = f"Page {number} of {width:,.0f} x {height:,.0f} points at {dpi:g} dpi"
            self._limits.refuse_pixels(about, drawn["size"])
        return drawn

    def text(self, number: int | None = None) -> str:
        r"""Returns the text of a page, or of all pages with a form feed (`\f`) between them.

        Lines end in `\n`. A page without text, such as a scan, gives "".

        Raises:
            PageMissingError: There is no such page.
            UnreadableDocumentError: It cannot be read.
        """
        if number is None:
            return "\f".join(self.text(each) for each in range(self.pages))
        place = self._place(number)
        text = self._ask("text", f"read the text of page {number}", number=place)
        return text.replace("\r\n", "\n").replace("\ufffe", "-").replace("\0", "")

    def extract(self, start: int = 0, end: int | None = None) -> "Document":
        """Returns the pages from `start` up to, but not including, `end` as a document.

        Nothing is written before its `path` is asked for, or it is stored.

        Raises:
            PageMissingError: There is no such page.
            ValueError: `end` is not after `start`.
        """
        self._place(start)
        end = self.pages if end is None else end
        if end <= start:
            message = f"The pages from {start} up to {end} are none; `end` must be above `start`."
            raise ValueError(message)
        self._place(end - 1)
        extract = Document(self._source, limits=self._limits)
        first, _ = self._range
        extract._chosen = first + start, first + end
        return self._pass_on(extract)

    def load(self, number: int) -> tuple[float, float]:
        """Reads a page without drawing it, and returns its size as `page_size` does.

        Raises:
            UnreadableDocumentError: It cannot be read.
        """
        width, height = self._ask("load", f"read page {number}", number=self._place(number))
        return width, height

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        format: str = "pdf",  # noqa: A002  as in Pillow's `save`
        save_options: Mapping[str, object] | None = None,
    ) -> None:
        """Writes the document to a file; the same document gives the same bytes.

        A whole document is copied byte for byte. An extract is written anew, without the title and
        the outline of the whole.

        Args:
            path: The file; its content is replaced.
            format: "pdf".
            save_options: There are none.

        Raises:
            OutputFormatError: The format or an option is unknown.
            UnreadableDocumentError: It cannot be read.
            OSError: A file cannot be read or written.
        """
        check_options(format, save_options)
        target = Path(path)
        if self._chosen is None:
            shutil.copyfile(self._source, target)
            return
        self._ask("save", "write the pages", pages=self._range, target=os.path.abspath(target))  # noqa: PTH100  without following links

    def close(self) -> None:
        """Closes the file, and deletes the temporary file of an extract."""
        readers.let_go(self._source)
        if self._written is not None:
            readers.let_go(self._written)
        super().close()

    @property
    def _range(self) -> tuple[int, int]:
        if self._chosen is not None:
            return self._chosen
        return (0, self._facts.pages if self._facts else self.header.pages)

    def _place(self, number: int) -> int:
        """Returns the place in the file of a page."""
        first, end = self._range
        if not 0 <= number < end - first:
            raise PageMissingError(number, end - first)
        return first + number

    def _check_file(self) -> bool:
        """Refuses what is not a document; returns whether the end of the file is there."""
        with self._source.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            self._limits.check_bytes(size_bytes)
            start = file.read(FIRST_BYTES)
            if recognize(start) is None:
                raise refusal(start)
            file.seek(max(size_bytes - _TAIL_BYTES, 0))
            return _END in file.read()

    def _ask(self, question: str, work: str, **given: object) -> Any:  # noqa: ANN401  see `ask`
        return readers.ask(self._source, question, work=work, limits=self._limits, **given)
