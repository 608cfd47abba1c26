"""A table as a DataFrame that shows its images in notebooks."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import shorten
from typing import cast

import pandas as pd

from media_assets.at_once import at_once
from media_assets.errors import MediaAssetsError
from media_assets.images.decode import ImageLimits
from media_assets.images.thumbnails import data_uri, thumbnail_bytes
from media_assets.media_column import MediaColumn
from media_assets.reading import Reader

_ROWS_SHOWN = 20
_THUMBNAIL = (128, 96)
_ERROR_SHOWN = 80
"""Characters of a message; all of it shows where the mouse rests."""


@dataclass(frozen=True, slots=True)
class FrameImages:
    """What a frame knows of its images.

    Attributes:
        names: The image columns.
        column: Reads a column of the whole table by its name.
        errors: The message of each cell with an error, by row and column.
        reader: What it takes to reach the files.
        digests: Reads the digests of files by their fileurls.
    """

    names: Sequence[str]
    column: Callable[[str], MediaColumn]
    errors: Mapping[tuple[str, str], str]
    reader: Reader
    digests: Callable[[Collection[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Picture:
    """A thumbnail as a URL that holds it, or why there is none."""

    uri: str | None = None
    problem: str = ""


class MediaFrame(pd.DataFrame):
    """A DataFrame with a line per row, in which an image is its fileurl.

    What is selected from it is one as well, so that a filtered table shows its images, too.
    Pickled it becomes a plain DataFrame: credentials stay where they are.
    """

    _metadata = ["_images"]  # noqa: RUF012  pandas hands these attributes on
    _images: FrameImages

    @classmethod
    def of(cls, rows: pd.DataFrame, images: FrameImages) -> "MediaFrame":
        """Returns rows as they are, knowing their images."""
        frame = cls(rows)
        frame._images = images
        return frame

    @property
    def _constructor(self) -> "type[MediaFrame]":
        return MediaFrame

    def __reduce__(self) -> tuple[object, ...]:
        return cast("tuple[object, ...]", pd.DataFrame(self).__reduce__())

    def media(self, column: str) -> MediaColumn:
        """Returns a column of the whole table, whose images are opened one by one.

        Raises:
            UnknownNameError: There is no such column.
        """
        return self._images.column(column)

    def _repr_html_(self) -> str:
        """Returns the first rows as an HTML table, with thumbnails in the place of fileurls.

        Names, values and messages are escaped; the pictures are a part of the text.
        """
        shown = self.head(_ROWS_SHOWN)
        names = [name for name in self._images.names if name in shown]
        values = cast("list[object]", shown[names].to_numpy().ravel().tolist())
        fileurls = {value for value in values if isinstance(value, str)}
        digests = self._images.digests(fileurls)
        made = at_once(lambda fileurl: self._picture(fileurl, digests.get(fileurl)), fileurls)
        pictures = dict(zip(fileurls, made, strict=True))
        titles = cast("list[object]", shown.columns.to_list())
        heads = "".join(f"<th>{escape(str(title))}</th>" for title in titles)
        lines = [f"<tr>{heads}</tr>"]
        for record in cast("list[dict[str, object]]", shown.to_dict("records")):
            error_of = {
                name: message
                for name in record
                if (message := self._images.errors.get((str(record.get("row")), name)))
            }
            texts = (_cell(value, pictures, error_of.get(name)) for name, value in record.items())
            lines.append(f"<tr>{''.join(f'<td>{text}</td>' for text in texts)}</tr>")
        of_all = f"{len(shown)} of " if len(shown) < len(self) else ""
        return f"<table>{''.join(lines)}</table>\n<p>{of_all}{len(self)} rows</p>"

    def _picture(self, fileurl: str, digest: str | None) -> _Picture:
        try:
            data = self._images.reader.read(
                fileurl, max_bytes=ImageLimits().max_bytes, digest=digest
            )
            return _Picture(data_uri(thumbnail_bytes(data, _THUMBNAIL)))
        except MediaAssetsError as error:
            return _Picture(problem=str(error))


def _cell(value: object, pictures: Mapping[str, _Picture], error: str | None) -> str:
    if error is not None:
        return _message(error)
    if isinstance(value, str) and (picture := pictures.get(value)):
        if picture.uri is None:
            return f"{escape(value)}<br>{_message(picture.problem)}"
        return f'<img src="{picture.uri}" alt="" title="{escape(value)}">'
    if pd.isna(value) is True:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def _message(text: str) -> str:
    """A message, cut where it is long; all of it shows where the mouse rests."""
    return f'<em title="{escape(text)}">{escape(shorten(text, _ERROR_SHOWN))}</em>'
