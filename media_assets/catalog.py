"""The catalog: all manifests and upload logs, queried with DuckDB."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import duckdb
import pandas as pd

from media_assets.catalog_views import TableFiles, make_overviews, make_table_view, quoted
from media_assets.errors import QueryError, UnknownNameError
from media_assets.home import find_home
from media_assets.ledger import CatalogRoot, Ledger
from media_assets.manifests import Header, read_header
from media_assets.upload_log import UploadLog
from media_assets.values import ColumnType

_UPLOADS = "_uploads"
_DEPTH = 3
"""Below its table, a manifest stands as column / partition / number."""

Newest = dict[str, dict[str, int]]
"""The number of the newest manifest, by column and partition."""


class Catalog:
    """What every materialization wrote, as tables to query.

    Each media table is a view of its name: `row`, `partition`, for each image column its fileurl,
    for each value column its value. Beside them stand `media_assets.files`, `media_assets.errors`
    and `media_assets.materializations`. Rows that were replaced or deleted are in none of them.
    """

    def __init__(self, root: CatalogRoot) -> None:
        """Takes the catalog's root; nothing is read before the first query."""
        self._root = root
        self._copies = _LocalCopies()

    @classmethod
    def open(cls, location: str | None = None) -> Self:
        """Opens a catalog by its location; by default that of `DAGSTER_HOME`.

        Raises:
            HomeNotFoundError: No location is given, and no home is to be found.
            DestinationError: The location cannot be understood.
        """
        return cls(CatalogRoot.open(location or find_home().catalog))

    def tables(self) -> list[str]:
        """Returns the names of all tables that ever got an upload."""
        return sorted(self._list())

    def sql(self, query: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Runs a DuckDB query over the catalog as it stands now.

        Args:
            query: SQL; `?` stands for a parameter.
            parameters: The values of the `?`, in order.

        Raises:
            QueryError: DuckDB cannot run it; the text says why and which tables there are.
        """
        listings = self._list()
        with duckdb.connect() as connection:
            # A view costs the opening of its files, so only those that a query can mean are made.
            wants_overviews = "media_assets" in query
            files = {
                table: self._files(table, newest)
                for table, newest in listings.items()
                if wants_overviews or table in query
            }
            if wants_overviews:
                make_overviews(connection, files)
            for table in files:
                make_table_view(connection, table, files[table])
            try:
                return connection.execute(query, list(parameters)).df()
            except duckdb.Error as error:
                raise QueryError(query, str(error), tables=listings) from error

    def fileurls(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Returns `row` and the fileurls of a table's image columns, sorted by row.

        Args:
            table: The table's name.
            columns: The image columns; all that were ever materialized by default.

        Raises:
            UnknownNameError: There is no such table, or no such image column in it.
        """
        headers = self.columns(table)
        images = [name for name, header in headers.items() if header.type is ColumnType.IMAGE]
        for name in columns or ():
            if name not in images:
                where = f"among the materialized image columns of {table!r}"
                raise UnknownNameError("column", name, known=images, where=where)
        names = ", ".join(quoted(name) for name in ["row", *(columns or images)])
        return self.sql(f"select {names} from {quoted(table)} order by row")  # noqa: S608  quoted

    def error_rows(self, table: str, rows: Sequence[str] | None = None) -> int:
        """Counts the rows of a table that have an error in any column.

        Args:
            table: The table's name.
            rows: Only these rows count; all by default.
        """
        query = 'select distinct row from media_assets.errors where "table" = ?'
        found = set(self.sql(query, [table])["row"])
        return len(found if rows is None else found.intersection(rows))

    def columns(self, table: str) -> dict[str, Header]:
        """Returns the columns of a table that were ever materialized, in the table's order.

        Raises:
            UnknownNameError: There is no such table.
        """
        listings = self._list()
        if table not in listings:
            raise UnknownNameError("table", table, known=listings, where="in the catalog")
        return self._headers(table, listings[table])

    def _list(self) -> dict[str, Newest]:
        """Lists the catalog once: table, column, partition and number all stand in the keys."""
        root = self._root.destination.prefix
        tables: dict[str, Newest] = {}
        for file in self._root.store.list(root):
            segments = file.key.removeprefix(root).rsplit("/", _DEPTH)
            number = segments[-1].removesuffix(".parquet")
            if len(segments) <= _DEPTH or segments[0].startswith("_") or not number.isdigit():
                continue
            table, column, partition, _ = segments
            newest = tables.setdefault(table, {}).setdefault(column, {})
            newest[partition] = max(int(number), newest.get(partition, 0))
        return tables

    def _headers(self, table: str, newest: Newest) -> dict[str, Header]:
        """Reads the newest header of each column; partitions sort by time."""
        headers = {
            column: read_header(self._ledger(table, column, max(numbers)), numbers[max(numbers)])
            for column, numbers in newest.items()
            if column != _UPLOADS
        }
        return dict(sorted(headers.items(), key=lambda item: (item[1].position, item[0])))

    def _files(self, table: str, newest: Newest) -> TableFiles:
        log = UploadLog(self._root, table)
        log.refresh()
        paths = {
            column: [
                self._copies.path(self._ledger(table, column, partition), number)
                for partition, number in sorted(numbers.items())
            ]
            for column, numbers in newest.items()
            if column != _UPLOADS
        }
        return TableFiles(log, self._headers(table, newest), paths)

    def _ledger(self, table: str, column: str, segment: str) -> Ledger:
        key = self._root.destination.key(table, column, segment, "")
        return Ledger(self._root.store, key)


class _LocalCopies:
    """Local copies of manifests that are kept elsewhere; a numbered file never changes."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._paths: dict[str, str] = {}

    def path(self, ledger: Ledger, number: int) -> str:
        key = ledger.key(number)
        if key not in self._paths:
            local = ledger.store.path(key)
            self._paths[key] = str(local) if local else self._copy(ledger, number)
        return self._paths[key]

    def _copy(self, ledger: Ledger, number: int) -> str:
        self._folder = self._folder or TemporaryDirectory(prefix="media-assets-catalog-")
        path = Path(self._folder.name, f"{len(self._paths)}.parquet")
        path.write_bytes(ledger.read(number))
        return str(path)
