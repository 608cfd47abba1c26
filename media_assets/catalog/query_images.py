"""The images in the result of a query: those files that the catalog has in the query's tables."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from media_assets.catalog.frame import FrameImages, MediaFrame
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.views import TableSources, digests_of, errors_of_rows
from media_assets.errors import UnknownNameError
from media_assets.media_column import MediaColumn
from media_assets.reading import Reader
from media_assets.records.database import connect


@dataclass(frozen=True, slots=True)
class QuerySources:
    """What a query read.

    Attributes:
        read: The sources of its tables.
        files: The catalog's files, which keep local copies of these as long as they live.
        column_of: Reads a column of the whole table, by the names of both; None for a query of the
            past.
    """

    read: Sequence[TableSources]
    files: CatalogFiles
    column_of: Callable[[str, str], MediaColumn] | None

    def column(self, name: str) -> MediaColumn:
        """Returns the column of the first table that has one of this name."""
        if self.column_of is None:
            where = "in a query of the past"
            raise UnknownNameError(kind="column", name=name, known=(), where=where)
        for sources in self.read:
            if name in sources.headers:
                return self.column_of(sources.headers[name].table, name)
        known = {column for sources in self.read for column in sources.headers}
        where = "in this query's tables"
        raise UnknownNameError(kind="column", name=name, known=known, where=where)

    def digests(self, fileurls: Collection[str]) -> dict[str, str]:
        """Returns the digests of those of these texts that a manifest has as a fileurl."""
        if not fileurls:
            return {}
        cells = [of_column for sources in self.read for of_column in sources.cells.values()]
        try:
            with connect() as connection:
                return digests_of(connection, cells, fileurls)
        except duckdb.Error:  # the manifests were collected since the query
            return {}

    def errors(self, rows: Collection[str]) -> dict[tuple[str, str], str]:
        """Returns the errors of rows; none of several tables, where names may be equal."""
        if len(self.read) != 1 or not rows:
            return {}
        try:
            with connect() as connection:
                return errors_of_rows(connection, self.read[0], rows)
        except duckdb.Error:  # as above
            return {}


def with_images(rows: pd.DataFrame, sources: QuerySources, reader: Reader) -> MediaFrame:
    """Returns the result of a query as a frame that shows its images.

    A text is an image only if a manifest that the query read has it as a fileurl: a query can
    return any text, and no other file may be read for it.
    """
    images = FrameImages(
        names=(),
        column=sources.column,
        errors=sources.errors,
        reader=reader,
        digests=sources.digests,
        is_of_query=True,
    )
    return MediaFrame.of(rows, images)
