"""A table as a DataFrame that shows its images in notebooks."""

from collections.abc import Callable, Mapping, Sequence
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
from media_assets.shown import masked

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
    """

    names: Sequence[str]
    column: Callable[[str], MediaColumn]
    errors: Mapping[tuple[str, str], str]
    reader: Reader


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
        pictures = dict(zip(fileurls, at_once(self._picture, fileurls), strict=True))
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

    def _picture(self, fileurl: str) -> str | None:
        """Returns a thumbnail as a URL that holds it; None for a file that cannot be shown."""
        try:
            data = self._images.reader.read(fileurl, max_bytes=ImageLimits().max_bytes)
            return data_uri(thumbnail_bytes(data, _THUMBNAIL))
        except MediaAssetsError:
            return None


def _cell(value: object, pictures: Mapping[str, str | None], error: str | None) -> str:
    if error is not None:
        error = masked(error)
        return f'<em title="{escape(error)}">{escape(shorten(error, _ERROR_SHOWN))}</em>'
    if isinstance(value, str) and (picture := pictures.get(value)):
        return f'<img src="{picture}" alt="" title="{escape(masked(value))}">'
    if pd.isna(value) is True:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else escape(masked(str(value)))
