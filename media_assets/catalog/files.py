"""The files behind the catalog: which manifest of each column and partition is the newest."""

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial
from itertools import islice, takewhile

import duckdb

from media_assets.catalog.cell_files import Cells, ManifestFiles, Newest
from media_assets.catalog.views import TableSources, rows_in_manifests
from media_assets.concurrency import Found, Item, map_concurrently
from media_assets.keys import safe_segment, table_prefix
from media_assets.records.database import connect
from media_assets.records.ledger import MERGED, NOTES, UPLOADS, WORK, CatalogRoot
from media_assets.records.manifests import Header, names_of, read_header
from media_assets.stores import StoredFile
from media_assets.threads import Threads
from media_assets.uploads.live_rows import LiveRows
from media_assets.uploads.log import UploadLog

_DEPTH = 3
"""Below its table, a manifest stands as column / partition / number."""
_AFTER_SLASH = "0"
"""The character after the slash: a folder's name and this come after all that is in the folder."""
_OF_FILES = (
    duckdb.Error,
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
    duckdb.InternalException,
)
"""What DuckDB raises for a damaged file, among others."""
_KEYS_OF_PAGE = 1_000
_KEYS_IN_TURN = 2 * _KEYS_OF_PAGE
"""Up to which one page after the other is faster than to look where parts of a listing begin."""
_LOOKED_AT_SINGLY = 100
"""Partitions up to which a look at each is faster than a listing of them all."""


class CatalogFiles:
    """Finds manifests and opens upload logs. A file that has its number never changes again."""

    def __init__(self, root: CatalogRoot) -> None:
        self._root = root
        self._is_local = root.store.path(root.destination.key("_")) is not None
        self._logs: dict[str, UploadLog] = {}
        self._headers: dict[str, Header] = {}
        self._cell_files = ManifestFiles(root)

    def tables(self) -> dict[str, Newest]:
        """Lists the catalog once: table, column, partition and number all stand in the keys."""
        root = self._root.destination.prefix
        folders: dict[str, Newest] = {}
        for file in self._root.store.list(root):
            segments = file.key.removeprefix(root).rsplit("/", _DEPTH)
            is_aside = segments[0].partition("/")[0] in (WORK, NOTES, MERGED)
            if len(segments) <= _DEPTH or is_aside or not _is_numbered(file.key):
                continue
            table, column, partition, _ = segments
            newest = folders.setdefault(table, {})
            if column != UPLOADS:
                newest.setdefault(column, {})[partition] = file.key  # the last one is the highest
        return dict(self._find_names(table, newest.values()) for table, newest in folders.items())

    def table(self, name: str, columns: Container[str] | None) -> Newest | None:
        """Lists one table; of one that has an upload log, nothing but the columns asked for.

        Args:
            name: The table's name, which must be exact.
            columns: The columns that are asked for, in lower case; all for None.

        Returns:
            The newest manifests of these columns; None when there is no such table.
        """
        prefix = self._root.destination.key(table_prefix(name))
        folders = self._root.store.folders(prefix)
        # A local folder may be empty: whoever made it was killed before the first entry.
        has_log = UPLOADS in folders and not (self._is_local and self.log(name).is_empty)
        if has_log and columns is not None:
            # Where a folder is not named like its column, only its manifests tell the name.
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
        """Lists the columns of one table that were ever materialized, and little else."""
        prefix = self._root.destination.key(table_prefix(table))

        def look(folder: str) -> str | None:
            column = after = f"{prefix}{folder}/"
            while file := next(iter(self._root.store.list(column, start_after=after)), None):
                name, *deeper = file.key.removeprefix(column).split("/")
                if len(deeper) == 1:
                    return names_of(self._root, file.key)[1]
                # It is of a table whose name goes on, as all in this folder may be.
                after = f"{column}{name}{_AFTER_SLASH}"
            return None

        folders = [f for f in self._root.store.folders(prefix) if f != UPLOADS]
        return [column for column in self._each(look, folders) if column is not None]

    def newest_in(self, table: str, columns: Iterable[str], partitions: Sequence[str]) -> Newest:
        """Looks for the newest manifests of columns in these partitions, and lists few others."""
        if len(partitions) > _LOOKED_AT_SINGLY:
            return {column: self.newest_of(table, column) for column in columns}

        def look(place: tuple[str, str]) -> str | None:
            ledger = self._root.ledger(table, *place)
            number = ledger.latest()
            return ledger.key(number) if number else None

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
        """Returns the partitions in which a column may stand, oldest first."""
        if partitions := self.log(table).partitions():
            return partitions
        return sorted(self._header(key).partition for key in self.newest_of(table, column).values())

    def live(self, table: str) -> LiveRows:
        """Returns the rows that a table holds now; without an upload log all that was written."""
        log = self.log(table)
        if not log.is_empty:
            return log.live()
        newest = {name: self.newest_of(table, name) for name in self.columns(table)}
        with connect() as connection:
            written = rows_in_manifests(connection, self.cells(table, self.as_of(newest)))
        return LiveRows.of_table(written)

    def check_after(self, error: duckdb.Error, tables: Iterable[str]) -> None:
        """Reads the upload logs of tables where an error may come from a damaged file.

        Raises:
            ManifestFormatError: An entry is damaged; DuckDB does not say which.
        """
        if type(error) in _OF_FILES:
            for table in tables:
                self.log(table).check()

    def of_table(self, table: str, newest: Newest) -> TableSources:
        """Returns what the views of a table read, for the columns that are given."""
        return self._read(table, newest, partial(self.live, table))

    def find_table(self, table: str, columns: Container[str] | None) -> TableSources | None:
        """Returns what the view of a table reads, for the columns that are asked for as by `table`.

        Returns:
            None when there is no such table.
        """
        # Neither needs the other, and each may wait for several requests.
        with Threads(1) as other:
            live = other.submit(self.live, table)
            newest = self.table(table, columns)
            return None if newest is None else self._read(table, newest, live.result)

    def as_of(self, newest: Newest) -> Newest:
        """Returns the manifests to read in the place of the newest ones: these very ones."""
        return newest

    def headers(self, newest: Newest) -> dict[str, Header]:
        """Reads each column's newest header, in the order of the table; partitions sort by time."""
        keys = {column: keys[max(keys)] for column, keys in newest.items()}
        headers = dict(zip(keys, self._each(self._header, keys.values()), strict=True))
        return dict(sorted(headers.items(), key=lambda item: (item[1].position, item[0])))

    def cells(self, table: str, newest: Newest) -> dict[str, list[Cells]]:
        """Returns what DuckDB reads for manifests, as local files."""
        return self._cell_files.of(table, newest)

    def _read(self, table: str, newest: Newest, live: Callable[[], LiveRows]) -> TableSources:
        newest = self.as_of(newest)
        headers, cells = self.headers(newest), self.cells(table, newest)
        return TableSources(live(), headers, cells)

    def _newest_below(self, folder: str, table: str) -> dict[str, str]:
        """Lists a column's folder, what comes after some pages in parts that are listed at once."""
        files = self._root.store.list(folder)
        if self._is_local:
            return _newest_among(files, folder)
        newest = _newest_among(islice(files, _KEYS_IN_TURN), folder)
        if next(files, None) is None:
            return newest
        # Where each thousand partitions begin is known from the upload log.
        after = max(newest.values(), default=folder)
        starts = sorted(f"{folder}{safe_segment(name)}" for name in self.log(table).partitions())
        starts = [after, *(start for start in starts[::_KEYS_OF_PAGE] if start > after)]

        def look(bounds: tuple[str, str | None]) -> dict[str, str]:
            start, end = bounds
            files = self._root.store.list(folder, start_after=start)
            part = files if end is None else takewhile(lambda file: file.key <= end, files)
            return _newest_among(part, folder)

        for found in self._each(look, zip(starts, [*starts[1:], None], strict=True)):
            newest |= found
        return newest

    def _find_names(self, table: str, columns: Iterable[dict[str, str]]) -> tuple[str, Newest]:
        """Returns the names of a table and of its columns, as their manifests tell them."""
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
        """Does the same for each item, many at once where each is a request."""
        return list(map(work, items) if self._is_local else map_concurrently(work, items))


def _newest_among(files: Iterable[StoredFile], folder: str) -> dict[str, str]:
    """The newest manifest of each partition among files of a column's folder, sorted by key."""
    newest: dict[str, str] = {}
    for file in files:
        partition, *deeper = file.key.removeprefix(folder).split("/")
        # A longer path is of a table whose name goes on.
        if len(deeper) == 1 and _is_numbered(file.key):
            newest[partition] = file.key  # the last one is the highest
    return newest


def _is_numbered(key: str) -> bool:
    return key.rpartition("/")[2].removesuffix(".parquet").isdigit()
