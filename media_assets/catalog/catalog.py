"""The catalog: all manifests and upload logs, queried with DuckDB."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import duckdb

from media_assets.catalog.answer import Answer
from media_assets.catalog.catalog_tables import CatalogTables
from media_assets.catalog.export import output_paths, write_result
from media_assets.catalog.history import PastFiles, moment_of
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.python_values import frame_of
from media_assets.catalog.selection import select_columns
from media_assets.catalog.session import session
from media_assets.catalog.table_rows import TableRows
from media_assets.catalog.views import TableSources
from media_assets.errors import HomeNotFoundError
from media_assets.home import find_or_make_home
from media_assets.installation import Installation, open_reader
from media_assets.reading import Reader
from media_assets.records.branches import branch_names
from media_assets.records.database import quote_name
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import Storage

if TYPE_CHECKING:
    from media_assets.catalog.frame import MediaFrame
    from media_assets.exports import MediaDataset


class Catalog(CatalogTables):
    """The results of all materializations, as tables to query.

    Each media table is a view with its name: `row`, `partition`, the fileurl of each column with
    files, and the value of each value column. There are also `media_assets.files`,
    `media_assets.errors` and `media_assets.materializations`. None of them shows replaced or
    deleted rows.
    `media_assets.history` has a line for every manifest that is kept: which run wrote what.
    """

    def __init__(
        self, root: CatalogRoot, *, reader: Reader | None = None, external_access: bool = False
    ) -> None:
        """Opens nothing yet: the first query does.

        Args:
            root: The catalog's root.
            reader: Reads files and signs URLs; by default with the providers' usual environment and
                profiles, and without a cache.
            external_access: Whether queries may do all that DuckDB can; see `open`.
        """
        super().__init__(root, reader or Reader())
        self._external_access = external_access
        self._running: set[duckdb.DuckDBPyConnection] = set()

    @classmethod
    def open(
        cls,
        location: str | None = None,
        *,
        storage: Storage | None = None,
        branch: str | None = None,
        external_access: bool = False,
    ) -> Self:
        """Opens a catalog by its location; by default the catalog of this installation.

        That is the one that the code location names, as noted in `DAGSTER_HOME`, or else the one of
        the environment, the settings file or the home. Images are read through the cache, with the
        credentials of the code location if it has any.
        Without a home, `~/media-assets` becomes one, and a line says so.

        Args:
            location: A folder or a URI prefix.
            storage: The credentials, such as the `storage` of a `MediaIOManager`.
            branch: The branch to see; by default that of `MEDIA_ASSETS_BRANCH`, or else main.
            external_access: Whether queries may do all that DuckDB can: read and write the files of
                this account, use the network, install extensions. Not for untrusted queries.

        Raises:
            HomeNotFoundError: `DAGSTER_HOME` is not the absolute path of an existing folder.
            DestinationError: The location cannot be parsed.
            CatalogNotedError: `MEDIA_ASSETS_CATALOG` names another catalog than the code.
            SettingError: A setting cannot be used.
            UnknownBranchError: There is no such branch; raised when it is first read.
        """
        if location is None:
            find_or_make_home()
        try:
            opened = Installation.open_noted(catalog=location, storage=storage, branch=branch)
        except HomeNotFoundError:
            if location is None:
                raise
            reader = open_reader(storage)
            root = CatalogRoot.open(location, storage=reader.storage, branch=branch)
        else:
            root, reader = opened.catalog, opened.reader
        return cls(root, reader=reader, external_access=external_access)

    def branches(self) -> list[str]:
        """Returns the names of the catalog's branches; `Catalog.open(branch=)` opens one."""
        return branch_names(self._root.main)

    def sql(
        self,
        query: str,
        parameters: Sequence[object] = (),
        *,
        as_of: datetime | str | None = None,
    ) -> "MediaFrame":
        """Runs a DuckDB query over the catalog as it is now, or was at a given time.

        The result is a pandas DataFrame. In a notebook, fileurls that the query read from the
        catalog show as thumbnails, in the first 20 rows.

        Besides DuckDB's own functions there are `presigned_url(fileurl, seconds)` and
        `localpath(fileurl)`, which is null for a file that is neither on this machine nor in the
        cache. Unless the catalog was opened with `external_access=True`, a query can read only the
        catalog, with SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN. Several statements return the
        result of the last one.

        Args:
            query: SQL; `?` stands for a parameter.
            parameters: The values of the `?`, in order.
            as_of: A time, or the id of a run for the catalog as that run left it.

        Raises:
            QueryError: DuckDB cannot run it; the text says why, and lists the tables.
            QueryRefusedError: It does more than read the catalog.
            UnknownNameError: No kept manifest is from that run.
            HistoryCollectedError: Manifests of that time have been collected.
            FileurlError: A function was given a text that is not a fileurl.
            NotSignableError: A file is not in cloud storage, or its credentials cannot sign.
            ExpiryError: A lifetime is not positive, or longer than the provider allows.
        """
        from media_assets.catalog.query_images import (  # noqa: PLC0415  pandas
            QuerySources,
            with_images,
        )

        files, read = self._files_at(as_of), list[TableSources]()
        with self._session(query, files, read=read) as connection:
            rows = frame_of(connection.execute(query, list(parameters)))
        sources = QuerySources(read, files, self.column if as_of is None else None)
        return with_images(rows, sources, self._reader)

    def answer(
        self,
        query: str,
        parameters: Sequence[object] = (),
        *,
        as_of: datetime | str | None = None,
    ) -> Answer:
        """Runs a query like `sql`, and returns its rows as exact Python values."""
        (found,) = self.answers([(query, parameters)], as_of=as_of)
        return found

    def answers(
        self,
        queries: Sequence[tuple[str, Sequence[object]]],
        *,
        as_of: datetime | str | None = None,
    ) -> list[Answer]:
        """Runs queries, each with its parameters, over one state of the catalog, like `answer`.

        They share a connection and its views, which take longer to make than most queries to run.
        """
        text = ";\n".join(query for query, _ in queries)
        with self._session(text, self._files_at(as_of)) as connection:
            return [Answer.of(connection.execute(query, [*values])) for query, values in queries]

    def export(
        self,
        query: str,
        path: Path | str,
        parameters: Sequence[object] = (),
        *,
        as_of: datetime | str | None = None,
    ) -> int:
        """Writes the result of a query to a file, and returns its number of rows.

        DuckDB writes the rows without passing them through Python, and the file appears once it is
        complete.

        Args:
            query: As for `sql`; `from photos` is a whole table.
            path: A file that ends in `.csv`, `.parquet` or `.jsonl` (a JSON object per line).
            parameters: As for `sql`.
            as_of: As for `sql`.

        Raises:
            ExportFormatError: The file's name has another ending.
            QueryError: As for `sql`, or the file cannot be written. The other errors of `sql` are
                raised as well.
        """
        writes = output_paths(Path(path))
        with self._session(query, self._files_at(as_of), writes=writes) as connection:
            return write_result(connection, query, parameters, Path(path))

    def interrupt(self) -> None:
        """Cancels the queries of this catalog that run in other threads: they raise `QueryError`.

        In the thread of the query itself, Ctrl-C or a notebook's stop button does the same, but
        DuckDB checks for it only between parts of its work.
        """
        for connection in list(self._running):
            connection.interrupt()

    def dataset(
        self, table: str, *columns: str, where: str | None = None, nulls: bool = False
    ) -> "MediaDataset":
        """Returns the rows of some columns as they are now, for a training loop.

        Rows of which a cell has an error, or was not made yet, are left out and counted.

        Args:
            table: The table's name.
            columns: The columns; all that were ever materialized by default.
            where: Only rows for which this is true: SQL over the table's view, such as
                `"label = 'cat' and sharpness > 0.4"`.
            nulls: Keep rows with nulls, which are then None; otherwise they are left out, too.

        Raises:
            UnknownNameError: The table does not exist, or has no such materialized column.
            QueryError: `where` cannot be understood.
            QueryRefusedError: `where` does more than read the catalog.
        """
        from media_assets.catalog.snapshot import columns_of, take_snapshot  # noqa: PLC0415  Pillow
        from media_assets.exports import MediaDataset  # noqa: PLC0415

        headers = select_columns(self._files, table, list(dict.fromkeys(columns)) or None)
        among = None
        if where is not None:
            # On its own lines, so that a comment at the end hides nothing.
            query = f"select row from {quote_name(table)} where (\n{where}\n)"  # noqa: S608  quoted
            with self._session(query, self._files) as connection:
                among = connection.sql(query).to_arrow_table()
        cells, left_out = take_snapshot(self._files, table, headers, among=among, nulls=nulls)
        return MediaDataset(table, columns_of(headers), cells, self._reader, left_out=left_out)

    def error_rows(self, table: str, rows: Sequence[str] | None = None) -> int:
        """Counts the rows of a table that have an error in any column.

        Args:
            table: The table's name.
            rows: Count only these uploaded rows, reading only the manifests of their partitions.
        """
        if rows is None:
            query = 'select count(distinct row) as rows from media_assets.errors where "table" = ?'
            return cast("int", self.sql(query, [table])["rows"].to_list()[0])
        return TableRows(self._files, table).errors_among(rows)

    def _files_at(self, as_of: datetime | str | None) -> CatalogFiles:
        """Returns the catalog's files as they are, or as they were at a given time."""
        if as_of is None:
            return self._files
        return PastFiles(self._root, moment_of(self._root, as_of))

    @contextmanager
    def _session(
        self,
        query: str,
        files: CatalogFiles,
        *,
        writes: Sequence[str] = (),
        read: list[TableSources] | None = None,
    ) -> Generator[duckdb.DuckDBPyConnection]:
        """Gives a connection with the views that a query needs."""
        with session(
            self._root,
            files,
            self._reader,
            query,
            external_access=self._external_access,
            writes=writes,
            read=read,
        ) as connection:
            self._running.add(connection)
            try:
                yield connection
            finally:
                self._running.discard(connection)
