"""Pages of a document, as images."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from media_assets.column_types import ColumnType
from media_assets.documents.document import DEFAULT_DPI
from media_assets.media_types import DOCUMENT
from media_assets.split.options import is_amount, refusal
from media_assets.split.splitter import Part, Splitter, check_count, version_of

if TYPE_CHECKING:
    from media_assets.documents.document import Document

_VERSION = 1
_SAVE_OPTIONS = {"quality": 90, "subsampling": "4:4:4"}
_MOST_PAGES = 9_999


@dataclass(frozen=True, kw_only=True)
class Pages(Splitter):
    """Splits documents into pages; made by `pages`.

    Attributes:
        dpi: Pixels per inch.
    """

    dpi: float

    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        """Yields the pages; those that are skipped are not drawn."""
        document = cast("Document", source)
        most = min(max_parts, _MOST_PAGES)
        fewer = "some pages: a derived table with a function of your own can"
        check_count(document.pages, most, parts="pages", fewer=fewer)
        for number in range(1, document.pages + 1):
            wide, high = document.page_size(number - 1)
            fields = {"number": number, "width_points": wide, "height_points": high}
            key = f"{number:04d}"
            yield Part(key, fields, None if skip(key) else self.extract(document, key, fields))

    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        """Returns a page by its number."""
        del part_key
        return cast("Document", source).page(_number(fields) - 1, dpi=self.dpi)

    def fragment(self, fields: Mapping[str, object]) -> str:
        """Returns the number of the page: `page=7`."""
        return f"page={_number(fields)}"

    def address(self, fields: Mapping[str, object]) -> str:
        """Returns the number, and the resolution unless it is the default: `page=7&dpi=300`."""
        dpi = "" if self.dpi == DEFAULT_DPI else f"&dpi={self.dpi}".removesuffix(".0")
        return self.fragment(fields) + dpi


def pages(*, dpi: float = DEFAULT_DPI) -> Splitter:
    """Splits documents into images of their pages: upright, in RGB, on white.

    Keys are the numbers of pages, from 1: `0007`. Index values are this `number`, and the size of
    the page, `width_points` and `height_points`, 72 to an inch. Files are JPEG of quality 90 and
    4:4:4, which keeps coloured text sharp.

    Args:
        dpi: Pixels per inch; 300 suits the recognition of text.

    Raises:
        DeclarationError: An option cannot be used.

    Example:
        >>> pages(dpi=300).description
        'pages at 300 dpi'
    """
    if not is_amount(dpi):
        accepted = "a positive number of pixels per inch"
        raise refusal(dpi, option="dpi", accepted=accepted, example="pages(dpi=300)")
    version = version_of("pages", _VERSION, float(dpi))
    return Pages(
        name="pages",
        reads=DOCUMENT.type,
        makes=ColumnType.IMAGE,
        column="page",
        fields={"number": int, "width_points": float, "height_points": float},
        code_version=version,
        part_version=version,
        description=f"pages at {dpi:g} dpi",
        format="JPEG",
        save_options=_SAVE_OPTIONS,
        version=_VERSION,
        dpi=float(dpi),
    )


def _number(fields: Mapping[str, object]) -> int:
    return int(str(fields["number"]))
