"""The files behind the catalog: the newest manifest of each column and partition."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice, takewhile

import duckdb

from media_assets.catalog.cell_files import Cells, ManifestFiles, Newest
from media_assets.catalog.views import TableSources, rows_in_manifests
from media_assets.concurrency import Found, Item, map_concurrently
from media_assets.file_keys import safe_segment, table_prefix
from media_assets.records.branch_store import BRANCHES
from media_assets.records.database import connect
from media_assets.records.ledger import MERGED, NOTES, UPLOADS, WORK, CatalogRoot
from media_assets.records.manifests import Header, names_of, read_header
from media_assets.row_value import read_declared
from media_assets.stores import StoredFile
from media_assets.threads import Threads
from media_assets.uploads.live_rows import LiveRows
from media_assets.uploads.log import UploadLog

_DEPTH = 3
"""The levels of a manifest's key below its table: column / partition / number."""
_AFTER_SLASH = "0"
"""The character after the slash: a folder's name with it sorts after everything in the folder."""
_OF_FILES = (
    duckdb.Error,
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
    duckdb.InternalException,
)
"""The errors that DuckDB may raise for a damaged file."""
_KEYS_OF_PAGE = 1_000
_KEYS_IN_TURN = 2 * _KEYS_OF_PAGE
"""Up to this many keys, listing page by page is faster than listing in parallel parts."""
_LOOKED_AT_SINGLY = 100
"""Up to this many partitions, looking up each is faster than listing them all."""


class CatalogFiles:
    """Finds manifests and opens upload logs.

    A numbered file never changes, until its table is dropped: then another may have its number.
    """

    def __init__(self, root: CatalogRoot) -> None:
        self._root = root
        self._is_local = root.store.path(root.destination.key("_")) is not None
        self._logs: dict[str, UploadLog] = {}
        self._headers: dict[str, Header] = {}
        self._listed: dict[str, StoredFile] = {}
        self._cell_files = ManifestFiles(root)

    def tables(self) -> dict[str, Newest]:
        """Lists the catalog once: the keys contain table, column, partition and number."""
        root = self._root.destination.prefix
        folders: dict[str, dict[str, dict[str, StoredFile]]] = {}
        for file in self._root.store.list(root):
            segments = file.key.removeprefix(root).rsplit("/", _DEPTH)
            is_aside = segments[0].partition("/")[0] in (WORK, NOTES, MERGED, BRANCHES)
            if len(segments) <= _DEPTH or is_aside or not _is_numbered(file.key):
                continue
            table, column, partition, _ = segments
            newest = folders.setdefault(table, {})
            if column != UPLOADS:
                newest.setdefault(column, {})[partition] = file  # the last one is the highest
        return dict(
            self._find_names(table, map(self._keys_of, newest.values()))
            for table, newest in folders.items()
        )

    def table(self, name: str, columns: Container[str] | None) -> Newest | None:
        """Lists one table; if it has an upload log, only the columns asked for.

        Args:
            name: The table's name, which must be exact.
            columns: The columns asked for, in lower case; None for all.

        Returns:
            The newest manifests of these columns; None if the table does not exist.
        """
        prefix = self._root.destination.key(table_prefix(name))
        folders = self._root.store.folders(prefix)
        # A local folder may be empty, if its process was killed before the first entry.
        has_log = UPLOADS in folders and not (self._is_local and self.log(name).is_empty)
        if has_log and columns is not None:
            # If a folder is not named like its column, only its manifests have the name.
            folders = [f for f in folders if f in columns or safe_segment(f) != f]
        paths = [f"{prefix}{folder}/" for folder in folders if folder != UPLOADS]
        listed = self._each(lambda path: self._newest_below(path, name), paths)
        _, newest = self._find_names(name, [keys for keys in listed if keys])
        if not (newest or has_log):
            return None
        return {c: newest[c] for c in newest if columns is None or c.lower() in columns}

    def log(self, table: str) -> UploadLog:
        """Returns the upload log of a table, as it is now."""
        log = self._logs.setdefault(table, UploadLog(self._root, table))
        log.refresh()
        return log

    def columns(self, table: str) -> list[str]:
        """Lists the columns of one table that were ever materialized, in few requests."""
        prefix = self._root.destination.key(table_prefix(table))

        def look(folder: str) -> str | None:
            column = after = f"{prefix}{folder}/"
            while file := next(iter(self._root.store.list(column, start_after=after)), None):
                name, *deeper = file.key.removeprefix(column).split("/")
                if len(deeper) == 1:
                    return names_of(self._root, file.key)[1]
                # It belongs to a table with a longer name, as may everything in this folder.
                after = f"{column}{name}{_AFTER_SLASH}"
            return None

        folders = [f for f in self._root.store.folders(prefix) if f != UPLOADS]
        return [column for column in self._each(look, folders) if column is not None]

    def newest_in(self, table: str, columns: Iterable[str], partitions: Sequence[str]) -> Newest:
        """Finds the newest manifests of columns in these partitions, listing few others."""
        if len(partitions) > _LOOKED_AT_SINGLY:
            return {column: self.newest_of(table, column) for column in columns}

        def look(place: tuple[str, str]) -> str | None:
            ledger = self._root.ledger(table, *place)
            files = ledger.files()
            return self._known(files[max(files)]) if files else None

        places = [(column, partition) for column in columns for partition in partitions]
        newest: Newest = {}
        for (column, partition), key in zip(places, self._each(look, places), strict=True):
            if key is not None:
                newest.setdefault(column, {})[partition] = key
        return newest

    def newest_of(self, table: str, column: str) -> dict[str, str]:
        """Lists the newest manifests of one column in all its partitions."""
        return self._newest_below(self._root.column_prefix(table, column), table)

    def partitions(self, table: str, column: str) -> list[str]:
        """Returns the partitions that may have a column, oldest first."""
        if partitions := self.log(table).partitions():
            return partitions
        return sorted(self._header(key).partition for key in self.newest_of(table, column).values())

    def live(self, table: str) -> LiveRows:
        """Returns the rows that a table holds now; without an upload log, all rows ever written."""
        log = self.log(table)
        if not log.is_empty:
            return self._live_of(log)
        newest = {name: self.newest_of(table, name) for name in self.columns(table)}
        with connect() as connection:
            written = rows_in_manifests(connection, self.cells(table, self.as_of(newest)))
        return LiveRows.of_table(written)

    def _live_of(self, log: UploadLog) -> LiveRows:
        """Returns the rows of a log; parts only as long as their parent has the content it had."""
        live = log.live()
        return live if log.parent is None else live.below(self._live_of(self.log(log.parent)))

    def check_after(self, error: duckdb.Error, tables: Iterable[str]) -> None:
        """Reads the upload logs of tables if an error may come from a damaged file.

        Raises:
            ManifestFormatError: An entry is damaged; DuckDB does not say which.
            BranchBaseCollectedError: A manifest of main that the branch shows is gone.
        """
        if type(error) in _OF_FILES:
            if self._root.on is not None:
                self._root.on.check_base()
            for table in tables:
                self.log(table).check()

    def of_table(self, table: str, newest: Newest) -> TableSources:
        """Returns the sources of a table's views, for the given columns."""
        return self._read(table, newest, partial(self.live, table), None)

    def find_table(self, table: str, columns: Container[str] | None) -> TableSources | None:
        """Returns the sources of a table's view, for the columns asked for as in `table`.

        Returns:
            None if the table does not exist.
        """
        # They are independent, and each may wait for several requests.
        with Threads(1) as other:
            live = other.submit(self.live, table)
            newest = self.table(table, columns)
            return None if newest is None else self._read(table, newest, live.result, columns)

    def as_of(self, newest: Newest) -> Newest:
        """Returns the manifests to read instead of the newest ones; here, the newest ones."""
        return newest

    def headers(self, newest: Newest) -> dict[str, Header]:
        """Reads the newest header of each column, in the table's order; partitions sort by time."""
        keys = {column: keys[max(keys)] for column, keys in newest.items()}
        headers = dict(zip(keys, self._each(self._header, keys.values()), strict=True))
        return dict(sorted(headers.items(), key=lambda item: (item[1].position, item[0])))

    def cells(self, table: str, newest: Newest) -> dict[str, list[Cells]]:
        """Returns the local files that DuckDB reads for manifests."""
        return self._cell_files.of(table, newest)

    def value_headers(self, table: str) -> dict[str, Header]:
        """Returns what would be the headers of a table's row values, had they manifests."""
        return {
            name: Header(table, name, "", value.type, value.code_version, "")
            for name, value in read_declared(self.log(table).value_types()).items()
        }

    def _read(
        self,
        table: str,
        newest: Newest,
        live: Callable[[], LiveRows],
        columns: Container[str] | None,
    ) -> TableSources:
        newest = self.as_of(newest)
        headers, cells = self.headers(newest), self.cells(table, newest)
        values, of = self.value_headers(table), self.log(table).parent
        parent = None if of is None else self.find_table(of, columns)
        return TableSources(live(), after_source(headers, values), cells, values, parent)

    def _newest_below(self, folder: str, table: str) -> dict[str, str]:
        """Lists a column's folder; after the first pages, in parts that are listed in parallel."""
        files = self._root.store.list(folder)
        if self._is_local:
            return self._newest_among(files, folder)
        newest = self._newest_among(islice(files, _KEYS_IN_TURN), folder)
        if next(files, None) is None:
            return newest
        # The upload log knows where each thousand partitions begin.
        after = max(newest.values(), default=folder)
        starts = sorted(f"{folder}{safe_segment(name)}" for name in self.log(table).partitions())
        starts = [after, *(start for start in starts[::_KEYS_OF_PAGE] if start > after)]

        def look(bounds: tuple[str, str | None]) -> dict[str, str]:
            start, end = bounds
            files = self._root.store.list(folder, start_after=start)
            part = files if end is None else takewhile(lambda file: file.key <= end, files)
            return self._newest_among(part, folder)

        for found in self._each(look, zip(starts, [*starts[1:], None], strict=True)):
            newest |= found
        return newest

    def _newest_among(self, files: Iterable[StoredFile], folder: str) -> dict[str, str]:
        """Returns the newest manifest of each partition among files of a column's folder."""
        newest: dict[str, StoredFile] = {}
        for file in files:
            partition, *deeper = file.key.removeprefix(folder).split("/")
            # A longer path belongs to a table with a longer name.
            if len(deeper) == 1 and _is_numbered(file.key):
                newest[partition] = file  # the last one is the highest
        return self._keys_of(newest)

    def _keys_of(self, newest: Mapping[str, StoredFile]) -> dict[str, str]:
        return {partition: self._known(file) for partition, file in newest.items()}

    def _known(self, file: StoredFile) -> str:
        """Returns a file's key, under which nothing of another file is kept any more."""
        if self._listed.get(file.key, file) != file:
            self._headers.pop(file.key, None)
            self._cell_files.forget(file.key)
        self._listed[file.key] = file
        return file.key

    def _find_names(self, table: str, columns: Iterable[dict[str, str]]) -> tuple[str, Newest]:
        """Returns the names of a table and its columns, as written in their manifests."""
        newest: Newest = {}
        for keys in columns:
            table, column = names_of(self._root, keys[max(keys)])
            newest[column] = keys
        return table, newest

    def _header(self, key: str) -> Header:
        if key not in self._headers:
            self._headers[key] = read_header(self._root.store.get(key), key=key)
        return self._headers[key]

    def _each(self, work: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
        """Does the same work for each item, in parallel where each is a request."""
        return list(map(work, items) if self._is_local else map_concurrently(work, items))


def after_source(headers: Mapping[str, Header], values: Mapping[str, Header]) -> dict[str, Header]:
    """Returns the headers of columns in the table's order: row values come after the source."""
    first = {name: header for name, header in headers.items() if header.position == 0}
    return {**first, **values, **{n: h for n, h in headers.items() if n not in values}}


def _is_numbered(key: str) -> bool:
    return key.rpartition("/")[2].removesuffix(".parquet").isdigit()
