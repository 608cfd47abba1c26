"""The catalog: all manifests and upload logs, queried with DuckDB."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self, cast

import duckdb

from media_assets.catalog.files import CatalogFiles, Newest
from media_assets.catalog.functions import FileFunctions
from media_assets.catalog.history import EarlierFiles, history, moment_of
from media_assets.catalog.queries import named_columns
from media_assets.catalog.views import (
    TableFiles,
    error_places,
    make_overviews,
    make_table_view,
    written_rows,
)
from media_assets.errors import QueryError, UnknownNameError
from media_assets.home import find_home
from media_assets.records.database import connected, quoted
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Header
from media_assets.records.parquet import ArrowTable, distinct_texts, rows_named
from media_assets.stores import Storage
from media_assets.values import ColumnType

if TYPE_CHECKING:
    import pandas as pd

_CONFIG = {"python_enable_replacements": "false"}
"""A name in a query is never a variable of this program."""


class Catalog:
    """What every materialization wrote, as tables to query.

    Each media table is a view of its name: `row`, `partition`, for each image column its fileurl,
    for each value column its value. Beside them stand `media_assets.files`, `media_assets.errors`
    and `media_assets.materializations`. Rows that were replaced or deleted are in none of them.
    `media_assets.history` has a line for every manifest that is kept: which run wrote what.
    """

    def __init__(self, root: CatalogRoot, *, storage: Storage | None = None) -> None:
        """Takes the catalog's root; nothing is read before the first query.

        Args:
            root: Where all records are kept.
            storage: What URLs are signed with; without it the providers' usual environment and
                profiles.
        """
        self._root = root
        self._storage = storage or Storage()
        self._files = CatalogFiles(root)

    @classmethod
    def open(cls, location: str | None = None, *, storage: Storage | None = None) -> Self:
        """Opens a catalog by its location; by default that of `DAGSTER_HOME`.

        Args:
            location: A folder or a URI prefix.
            storage: The credentials, such as the `storage` of a `MediaIOManager`; without them
                the providers' usual environment and profiles.

        Raises:
            HomeNotFoundError: No location is given, and no home is to be found.
            DestinationError: The location cannot be understood.
        """
        root = CatalogRoot.open(location or find_home().catalog, storage=storage)
        return cls(root, storage=storage)

    def tables(self) -> list[str]:
        """Returns the names of all tables, assets outside tables included."""
        return sorted(self._files.tables())

    def sql(
        self,
        query: str,
        parameters: Sequence[object] = (),
        *,
        as_of: datetime | str | None = None,
    ) -> "pd.DataFrame":
        """Runs a DuckDB query over the catalog, as it stands now or stood at a time.

        Beside DuckDB's own functions there are `presigned_url(fileurl, seconds)` and
        `localpath(fileurl)`, which is null for a file that is not on this machine.

        Args:
            query: SQL; `?` stands for a parameter.
            parameters: The values of the `?`, in order.
            as_of: A time, or the id of a run: then it is the catalog as that run left it.

        Raises:
            QueryError: DuckDB cannot run it; the text says why and which tables there are.
            UnknownNameError: No manifest that is kept is of that run.
            HistoryCollectedError: Manifests of that time were collected.
            FileurlError: A function was asked about a text that is no fileurl.
            NotSignableError: A file is not in cloud storage, or its credentials cannot sign.
            ExpiryError: A lifetime is not positive, or longer than the provider allows.
        """
        if as_of is not None:
            earlier = Catalog(self._root, storage=self._storage)
            earlier._files = EarlierFiles(self._root, moment_of(self._root, as_of))
            return earlier.sql(query, parameters)
        listings = self._files.tables()
        text = query.lower()
        # A view costs the opening of its files, so only what a query can mean is made.
        wants_overviews = "media_assets" in text
        wanted = {table: listings[table] for table in _tables_meant(query, listings)}
        # A database of its own: what a query makes or sets is gone with it.
        functions = FileFunctions(self._storage)
        with duckdb.connect(config={**_CONFIG}) as connection:
            named = named_columns(connection, query)
            functions.add_to(connection, query)
            try:
                if wants_overviews:
                    tables = {table: self._table(table, listings[table]) for table in listings}
                    make_overviews(connection, tables)
                if wants_overviews and "history" in text:
                    connection.register("_history", history(self._root))
                    connection.execute("create view media_assets.history as from _history")
                for table, newest in wanted.items():
                    read = {c: newest[c] for c in newest if named is None or c in named}
                    make_table_view(connection, table, self._table(table, read))
                if not connection.extract_statements(query):
                    raise QueryError(query, "it is empty.", tables=listings)
                return connection.execute(query, list(parameters)).df()
            except duckdb.Error as error:
                if functions.failure is not None:
                    raise functions.failure from error
                raise QueryError(query, str(error), tables=listings) from error

    def rows(
        self, table: str, rows: Sequence[str], columns: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Returns a few rows as the table's view shows them, sorted by row.

        Only the manifests of the partitions that hold them are read, however many there are.

        Args:
            table: The table's name.
            rows: The rows' names; those that do not exist are left out.
            columns: All that were ever materialized by default.

        Raises:
            UnknownNameError: There is no such table, or no such column in it.
        """
        headers = self._select(table, columns)
        return self._read(table, rows_named(self._live(table), rows), headers)

    def fileurls(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> "pd.DataFrame":
        """Returns `row` and the fileurls of a table's image columns, sorted by row.

        Args:
            table: The table's name.
            columns: The image columns; all that were ever materialized by default.
            offset: How many rows to pass over.
            limit: How many rows to return at most; all by default. Of few rows only the
                manifests of their partitions are read.

        Raises:
            UnknownNameError: There is no such table, or no such image column in it.
        """
        headers = self.columns(table) if columns is None else self._select(table, columns)
        images = {name: headers[name] for name in headers if headers[name].type is ColumnType.IMAGE}
        for name in columns or ():
            if name not in images:
                where = f"among the materialized image columns of {table!r}"
                raise UnknownNameError(kind="column", name=name, known=images, where=where)
        shown = self._read(table, self._live(table).slice(offset, limit), images)
        return cast("pd.DataFrame", shown[["row", *(columns or images)]])

    def error_rows(self, table: str, rows: Sequence[str] | None = None) -> int:
        """Counts the rows of a table that have an error in any column.

        Args:
            table: The table's name.
            rows: Only these uploaded rows count, and only the manifests of their partitions are
                read; all by default.
        """
        if rows is None:
            query = 'select count(distinct row) as rows from media_assets.errors where "table" = ?'
            return cast("int", self.sql(query, [table])["rows"].to_list()[0])
        uploads = self._files.log(table).newest_of(rows)
        partitions = sorted({upload.partition for upload in uploads.values()})
        newest = self._files.newest_in(table, self._files.columns(table), partitions)
        with connected() as connection:
            errors = error_places(connection, self._files.paths(newest))
        return len(
            {row for row, where in errors if row in uploads and where == uploads[row].partition}
        )

    def columns(self, table: str) -> dict[str, Header]:
        """Returns the columns of a table that were ever materialized, in the table's order.

        Raises:
            UnknownNameError: There is no such table.
        """
        return self._headers(table, self._files.columns(table))

    def _select(self, table: str, columns: Sequence[str] | None) -> dict[str, Header]:
        known = self._files.columns(table)
        for name in columns or ():
            if name not in known:
                where = f"among the materialized columns of {table!r}"
                raise UnknownNameError(kind="column", name=name, known=known, where=where)
        return self._headers(table, known if columns is None else columns)

    def _headers(self, table: str, columns: Sequence[str]) -> dict[str, Header]:
        """Reads the headers of columns: mostly the newest partition has them all."""
        partitions = self._files.log(table).partitions()
        if not partitions and not columns:
            known = self._files.tables()
            raise UnknownNameError(kind="table", name=table, known=known, where="in the catalog")
        newest = self._files.newest_in(table, columns, partitions[-1:])
        for column in columns:
            if column not in newest:
                newest[column] = self._files.newest_of(table, column)
        return self._files.headers(newest)

    def _table(self, table: str, newest: Newest) -> TableFiles:
        newest = self._files.standing(newest)
        return TableFiles(
            live=self._live(table),
            headers=self._files.headers(newest),
            paths=self._files.paths(newest),
        )

    def _live(self, table: str) -> ArrowTable:
        """Returns the rows that a table holds now; without an upload log all that was written."""
        log = self._files.log(table)
        if log.partitions():
            return log.live()
        newest = {name: self._files.newest_of(table, name) for name in self._files.columns(table)}
        with connected() as connection:
            return written_rows(connection, self._files.paths(self._files.standing(newest)))

    def _read(self, table: str, live: ArrowTable, headers: Mapping[str, Header]) -> "pd.DataFrame":
        """Reads columns of live rows from the manifests of the partitions that hold them."""
        partitions = distinct_texts(live, "partition")
        newest = self._files.newest_in(table, headers, partitions)
        paths = {column: [] for column in headers} | self._files.paths(newest)
        query = f"select * from {quoted(table)} order by row"  # noqa: S608  quoted
        with connected() as connection:
            try:
                make_table_view(connection, table, TableFiles(live, headers, paths))
                return connection.execute(query).df()
            except duckdb.Error as error:
                raise QueryError(query, str(error), tables=[table]) from error


def _tables_meant(query: str, tables: Iterable[str]) -> list[str]:
    """The tables that a query can mean.

    Names that differ by case alone are one to DuckDB: the one that stands in the query counts.
    """
    text = query.lower()
    by_case = sorted(tables, key=lambda table: table in query)
    return list({table.lower(): table for table in by_case if table.lower() in text}.values())
