"""A table's upload log: which uploads each partition holds. Written first; it is the truth."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import duckdb

from media_assets.ledger import CatalogRoot
from media_assets.parquet import (
    CODE,
    INT64,
    TEXT,
    ArrowTable,
    joined,
    read_parquet,
    schema_of,
    table_of,
    write_parquet,
)

SCHEMA = schema_of(
    {
        "entry": INT64,
        "action": CODE,
        "row": TEXT,
        "partition": CODE,
        "supersedes": CODE,
        "uri": TEXT,
        "size_bytes": INT64,
        "version": TEXT,
    }
)
_UPLOAD, _DELETE = "upload", "delete"
_REQUESTS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was seen or named.

    Attributes:
        row: The row's name.
        uri: Where the file is: a fileurl, or an http(s) URL.
        size_bytes: Its size when it was seen.
        version: What changes when the file changes: its modification time or etag.
        partition: The partition that holds it; empty until it has one.
        supersedes: The older partition whose row of this name it replaces.
    """

    row: str
    uri: str
    size_bytes: int
    version: str
    partition: str = ""
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class LogPosition:
    """The state that a change was planned on: the newest entry's number."""

    entry: int


class UploadLog:
    """The numbered entries of one table's uploads, queried with DuckDB.

    An entry is one change: the uploads that an insert or a tick recorded, over as many partitions
    as they filled, or the rows that were deleted. Entries are never changed.
    """

    def __init__(self, root: CatalogRoot, table: str) -> None:
        """Names the log; nothing is read yet."""
        self._ledger = root.upload_ledger(table)
        self._numbers: list[int] = []
        self._tables: dict[int, ArrowTable] = {}
        self._live: ArrowTable | None = None
        self._partitions: list[str] | None = None

    def refresh(self) -> LogPosition:
        """Looks for entries that others added, and returns the newest one's number.

        Raises:
            ManifestFormatError: The newest entry is damaged, or written by a newer version.
        """
        if added := self._ledger.numbers(after=self._newest):
            self._read(max(added))
            self._add(added)
        return LogPosition(self._newest)

    def append(self, position: LogPosition, uploads: Sequence[Upload]) -> bool:
        """Records uploads, all or none.

        Returns:
            False when somebody else appended after `position`: nothing was recorded; refresh,
            plan again, and try again.
        """
        return self._append(position, _UPLOAD, uploads)

    def append_deletions(self, position: LogPosition, uploads: Sequence[Upload]) -> bool:
        """Records that rows were deleted, all or none; returns False like `append`."""
        return self._append(position, _DELETE, uploads)

    def partitions(self) -> list[str]:
        """All partitions that ever got an upload, oldest first."""
        if self._partitions is None:
            query = """
                select partition from log where action = 'upload'
                group by partition order by min(entry), length(partition), partition
            """
            self._partitions = [row[0] for row in self._query(query)]
        return list(self._partitions)

    def rows_recorded(self, partition: str) -> int:
        """The rows ever recorded into a partition, replaced and deleted ones included."""
        query = "select count(distinct row) from log where partition = ? and action = 'upload'"
        return self._query(query, [partition])[0][0]

    def live_rows(self, partition: str) -> dict[str, Upload]:
        """The rows that a partition holds now: not replaced elsewhere, not deleted."""
        query = """
            select action, row, partition, supersedes, uri, size_bytes, version from log
            where partition = $1 or supersedes = $1 order by entry
        """
        live: dict[str, Upload] = {}
        for action, row, held_by, supersedes, uri, size_bytes, version in self._query(
            query, [partition]
        ):
            if held_by == partition and action == _UPLOAD:
                live[row] = Upload(row, uri, size_bytes, version, partition, supersedes)
            else:
                live.pop(row, None)
        return live

    def newest_of(self, rows: Iterable[str]) -> dict[str, Upload]:
        """The newest upload of each of these rows; deleted and unknown rows are left out."""
        wanted = table_of(SCHEMA, {"row": rows})
        query = """
            select action, row, partition, supersedes, uri, size_bytes, version
            from log semi join wanted using (row)
            qualify row_number() over (partition by row order by entry desc) = 1
        """
        return {
            row: Upload(row, uri, size_bytes, version, partition, supersedes)
            for action, row, partition, supersedes, uri, size_bytes, version in self._query(
                query, tables={"wanted": wanted}
            )
            if action == _UPLOAD
        }

    def live(self) -> ArrowTable:
        """All rows that the table holds now, as `row` and `partition`, sorted by row.

        Those are the uploaded ones, less what a newer partition replaced or somebody deleted.
        """
        if self._live is None:
            query = """
                with gone as (
                    select row, supersedes as partition, entry from log
                    where action = 'upload' and supersedes is not null
                    union all
                    select row, partition, entry from log where action = 'delete'
                ), uploaded as (
                    select row, partition, max(entry) as entry from log
                    where action = 'upload' group by row, partition
                )
                select row, partition from uploaded anti join gone
                on gone.row = uploaded.row and gone.partition = uploaded.partition
                    and gone.entry >= uploaded.entry
                order by row
            """
            with self._connected() as connection:
                self._live = connection.sql(query).to_arrow_table()
        return self._live

    @property
    def _newest(self) -> int:
        return self._numbers[-1] if self._numbers else 0

    def _query(
        self,
        query: str,
        parameters: Sequence[object] = (),
        *,
        tables: Mapping[str, ArrowTable] | None = None,
    ) -> list[tuple[Any, ...]]:
        with self._connected() as connection:
            for name, table in (tables or {}).items():
                connection.register(name, table)
            return connection.execute(query, list(parameters)).fetchall()

    @contextmanager
    def _connected(self) -> Generator[duckdb.DuckDBPyConnection]:
        """Gives a connection that has the log as a view.

        Raises:
            ManifestFormatError: An entry is damaged; DuckDB would not say which.
        """
        with duckdb.connect() as connection:
            try:
                self._scan(connection)
                yield connection
            except duckdb.Error:
                for number in self._numbers:
                    self._read(number)
                raise

    def _scan(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Makes the log a view of a connection, a row per recorded upload or deletion."""
        paths = [self._ledger.store.path(self._ledger.key(number)) for number in self._numbers]
        if self._numbers and None not in paths:
            connection.read_parquet([str(path) for path in paths]).create_view("log")
            return
        missing = [number for number in self._numbers if number not in self._tables]
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            list(pool.map(self._read, missing))
        tables = [self._tables[number] for number in self._numbers]
        connection.register("log", joined(SCHEMA, tables))

    def _read(self, number: int) -> ArrowTable:
        if number not in self._tables:
            _, self._tables[number] = read_parquet(
                self._ledger.read(number), key=self._ledger.key(number)
            )
        return self._tables[number]

    def _append(self, position: LogPosition, action: str, uploads: Sequence[Upload]) -> bool:
        number = position.entry + 1
        columns: dict[str, list[object]] = {
            "entry": [number] * len(uploads),
            "action": [action] * len(uploads),
            "row": [u.row for u in uploads],
            "partition": [u.partition for u in uploads],
            "supersedes": [u.supersedes for u in uploads],
            "uri": [u.uri for u in uploads],
            "size_bytes": [u.size_bytes for u in uploads],
            "version": [u.version for u in uploads],
        }
        header = {"recorded_at": datetime.now(UTC).isoformat()}
        data = write_parquet(header, table_of(SCHEMA, columns))
        if not self._ledger.claim(number, data):
            return False
        self._add([number])
        return True

    def _add(self, numbers: Iterable[int]) -> None:
        self._numbers = sorted({*self._numbers, *numbers})
        self._live = self._partitions = None


def assign_batches(
    uploads: Sequence[Upload],
    *,
    newest: Mapping[str, Upload],
    open_batch: tuple[str, int] | None,
    batch_rows: int,
    existing: Iterable[str],
    now: datetime,
) -> list[Upload]:
    """Gives each upload a batch: the open one until it is full, then new ones.

    A row that the open batch holds already stays there as its newer version.

    Args:
        uploads: New and replaced rows, in the order to be recorded.
        newest: The newest upload of those rows that exist already.
        open_batch: The newest batch's key and how many rows were recorded into it.
        batch_rows: How many rows a batch holds at most.
        existing: All batch keys there are.
        now: Names new batches, to the minute, in UTC.
    """
    new_keys = _new_keys(existing, now)
    key, filled = open_batch or ("", batch_rows)
    assigned: list[Upload] = []
    for upload in uploads:
        previous = newest.get(upload.row)
        if previous is not None and open_batch is not None and previous.partition == open_batch[0]:
            assigned.append(replace(upload, partition=previous.partition))
            continue
        if filled >= batch_rows:
            key, filled = next(new_keys), 0
        filled += 1
        supersedes = previous.partition if previous else None
        assigned.append(replace(upload, partition=key, supersedes=supersedes))
    return assigned


def _new_keys(existing: Iterable[str], now: datetime) -> Iterator[str]:
    """Yields batch keys that are safe in paths, ranges and URLs, and sort by time."""
    taken = frozenset(existing)
    minute = now.astimezone(UTC).strftime("%Y%m%dT%H%M")
    for sequence in count(1):
        if (key := f"{minute}-{sequence:04d}") not in taken:
            yield key
