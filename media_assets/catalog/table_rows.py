"""Live rows of one table, read from the manifests of the partitions that hold them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, TypeVar

import duckdb

from media_assets.catalog.array_functions import needs_function
from media_assets.catalog.cell_files import Cells, Newest
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.views import (
    TableSources,
    error_messages,
    error_places,
    make_table_view,
)
from media_assets.errors import QueryError, UnknownNameError
from media_assets.records.database import connect, quote_name
from media_assets.records.manifests import Header
from media_assets.records.parquet import ArrowTable, distinct_texts, rows_named, values_of
from media_assets.spellings import find_spelling, spellings
from media_assets.uploads.live_rows import LiveRows

if TYPE_CHECKING:
    from media_assets.thumbnails import PicturedFile

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class TableRows:
    """Some columns of a table, to be read for some of its rows."""

    files: CatalogFiles
    table: str
    headers: Mapping[str, Header] = field(default_factory=dict[str, Header])

    def with_files(self, names: Sequence[str] | None) -> Self:
        """Keeps the columns with files.

        Raises:
            UnknownNameError: One of these names is of a column without.
        """
        media = {name: header for name, header in self.headers.items() if header.type.is_medium}
        for name in names or ():
            if name not in media:
                where = f"among the materialized columns of {self.table!r} with files"
                raise UnknownNameError(kind="column", name=name, known=media, where=where)
        return replace(self, headers=media)

    def live(self) -> ArrowTable:
        """Returns all live rows."""
        return self.files.live(self.table).table

    def named(self, rows: Sequence[str]) -> ArrowTable:
        """Returns the live rows that are named, in either form of Unicode."""
        live = rows_named(self.live(), [form for row in rows for form in spellings(row)])
        there = set(values_of(live, "row"))
        return rows_named(live, [name for row in rows if (name := find_spelling(row, there))])

    def read(self, live: ArrowTable, made: Callable[[duckdb.DuckDBPyConnection], Result]) -> Result:
        """Returns what is made of the table's view of some live rows, sorted by row."""
        none: dict[str, Sequence[Cells]] = {column: [] for column in self.headers}
        cells = none | self.files.cells(self.table, self.newest(live))
        shown = LiveRows.of_table(live)
        query = f"select * from {quote_name(self.table)} order by row"  # noqa: S608  quoted
        has_numbers = any(needs_function(header.type) for header in self.headers.values())
        with duckdb.connect() if has_numbers else connect() as connection:
            try:
                values = self.files.value_headers(self.table)
                sources = TableSources(shown, self.headers, cells, values)
                make_table_view(connection, self.table, sources)
                return made(connection.execute(query))
            except duckdb.Error as error:
                raise QueryError(query, str(error), tables=[self.table]) from error

    def newest(self, live: ArrowTable) -> Newest:
        """Returns the newest manifests of the partitions that hold some live rows."""
        partitions = distinct_texts(live, "partition")
        return self.files.newest_in(self.table, self.headers, partitions)

    def error_messages(self, live: ArrowTable, newest: Newest) -> dict[tuple[str, str], str]:
        """Returns the message of each cell of live rows that has an error, by row and column."""
        with connect() as connection:
            return error_messages(connection, live, self.files.cells(self.table, newest))

    def errors_among(self, rows: Sequence[str]) -> int:
        """Counts those of these uploaded rows that have an error in any column."""
        uploads = self.files.log(self.table).newest_of(rows)
        partitions = sorted({upload.partition for upload in uploads.values()})
        newest = self.files.newest_in(self.table, self.files.columns(self.table), partitions)
        with connect(threads=1) as connection:  # the log has used it
            errors = error_places(connection, self.files.cells(self.table, newest))
        return len(
            {row for row, where in errors if row in uploads and where == uploads[row].partition}
        )

    def pictured_files(
        self, newest: Newest, fileurls: Collection[str]
    ) -> "dict[str, PicturedFile]":
        """Returns files as recorded in manifests, by fileurl."""
        from media_assets.catalog.pictured_files import pictured_files  # noqa: PLC0415  slow

        cells = self.files.cells(self.table, newest)
        with connect() as connection:
            columns = ((self.headers[name].type, found) for name, found in cells.items())
            return pictured_files(connection, columns, fileurls)
