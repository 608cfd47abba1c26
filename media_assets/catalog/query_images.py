"""The pictures in the result of a query: of files that the catalog has in the query's tables."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from media_assets.catalog.frame import FrameImages, MediaFrame
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.pictured_files import pictured_files
from media_assets.catalog.views import TableSources, errors_of_rows
from media_assets.errors import UnknownNameError
from media_assets.media_column import MediaColumn
from media_assets.reading import Reader
from media_assets.records.database import connect
from media_assets.thumbnails import PicturedFile


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

    def pictured(self, fileurls: Collection[str]) -> dict[str, PicturedFile]:
        """Returns the files for those of these texts that a manifest has as a fileurl."""
        columns = (
            (sources.headers[name].type, cells)
            for sources in self.read
            for name, cells in sources.cells.items()
        )
        try:
            with connect() as connection:
                return pictured_files(connection, columns, fileurls)
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
    """Returns the result of a query as a frame that shows its files as pictures.

    A text is a file only if a manifest that the query read has it as a fileurl: a query can
    return any text, and no other file may be read for it.
    """
    images = FrameImages(
        media={},
        column=sources.column,
        errors=sources.errors,
        reader=reader,
        files=sources.pictured,
        is_of_query=True,
    )
    return MediaFrame.of(rows, images)
