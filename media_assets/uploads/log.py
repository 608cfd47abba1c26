"""The upload log of a table: the uploads of each partition, recorded before anything else."""

from bisect import bisect_right
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from media_assets.addresses import spellings_of
from media_assets.records.database import connect
from media_assets.records.ledger import CatalogRoot
from media_assets.records.local_copies import LocalCopies
from media_assets.records.parquet import ROWS_AT_ONCE, table_of
from media_assets.records.rows import Rows, file_of
from media_assets.uploads.entries import NOTHING, SCHEMA, Entries
from media_assets.uploads.live_rows import LiveRows
from media_assets.uploads.upload import History, Upload

if TYPE_CHECKING:
    import duckdb

_PARTITIONS = """
    select partition from log where action = 'upload'
    group by partition order by min(entry), length(partition), partition
"""
_UPLOAD, _CHANGE, _DELETE = "upload", "change", "delete"
"""The action of a line: a row gets content; gets another address, version or values for the same
content in the same partition; or is deleted. Older logs have "touch": a version with the same
content."""


@dataclass(frozen=True, slots=True)
class LogPosition:
    """The number of the newest entry when a change was planned."""

    entry: int


_OF_PARENTS = """
    and ("values"::json ->> '$.parent', version)
        in (select (unnest($2::varchar[]), unnest($3::varchar[])))
"""
UPLOAD_FIELDS = """
    row, uri, size_bytes, version, partition, nullif(supersedes, '') as supersedes, digest, content,
    "values"
"""
_OLD_TOUCH = "touch"
_VALUE_TYPES, _PARENT = "values", "parent"
"""In an entry's header."""
_LAST = "\U0010ffff"
_SMALL = 1_000_000
"""Bytes of a log of some 70,000 rows."""


class UploadLog:
    """The numbered entries of one table's uploads, queried with DuckDB.

    An entry holds what one insert, scan or deletion recorded, in any number of partitions. Entries
    never change.
    """

    def __init__(self, root: CatalogRoot, table: str, *, entries: Entries | None = None) -> None:
        self._root, self._table = root, table
        self._entries = entries or Entries(root.upload_ledger(table), LocalCopies(root.store))
        self._live: LiveRows | None = None
        self._partitions: list[str] | None = None
        self._newest_header: Mapping[str, object] | None = None
        self._lock = Lock()  # queries of several threads share a log

    def refresh(self) -> LogPosition:
        """Looks for entries of other writers, and returns the number of the newest one.

        Raises:
            ManifestFormatError: The newest entry is damaged, or written by a newer version.
        """
        with self._lock:
            if self._entries.refresh():
                self._forget()
            return LogPosition(self._entries.newest)

    def append(
        self,
        position: LogPosition,
        uploads: Sequence[Upload] = (),
        *,
        changes: Sequence[Upload] = (),
        deletions: Sequence[Upload] = (),
        value_types: Mapping[str, str] | None = None,
        parent: str | None = None,
    ) -> bool:
        """Records changes of rows, all or none.

        Args:
            position: The newest entry when the changes were planned.
            uploads: Rows that get content.
            changes: Rows with new facts, for the same content in the same partition.
            deletions: Rows to delete, or deleted rows with another version or address.
            value_types: The types of the table's row values; by default those of the last entry.
            parent: The table whose rows these are parts of; by default that of the last entry.

        Returns:
            False if another writer appended after `position`, and nothing was recorded: refresh,
            plan again, and retry.
        """
        lines = [(_UPLOAD, upload) for upload in uploads]
        lines += [(_CHANGE, upload) for upload in changes]
        lines += [(_DELETE, upload) for upload in deletions]
        header = {
            _VALUE_TYPES: self.value_types() if value_types is None else dict(value_types),
            _PARENT: parent or self.parent,
        }
        with self._lock:
            return self._append(position, lines, header)

    @property
    def is_empty(self) -> bool:
        """Whether the log, as far as it was read, has no entries."""
        return not self._entries.newest

    def partitions(self) -> list[str]:
        """All partitions that ever got an upload, oldest first."""
        with self._lock:
            if self._partitions is None:
                self._partitions = [row[0] for row in self.query(_PARTITIONS)]
            return list(self._partitions)

    def rows_recorded(self, partition: str) -> int:
        """Returns how many rows were ever recorded into a partition, including those that left."""
        query = "select count(distinct row) from log where partition = ? and action = 'upload'"
        return self.query(query, [partition])[0][0]

    def live_rows(
        self, partition: str, *, parents: Mapping[str, int] | None = None
    ) -> Rows[Upload]:
        """Returns the rows that a partition holds now: not replaced elsewhere, not deleted.

        Args:
            partition: The partition.
            parents: For parts: only those of these rows, by the entry that gave them their content.
        """
        among = "" if parents is None else _OF_PARENTS
        query = f"""
            with seen as (
                from log where partition = $1
                union all from log where supersedes = $1 and partition <> $1
            ),
            newest as (
                from seen where action <> 'touch'
                qualify row_number() over (partition by row order by entry desc) = 1
            )
            select {UPLOAD_FIELDS} from newest
            where action in ('upload', 'change') and partition = $1 {among} order by row
        """  # noqa: S608  one condition with "or" would make DuckDB read all segments
        given = [] if parents is None else [list(parents), list(map(str, parents.values()))]
        with self._connect() as connection:
            found = connection.sql(query, params=[partition, *given]).to_arrow_reader(ROWS_AT_ONCE)
            return Rows(file_of(found, SCHEMA), Upload)

    def content_entries(self, partition: str) -> dict[str, int]:
        """Returns the number of the entry that gave each row of a partition its content."""
        query = """
            select row, max(entry) from log where partition = ? and action = 'upload' group by row
        """
        return dict(self.query(query, [partition]))

    def newest_of(self, rows: Iterable[str]) -> dict[str, Upload]:
        """Returns the newest upload of each row; deleted and unknown rows are left out."""
        known = self.histories(rows)
        return {row: history.upload for row, history in known.items() if not history.is_deleted}

    def rows_at(self, uploads: Iterable[Upload]) -> dict[str, str]:
        """Returns the names of the rows made from these files now, by the files' addresses."""
        texts = {uri for upload in uploads for uri in spellings_of(upload.uri)}
        query = """
            select distinct row from log
            where uri >= $2 and uri <= $3
            and split_part(uri, '?', 1) in (select unnest($1::varchar[]))
        """
        # The range skips other segments; see `histories`.
        bounds = min(texts, default=""), max(texts, default="") + _LAST
        rows = [row for (row,) in self.query(query, [list(texts), *bounds])]
        standing = self.newest_of(rows) if rows else {}
        return {upload.address: row for row, upload in standing.items()}

    def histories(self, rows: Iterable[str]) -> dict[str, History]:
        """Returns the history of each row, including deleted ones."""
        query = f"""
            select action, {UPLOAD_FIELDS}
            from log semi join (select unnest($1::varchar[]) as row) using (row)
            where row between $2 and $3 order by entry
        """  # noqa: S608
        wanted = list(rows)
        # Rows are usually recorded in the order of their names, so the range skips other segments.
        bounds = min(wanted, default=""), max(wanted, default="")
        found: dict[str, History] = {}
        for action, *facts in self.query(query, [wanted, *bounds]):
            upload = Upload(*facts)
            before = found.get(upload.row)
            seen = {**(before.seen if before else {})}
            seen[upload.address] = upload.size_bytes, upload.version
            if action == _OLD_TOUCH:
                if before is not None:
                    found[upload.row] = replace(before, seen=seen)
            else:
                found[upload.row] = History(upload, action == _DELETE, seen)
        return found

    def live(self) -> LiveRows:
        """Returns all rows that the table holds now.

        Raises:
            ManifestFormatError: An entry is damaged, or written by a newer version.
        """
        with self._lock:
            if self._live is None:
                entries = self._entries.until(self._entries.newest)
                # Making a database for all cores takes longer than one core needs for a small log.
                threads = 1 if entries.size_bytes() < _SMALL else None
                with self._connect(threads=threads) as connection:
                    self._live = LiveRows.of_log(connection, entries)
            return self._live

    def at(self, moment: datetime) -> "UploadLog":
        """Returns the log as it was at a time, by the clocks of the writers."""
        entries = self._entries.until(self.entry_at(moment))
        return UploadLog(self._root, self._table, entries=entries)

    def entry_at(self, moment: datetime) -> int:
        """Returns the number of the newest entry recorded by a time; 0 if there is none."""
        return bisect_right(range(1, self._entries.newest + 1), moment, key=self.recorded_at)

    def recorded_at(self, entry: int) -> datetime:
        """Returns when an entry was recorded, by the clock of its writer."""
        return datetime.fromisoformat(str(self._entries.header(entry)["recorded_at"]))

    def check(self) -> None:
        """Reads all entries.

        Raises:
            ManifestFormatError: One is damaged, or written by a newer version.
        """
        self._entries.check()

    def query(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Runs a DuckDB query over the view `log` of all entries.

        Pass many values as one list: with pyarrow tables, DuckDB would import pandas.
        """
        with self._connect() as connection:
            return connection.execute(query, list(parameters)).fetchall()

    @contextmanager
    def _connect(self, *, threads: int | None = 1) -> Generator["duckdb.DuckDBPyConnection"]:
        """Gives a connection that has the log as a view.

        Args:
            threads: How many threads a query uses; one takes the least memory.

        Raises:
            ManifestFormatError: An entry is damaged.
        """
        with connect(threads=threads) as connection, self._entries.naming_damage():
            connection.execute(f"create temp view log as from {self._entries.source()}")
            yield connection

    def value_types(self) -> dict[str, str]:
        """The types of the table's row values by name, as they were last recorded."""
        return cast("dict[str, str]", self._header.get(_VALUE_TYPES) or {})

    @property
    def parent(self) -> str | None:
        """The table whose rows these are parts of; None for rows that were uploaded."""
        return cast("str | None", self._header.get(_PARENT))

    @property
    def _header(self) -> Mapping[str, object]:
        if self._newest_header is None:
            newest = self._entries.newest
            self._newest_header = self._entries.header(newest) if newest else {}
        return self._newest_header

    def _append(
        self,
        position: LogPosition,
        lines: Sequence[tuple[str, Upload]],
        facts: Mapping[str, object],
    ) -> bool:
        if position.entry != self._entries.newest:
            return False
        number = position.entry + 1
        uploads = [upload for _, upload in lines]
        columns: dict[str, list[object]] = {
            "entry": [number] * len(uploads),
            "action": [action for action, _ in lines],
            "row": [u.row for u in uploads],
            "partition": [u.partition for u in uploads],
            "supersedes": [u.supersedes or NOTHING for u in uploads],
            "uri": [u.uri for u in uploads],
            "size_bytes": [u.size_bytes for u in uploads],
            "version": [u.version for u in uploads],
            "digest": [u.digest for u in uploads],
            "content": [u.content for u in uploads],
            "values": [u.values for u in uploads],
        }
        header: dict[str, object] = {"recorded_at": datetime.now(UTC).isoformat()}
        header |= {name: fact for name, fact in facts.items() if fact}
        if not self._entries.append(header, table_of(SCHEMA, columns)):
            return False
        known = self._partitions
        self._forget()
        self._newest_header = header
        if known is not None:
            # Querying the whole log again would make the cost of many appends quadratic.
            fresh = {u.partition for action, u in lines if action == _UPLOAD}.difference(known)
            self._partitions = [*known, *sorted(fresh, key=lambda key: (len(key), key))]
        return True

    def _forget(self) -> None:
        self._live = self._partitions = self._newest_header = None
