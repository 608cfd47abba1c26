"""The images in the result of a query: those files that the catalog has in the query's tables."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

import duckdb
import pandas as pd

from media_assets.catalog.frame import FrameImages, MediaFrame
from media_assets.catalog.views import TableSources, digests_of, errors_of_rows
from media_assets.errors import UnknownNameError
from media_assets.media_column import MediaColumn
from media_assets.reading import Reader
from media_assets.records.database import connect


def with_images(
    rows: pd.DataFrame,
    read: Sequence[TableSources],
    reader: Reader,
    column_of: Callable[[str, str], MediaColumn],
) -> MediaFrame:
    """Returns the result of a query as a frame that shows its images.

    A text is an image only if a manifest that the query read has it as a fileurl: a query can
    return any text, and no other file may be read for it.

    Args:
        rows: The result.
        read: The sources of the query's tables.
        reader: Access to the files.
        column_of: Reads a column of the whole table, by the names of both.
    """
    images = FrameImages(
        names=(),
        column=partial(_column, read, column_of),
        errors=partial(_errors, read),
        reader=reader,
        digests=partial(_digests, read),
        is_of_query=True,
    )
    return MediaFrame.of(rows, images)


def _column(
    read: Sequence[TableSources], column_of: Callable[[str, str], MediaColumn], name: str
) -> MediaColumn:
    for sources in read:
        if name in sources.headers:
            return column_of(sources.headers[name].table, name)
    known = {column for sources in read for column in sources.headers}
    raise UnknownNameError(kind="column", name=name, known=known, where="in this query's tables")


def _digests(read: Sequence[TableSources], fileurls: Collection[str]) -> dict[str, str]:
    if not fileurls:
        return {}
    cells = [of_column for sources in read for of_column in sources.cells.values()]
    try:
        with connect() as connection:
            return digests_of(connection, cells, fileurls)
    except duckdb.Error:  # the manifests were collected since the query
        return {}


def _errors(read: Sequence[TableSources], rows: Collection[str]) -> dict[tuple[str, str], str]:
    """Returns the errors of rows; none for several tables, whose columns may have equal names."""
    if len(read) != 1 or not rows:
        return {}
    try:
        with connect() as connection:
            return errors_of_rows(connection, read[0], rows)
    except duckdb.Error:  # as above
        return {}
