"""A table as a DataFrame that shows its files as pictures in notebooks."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from typing import Self, cast

import pandas as pd

from media_assets.catalog.frame_html import FrameImages, frame_html
from media_assets.errors import UnknownNameError
from media_assets.media_column import MediaColumn
from media_assets.thumbnails import PicturedFile


class MediaFrame(pd.DataFrame):
    """A DataFrame with a line per row, in which a file is its fileurl.

    Selecting, merging, concatenating or joining returns another MediaFrame, which still shows its
    pictures, even in renamed columns. Error messages are shown only where row and column have the
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
            self._images = reduce(join_images, known)
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return cast("tuple[object, ...]", pd.DataFrame(self).__reduce__())

    def media(self, column: str) -> MediaColumn:
        """Returns a column of the whole table, whose files are opened one by one.

        In a frame made of several tables, the first table with the column is used.

        Raises:
            UnknownNameError: The column does not exist.
        """
        if self._images is None:
            raise UnknownNameError(kind="column", name=column, known=(), where="in this DataFrame")
        return self._images.column(column)

    def _repr_html_(self) -> str:
        """Returns the first rows as an HTML table, with thumbnails instead of fileurls.

        Names, values and messages are escaped; the thumbnails are embedded. Large pages are cut at
        5 MB. The result of a query without files is shown as pandas shows it.
        """
        html = None if self._images is None else frame_html(self, self._images)
        return html or cast("str", pd.DataFrame(self)._repr_html_())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def join_images(one: FrameImages, other: FrameImages) -> FrameImages:
    """Returns the images of a frame made of two; the first wins where both have a column."""

    def column(name: str) -> MediaColumn:
        try:
            return one.column(name)
        except UnknownNameError:
            return other.column(name)

    def files(fileurls: Collection[str]) -> Mapping[str, PicturedFile]:
        return {**other.files(fileurls), **one.files(fileurls)}

    def errors(rows: Collection[str]) -> Mapping[tuple[str, str], str]:
        return {**other.errors(rows), **one.errors(rows)}

    media = {**other.media, **one.media}
    is_of_query = one.is_of_query and other.is_of_query
    return FrameImages(media, column, errors, one.reader, files, one.page, is_of_query=is_of_query)


def _parents(made_of: object) -> Iterator[object]:
    """Yields the frames that pandas names when it finishes a new one, under various names."""
    if isinstance(made_of, pd.DataFrame | pd.Series):
        return
    for name in ("objs", "input_objs"):
        yield from cast("Iterable[object]", getattr(made_of, name, ()))
    for name in ("left", "right"):
        yield getattr(made_of, name, None)
