"""A DataFrame as HTML with thumbnails, of bounded size: notebooks keep all that they show."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import cast

import pandas as pd

from media_assets.catalog.page import FIRST_PAGE, PageShown
from media_assets.concurrency import map_concurrently
from media_assets.images.thumbnails import data_uri, webp_bytes
from media_assets.masking import make_printable, mask_secrets, redact_uri
from media_assets.media_column import MediaColumn
from media_assets.reading import Reader
from media_assets.thumbnails import FETCHED_BYTES, PicturedFile, thumbnail_of
from media_assets.values import ColumnType, shorten_value

MOST_BYTES = 5_000_000
MOST_ROWS = 1_000
MOST_COLUMNS = 50
"""A page of 20 rows with three pictures of 128 pixels takes 200 KB."""
_LONGEST_TEXT = 500
_LONGEST_ERROR = 120
"""Characters of a message that are shown; the mouse pointer shows more of it."""
_ROWS_AT_ONCE = 20
_TOO_MANY = "Not shown, because this page has too many bytes. Show fewer rows, or a smaller size."


@dataclass(frozen=True, slots=True)
class FrameImages:
    """The pictures of a frame, and how to make them.

    Attributes:
        media: The columns with files, as far as they are known by name, and their types.
        column: Reads a column of the whole table by its name.
        errors: Reads the message of each cell with an error, by row and column, of some rows.
        reader: Access to the files.
        files: Finds files by their fileurls, among those that the catalog knows.
        page: How many rows are shown, at which size, and where they are in the table.
        total: How many rows the table has; None unless the frame is a page of it.
        is_of_query: Whether the frame is the result of a query, which may have no files at all.
    """

    media: Mapping[str, ColumnType]
    column: Callable[[str], MediaColumn]
    errors: Callable[[Collection[str]], Mapping[tuple[str, str], str]]
    reader: Reader
    files: Callable[[Collection[str]], Mapping[str, PicturedFile]]
    page: PageShown = FIRST_PAGE
    total: int | None = None
    is_of_query: bool = False

    def describe_rows(self, shown: int, count: int) -> str:
        """Returns which rows are shown of a frame that has `count` rows.

        If it is a page, they are counted as rows of the table.
        """
        if self.total is not None and self.page.is_whole(count, self.total):
            told = self.page.describe(shown, self.total)
        else:
            of_all = f"{shown:,} of " if shown < count else ""
            told = f"{of_all}{count:,} {'row' if count == 1 else 'rows'}"
        left_out = min(count, self.page.rows) - shown
        return f"{told} ({left_out:,} more of this page do not fit)" if left_out else told


@dataclass(frozen=True, slots=True)
class _Picture:
    """A thumbnail as a data URL, and the file's public URL; or why there is none."""

    uri: str | None = None
    problem: str = ""
    public: str | None = None


def frame_html(frame: pd.DataFrame, images: FrameImages) -> str | None:
    """Returns the first rows as an HTML table, with thumbnails instead of fileurls.

    Names, values and messages are escaped; the thumbnails are embedded. There are at most 1,000
    rows, 50 columns and about 5 MB: further rows are left out, and counted.

    Returns:
        None for the result of a query with neither a picture nor an error to show.
    """
    first = frame.head(min(images.page.rows, MOST_ROWS))
    shown = cast("pd.DataFrame", first.iloc[:, :MOST_COLUMNS])
    titles = cast("list[object]", shown.columns.to_list())
    rows = cast("Iterator[tuple[object, ...]]", shown.itertuples(index=False, name=None))
    lines = list(map(list, rows))
    # Renamed columns show their files as well: the catalog knows their fileurls.
    texts = {value for line in lines for value in line if isinstance(value, str)}
    files = images.files({text for text in texts if "://" in text})
    place = titles.index("row") if "row" in titles else None
    names = [None if place is None else str(line[place]) for line in lines]
    has_null = [any(map(_is_missing, line)) for line in lines]
    errors = images.errors({n for n, has in zip(names, has_null, strict=True) if has and n})
    failed = [[errors.get((str(name), str(title))) for title in titles] for name in names]
    if images.is_of_query and not files and not any(map(any, failed)):
        return None
    # By position: a frame may have two columns of one name.
    known = {n: images.media[str(t)] for n, t in enumerate(titles) if t in images.media}
    html = [f"<tr>{''.join(f'<th>{_text(str(title))}</th>' for title in titles)}</tr>"]
    left = MOST_BYTES
    for line, messages, pictures in _with_pictures(lines, failed, known, files, images):
        is_full = False
        cells: list[str] = []
        for value, error in zip(line, messages, strict=True):
            cell = _cell(pictures, value, error)
            if len(cell) > left and isinstance(value, str) and value in pictures:
                cell, is_full = f"{_text(value)}<br>{_message(_TOO_MANY)}", True
            left -= len(cell)
            cells.append(f"<td>{cell}</td>")
        html.append(f"<tr>{''.join(cells)}</tr>")
        if is_full or left <= 0:
            break
    told = images.describe_rows(len(html) - 1, len(frame))
    if len(frame.columns) > MOST_COLUMNS:
        told += f", {MOST_COLUMNS} of {len(frame.columns):,} columns"
    return f"<table>{''.join(html)}</table>\n<p>{told}</p>"


def _with_pictures(
    lines: Sequence[list[object]],
    failed: Sequence[Sequence[str | None]],
    known: Mapping[int, ColumnType],
    files: Mapping[str, PicturedFile],
    images: FrameImages,
) -> Iterator[tuple[list[object], Sequence[str | None], Mapping[str, _Picture]]]:
    """Yields each line with its messages and pictures, which are made for a few lines at a time."""
    make = partial(_picture, images.reader, images.page.size)
    for start in range(0, len(lines), _ROWS_AT_ONCE):
        some = lines[start : start + _ROWS_AT_ONCE]
        shown = {
            value: files.get(value) or PicturedFile(value, medium=known[n])
            for line in some
            for n, value in enumerate(line)
            if isinstance(value, str) and (n in known or value in files)
        }
        pictures = dict(zip(shown, map_concurrently(make, shown.values()), strict=True))
        for n, line in enumerate(some, start):
            yield line, failed[n], pictures


def _picture(reader: Reader, size: tuple[int, int], file: PicturedFile) -> _Picture:
    """Returns a thumbnail, or why the file cannot be shown."""
    try:
        small = thumbnail_of(file, size, reader, fetched_bytes=FETCHED_BYTES)
        return _Picture(data_uri(webp_bytes(small)), public=reader.public.of_file(file.fileurl))
    except Exception as error:  # noqa: BLE001  whatever is wrong with a file is shown in its place
        return _Picture(problem=str(error))


def _cell(pictures: Mapping[str, _Picture], value: object, error: str | None) -> str:
    is_missing = _is_missing(value)
    if error is not None and is_missing:
        return _message(error)
    if isinstance(value, str) and (picture := pictures.get(value)):
        return _shown(picture, value)
    if is_missing:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return _text(str(shorten_value(value)))


def _shown(picture: _Picture, fileurl: str) -> str:
    """Returns a picture, with a link to its file if that has a public URL."""
    if picture.uri is None:
        return f"{_text(fileurl)}<br>{_message(picture.problem, about=fileurl)}"
    shown = f'<img src="{picture.uri}" alt="" title="{_text(fileurl)}">'
    if picture.public is None:
        return shown
    return f'<a href="{escape(picture.public)}" target="_blank" rel="noopener">{shown}</a>'


def _is_missing(value: object) -> bool:
    return pd.isna(value) is True  # pyright: ignore[reportArgumentType, reportCallIssue]


def _message(text: str, about: str = "") -> str:
    """Returns a message as HTML, shortened; the mouse pointer shows more of it.

    A fileurl that it is about stands next to it, so that its name is enough there.
    """
    short = mask_secrets(text)
    for url in filter(None, (mask_secrets(about), redact_uri(about))):
        short = short.replace(url, url.rpartition("/")[2])
    return f'<em title="{_text(text, 2 * _LONGEST_TEXT)}">{_text(short, _LONGEST_ERROR)}</em>'


def _text(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Returns a text as HTML, without secrets and cut if it is long."""
    clean = make_printable(mask_secrets(text), keep="\n\t")
    return escape(clean if len(clean) <= longest else f"{clean[:longest]} [...]")
