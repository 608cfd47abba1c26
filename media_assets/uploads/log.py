"""A table's upload log: which uploads each partition holds. Written first; it is the truth."""

from bisect import bisect_right
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from media_assets.records.database import connected, literal
from media_assets.records.ledger import CatalogRoot
from media_assets.records.parquet import (
    ArrowTable,
    ColumnKind,
    Schema,
    joined,
    read_parquet,
    read_parquet_header,
    table_of,
    write_parquet,
)

if TYPE_CHECKING:
    import duckdb

SCHEMA: Schema = {
    "entry": ColumnKind.INT64,
    "action": ColumnKind.CODE,
    "row": ColumnKind.TEXT,
    "partition": ColumnKind.CODE,
    "supersedes": ColumnKind.CODE,
    "uri": ColumnKind.TEXT,
    "size_bytes": ColumnKind.INT64,
    "version": ColumnKind.TEXT,
    "digest": ColumnKind.TEXT,
}
_VIEWS = """
    create temp view uploaded as select row, partition, max(entry) as entry from log
    where action = 'upload' group by row, partition;
    create temp view gone as select row, supersedes as partition, entry, false as is_deleted
    from log where action = 'upload' and supersedes is not null
    union all select row, partition, entry, true from log where action = 'delete'
"""
"""What was ever recorded in each partition, and what left it: replaced in another, or deleted."""
_UPLOAD, _DELETE, _TOUCH = "upload", "delete", "touch"
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
        digest: SHA-256 of its content as 64 hex digits, where it is known.
    """

    row: str
    uri: str
    size_bytes: int
    version: str
    partition: str = ""
    supersedes: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class LogPosition:
    """The newest entry's number when a change was planned."""

    entry: int


class UploadLog:
    """The numbered entries of one table's uploads, queried with DuckDB.

    An entry is one change: the uploads that an insert or a tick recorded, over as many partitions
    as they filled, or the rows that were deleted. Entries are never changed.
    """

    def __init__(self, root: CatalogRoot, table: str) -> None:
        """Names the log; nothing is read yet."""
        self._root, self._table = root, table
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

    def append_touched(self, position: LogPosition, uploads: Sequence[Upload]) -> bool:
        """Records that files have a new version and the old content; returns False like `append`.

        What a partition holds stays as it is: only whoever looks for changes is spared reading
        the files again.
        """
        return self._append(position, _TOUCH, uploads)

    def partitions(self) -> list[str]:
        """All partitions that ever got an upload, oldest first."""
        if self._partitions is None:
            query = """
                select partition from log where action = 'upload'
                group by partition order by min(entry), length(partition), partition
            """
            self._partitions = [row[0] for row in self.query(query)]
        return list(self._partitions)

    def rows_recorded(self, partition: str) -> int:
        """The rows ever recorded into a partition, replaced and deleted ones included."""
        query = "select count(distinct row) from log where partition = ? and action = 'upload'"
        return self.query(query, [partition])[0][0]

    def live_rows(self, partition: str) -> dict[str, Upload]:
        """The rows that a partition holds now: not replaced elsewhere, not deleted."""
        query = """
            select action, row, uri, size_bytes, version, partition, supersedes, digest
            from log where action <> 'touch' and (partition = $1 or supersedes = $1) order by entry
        """
        live: dict[str, Upload] = {}
        for action, row, *facts in self.query(query, [partition]):
            upload = Upload(row, *facts)
            if upload.partition == partition and action == _UPLOAD:
                live[row] = upload
            else:
                live.pop(row, None)
        return live

    def newest_of(self, rows: Iterable[str]) -> dict[str, Upload]:
        """The newest upload of each of these rows; deleted and unknown rows are left out."""
        return self._newest_entries(rows, _UPLOAD)

    def deleted(self, rows: Iterable[str]) -> dict[str, Upload]:
        """The deleted ones of these rows, as they were when they were deleted."""
        return self._newest_entries(rows, _DELETE)

    def live(self) -> ArrowTable:
        """All rows that the table holds now, as `row` and `partition`, sorted by row.

        Those are the uploaded ones, less what a newer partition replaced or somebody deleted.
        """
        if self._live is None:
            query = """
                select row, partition from uploaded anti join gone
                on gone.row = uploaded.row and gone.partition = uploaded.partition
                    and gone.entry >= uploaded.entry
                order by row
            """
            with self._connected() as connection:
                self._live = connection.sql(query).to_arrow_table()
        return self._live

    def at(self, moment: datetime) -> "UploadLog":
        """The log as it stood at a time, by the clocks of those who recorded."""
        earlier, newest = UploadLog(self._root, self._table), self.entry_at(moment)
        earlier._add(number for number in self._numbers if number <= newest)
        return earlier

    def entry_at(self, moment: datetime) -> int:
        """The number of the newest entry that was recorded by a time; 0 when there is none."""

        def recorded_at(number: int) -> datetime:
            data, key = self._ledger.read(number), self._ledger.key(number)
            return datetime.fromisoformat(str(read_parquet_header(data, key=key)["recorded_at"]))

        place = bisect_right(self._numbers, moment, key=recorded_at)
        return self._numbers[place - 1] if place else 0

    @property
    def _newest(self) -> int:
        return self._numbers[-1] if self._numbers else 0

    def _newest_entries(self, rows: Iterable[str], action: str) -> dict[str, Upload]:
        """The newest entry of each of these rows, where it is of this kind."""
        query = """
            select action, row, uri, size_bytes, version, partition, supersedes, digest
            from log semi join (select unnest($1::varchar[]) as row) using (row)
            qualify row_number() over (partition by row order by entry desc) = 1
        """
        found = self.query(query, [list(rows)])
        kinds = (_UPLOAD, _TOUCH) if action == _UPLOAD else (action,)
        return {row: Upload(row, *facts) for kind, row, *facts in found if kind in kinds}

    def query(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Runs a DuckDB query over the view `log`, which has all entries.

        Many values are one parameter, a list: tables of pyarrow would make DuckDB import pandas.
        """
        with self._connected() as connection:
            return connection.execute(query, list(parameters)).fetchall()

    @contextmanager
    def _connected(self) -> Generator["duckdb.DuckDBPyConnection"]:
        """Gives a connection that has the log as a view.

        Raises:
            ManifestFormatError: An entry is damaged; DuckDB would not say which.
        """
        import duckdb  # noqa: PLC0415  slow to import

        with connected() as connection:
            try:
                self._scan(connection)
                connection.execute(_VIEWS)
                yield connection
            except duckdb.Error:
                for number in self._numbers:
                    self._read(number)
                raise

    def _scan(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Makes the log a view of a connection, a row per recorded upload or deletion."""
        if not self._numbers:
            types = {ColumnKind.INT64: "bigint"}
            nothing = (f"null::{types.get(k, 'varchar')} as {n}" for n, k in SCHEMA.items())
            connection.execute(f"create temp view log as select {', '.join(nothing)} limit 0")
            return
        paths = [self._ledger.store.path(self._ledger.key(number)) for number in self._numbers]
        if None not in paths:
            files = ", ".join(literal(str(path)) for path in paths)
            source = f"read_parquet([{files}], hive_partitioning = false)"
            connection.execute(f"create temp view log as from {source}")
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
            "digest": [u.digest for u in uploads],
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
