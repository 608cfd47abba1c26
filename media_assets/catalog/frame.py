"""A table as a DataFrame that shows its images in notebooks."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from html import escape
from textwrap import shorten
from typing import Self, cast

import pandas as pd

from media_assets.amounts import amount
from media_assets.catalog.page import FIRST_PAGE, PageShown
from media_assets.concurrency import map_concurrently
from media_assets.errors import MediaAssetsError, UnknownNameError
from media_assets.images.decode import ImageLimits
from media_assets.images.thumbnails import data_uri, thumbnail_bytes
from media_assets.masking import mask_secrets
from media_assets.media_column import MediaColumn
from media_assets.reading import Reader
from media_assets.values import shorten_value

_ERROR_SHOWN = 80
"""Characters of a message that are shown; the mouse pointer shows all of it."""


@dataclass(frozen=True, slots=True)
class FrameImages:
    """The images of a frame, and how to read them.

    Attributes:
        names: The image columns.
        column: Reads a column of the whole table by its name.
        errors: The message of each cell with an error, by row and column.
        reader: Access to the files.
        digests: Reads the digests of files by their fileurls.
        page: How many rows are shown, at which size, and where they are in the table.
        total: How many rows the table has; None unless the frame is a page of it.
    """

    names: Sequence[str]
    column: Callable[[str], MediaColumn]
    errors: Mapping[tuple[str, str], str]
    reader: Reader
    digests: Callable[[Collection[str]], Mapping[str, str]]
    page: PageShown = FIRST_PAGE
    total: int | None = None

    def join(self, other: "FrameImages") -> "FrameImages":
        """Returns the images of a frame made of two; this one wins where both have a column."""

        def column(name: str) -> MediaColumn:
            try:
                return self.column(name)
            except UnknownNameError:
                return other.column(name)

        def digests(fileurls: Collection[str]) -> Mapping[str, str]:
            return {**other.digests(fileurls), **self.digests(fileurls)}

        names = list(dict.fromkeys([*self.names, *other.names]))
        errors = {**other.errors, **self.errors}
        return FrameImages(names, column, errors, self.reader, digests, self.page)

    def describe_rows(self, shown: int, count: int) -> str:
        """Returns how many rows of a frame are shown, or which rows of the table they are."""
        if self.total is not None and self.page.is_whole(count, self.total):
            return self.page.describe(count, self.total)
        return f"{shown} of {amount(count, 'row')}" if shown < count else amount(count, "row")


@dataclass(frozen=True, slots=True)
class _Picture:
    """A thumbnail as a data URL, or why there is none."""

    uri: str | None = None
    problem: str = ""


class MediaFrame(pd.DataFrame):
    """A DataFrame with a line per row, in which an image is its fileurl.

    Selecting, merging, concatenating or joining returns another MediaFrame, which still shows its
    images, even in renamed columns. Error messages are shown only where row and column have the
    names of the table. Pickling makes it a plain DataFrame, without credentials.
    """

    _metadata = ["_images"]  # noqa: RUF012  pandas hands these attributes on
    _images: FrameImages | None = None
    """None for a frame that pandas made without naming its sources."""

    @classmethod
    def of(cls, rows: pd.DataFrame, images: FrameImages) -> "MediaFrame":
        """Returns rows as a frame with these images."""
        frame = cls(rows)
        frame._images = images
        return frame

    @property
    def _constructor(self) -> "type[MediaFrame]":
        return MediaFrame

    def __finalize__(  # pyright: ignore[reportIncompatibleMethodOverride]  it can be, and has to
        self, other: object, method: str | None = None, **kwargs: object
    ) -> Self:
        """Takes over the images of the frames that this one was made of."""
        super().__finalize__(other, method=method, **kwargs)
        frames = (frame for frame in _parents(other) if isinstance(frame, MediaFrame))
        known = [frame._images for frame in frames if frame._images is not None]  # noqa: SLF001
        if known:
            self._images = reduce(FrameImages.join, known)
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return cast("tuple[object, ...]", pd.DataFrame(self).__reduce__())

    def media(self, column: str) -> MediaColumn:
        """Returns a column of the whole table, whose images are opened one by one.

        In a frame made of several tables, the first table with the column is used.

        Raises:
            UnknownNameError: The column does not exist.
        """
        if self._images is None:
            raise UnknownNameError(kind="column", name=column, known=(), where="in this DataFrame")
        return self._images.column(column)

    def _repr_html_(self) -> str:
        """Returns the first rows as an HTML table, with thumbnails instead of fileurls.

        Names, values and messages are escaped; the thumbnails are embedded.
        """
        images = self._images
        if images is None:
            return cast("str", pd.DataFrame(self)._repr_html_())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        shown = self.head(images.page.rows)
        titles = cast("list[object]", shown.columns.to_list())
        lines = [dict(enumerate(line)) for line in shown.itertuples(index=False, name=None)]
        # Renamed columns show their images as well: the catalog knows their fileurls.
        perhaps = {value for line in lines for value in line.values() if _is_address(value)}
        digests = images.digests(cast("set[str]", perhaps))
        # By position: a frame may have two columns of one name.
        places = [place for place, title in enumerate(titles) if title in images.names]
        values = [line[place] for line in lines for place in places]
        fileurls = {value for value in values if isinstance(value, str)} | set(digests)
        found = map_concurrently(
            partial(_picture, images.reader, digests, images.page.size), fileurls
        )
        pictures = dict(zip(fileurls, found, strict=True))
        row = titles.index("row") if "row" in titles else None
        html = ["".join(f"<th>{escape(str(title))}</th>" for title in titles)]
        for line in lines:
            name = None if row is None else str(line[row])
            errors = [images.errors.get((str(name), str(title))) for title in titles]
            texts = map(partial(_cell, pictures), line.values(), errors)
            html.append("".join(f"<td>{text}</td>" for text in texts))
        table = "".join(f"<tr>{line}</tr>" for line in html)
        return f"<table>{table}</table>\n<p>{images.describe_rows(len(shown), len(self))}</p>"


def _is_address(value: object) -> bool:
    return isinstance(value, str) and "://" in value


def _parents(made_of: object) -> Iterator[object]:
    """Yields the frames that pandas names when it finishes a new one, under various names."""
    if isinstance(made_of, pd.DataFrame | pd.Series):
        return
    for name in ("objs", "input_objs"):
        yield from cast("Iterable[object]", getattr(made_of, name, ()))
    for name in ("left", "right"):
        yield getattr(made_of, name, None)


def _picture(
    reader: Reader, digests: Mapping[str, str], size: tuple[int, int], fileurl: str
) -> _Picture:
    """Returns a thumbnail, or why the file cannot be shown."""
    try:
        digest = digests.get(fileurl)
        data = reader.read(fileurl, max_bytes=ImageLimits().max_bytes, digest=digest)
        return _Picture(data_uri(thumbnail_bytes(data, size)))
    except MediaAssetsError as error:
        return _Picture(problem=str(error))


def _cell(pictures: Mapping[str, _Picture], value: object, error: str | None) -> str:
    is_missing = pd.isna(value) is True
    if error is not None and is_missing:
        return _message(error)
    if isinstance(value, str) and (picture := pictures.get(value)):
        name = escape(mask_secrets(value))
        if picture.uri is None:
            return f"{name}<br>{_message(picture.problem)}"
        return f'<img src="{picture.uri}" alt="" title="{name}">'
    if is_missing:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return escape(mask_secrets(str(shorten_value(value))))


def _message(text: str) -> str:
    """Returns a message as HTML, shortened; the mouse pointer shows all of it."""
    text = mask_secrets(text)
    return f'<em title="{escape(text)}">{escape(shorten(text, _ERROR_SHOWN))}</em>'
