"""The catalog's past: its state at a given time, and the run that wrote each version."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from media_assets.catalog.newest_manifests import CatalogFiles, Newest
from media_assets.concurrency import map_concurrently
from media_assets.errors import HistoryCollectedError, UnknownNameError
from media_assets.records.column_folders import column_folders, list_columns, list_tables
from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.records.manifests import Manifest, read_header, read_manifest
from media_assets.records.parquet import ArrowTable, ColumnKind, Schema, table_of
from media_assets.uploads.log import UploadLog

HISTORY: Schema = {
    "table": ColumnKind.TEXT,
    "column": ColumnKind.TEXT,
    "partition": ColumnKind.TEXT,
    "number": ColumnKind.INT64,
    "run_id": ColumnKind.TEXT,
    "committed_at": ColumnKind.TIME,
    "rows": ColumnKind.INT64,
    "errors": ColumnKind.INT64,
    "size_bytes": ColumnKind.INT64,
    "code_version": ColumnKind.TEXT,
    "destination": ColumnKind.TEXT,
    "note": ColumnKind.TEXT,
}
"""The columns of the history: a line per kept manifest, oldest first in each partition."""


class PastFiles(CatalogFiles):
    """The files behind the catalog as they were at a time, by the clocks of the writers."""

    def __init__(self, root: CatalogRoot, moment: datetime) -> None:
        super().__init__(root)
        self._moment = moment
        self._earlier_logs: dict[str, UploadLog] = {}

    def log(self, table: str) -> UploadLog:
        """Returns the upload log of a table, as it was then."""
        if table not in self._earlier_logs:
            self._earlier_logs[table] = super().log(table).at(self._moment)
        return self._earlier_logs[table]

    def as_of(self, newest: Newest) -> Newest:
        """Returns the manifests that were the newest then, instead of the newest ones now.

        Raises:
            HistoryCollectedError: They have been collected.
        """
        earlier = {
            column: {partition: key for partition in keys if (key := self._at(keys[partition]))}
            for column, keys in newest.items()
        }
        return {column: keys for column, keys in earlier.items() if keys}

    def _at(self, newest: str) -> str | None:
        if self._is_earlier(newest):
            return newest
        ledger = Ledger(self._root.store, newest[: newest.rfind("/") + 1])
        numbers = ledger.numbers()
        came = bisect_left(numbers, x=True, key=lambda n: not self._is_earlier(ledger.key(n)))
        if came:
            return ledger.key(numbers[came - 1])
        if numbers[0] > 1:
            self._check_was_empty(ledger.key(numbers[0]))
        return None

    def _check_was_empty(self, lowest: str) -> None:
        """Raises an error if manifests that the partition had then have been collected."""
        header = self._header(lowest)
        has_log = bool(super().log(header.table).partitions())
        if not has_log or header.partition in self.log(header.table).partitions():
            name = f"{header.table}/{header.column}"
            raise HistoryCollectedError(name, header.partition, self._moment)

    def _is_earlier(self, key: str) -> bool:
        return _parse_time(self._header(key).committed_at) <= self._moment


def moment_of(root: CatalogRoot, as_of: datetime | str) -> datetime:
    """Returns a time in UTC; for a run id, the time when it had committed all its columns.

    Raises:
        UnknownNameError: No kept manifest is from that run.
    """
    if isinstance(as_of, datetime):
        return as_of.astimezone(UTC)
    headers = [read_header(ledger.read(n), key=ledger.key(n)) for ledger, n in _all(root)]
    committed = [_parse_time(h.committed_at) for h in headers if h.run_id == as_of]
    if not committed:
        known = {header.run_id for header in headers}
        raise UnknownNameError(kind="run", name=as_of, known=known, where="in the history")
    return max(committed)


def history(root: CatalogRoot) -> ArrowTable:
    """Returns every kept manifest, with the columns of `HISTORY`."""
    lines = list(map_concurrently(lambda place: _line(read_manifest(*place)), _all(root)))
    columns = {name: [line[n] for line in lines] for n, name in enumerate(HISTORY)}
    return table_of(HISTORY, columns)


def _line(manifest: Manifest) -> list[Any]:
    header = manifest.header
    return [
        header.table,
        header.column,
        header.partition,
        manifest.number,
        header.run_id,
        _parse_time(header.committed_at),
        len(manifest.records),
        len(manifest.errors),
        sum(size_bytes or 0 for (size_bytes,) in manifest.select("size_bytes")),
        header.code_version,
        header.destination,
        header.note,
    ]


def _all(root: CatalogRoot) -> Iterator[tuple[Ledger, int]]:
    for table in list_tables(root):
        for column in list_columns(root, table):
            for folder in column_folders(root, table, column):
                ledger = folder.ledger(root)
                yield from ((ledger, number) for number in sorted(folder.manifests))


def _parse_time(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)
