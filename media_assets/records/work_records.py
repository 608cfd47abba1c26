"""Work records: the cells of an unfinished run, from which the next run resumes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

from media_assets.column_types import ColumnType
from media_assets.errors import ManifestFormatError, StoredFileMissingError
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record, from_parquet, to_parquet
from media_assets.records.parquet import ROWS_AT_ONCE, RowGroups, naming_damage
from media_assets.records.start_marks import StartMark

FLUSH_SECONDS = 2.0
"""At most this much work is repeated after a run was killed, plus the cells then in progress."""


class WorkRecords:
    """The work records of one column in one partition.

    Views ignore them. They are files of records, which the commit of the column deletes. A start
    mark is one without records.

    Attributes:
        marks: The start marks of steps that are over, and did not delete them.
    """

    def __init__(
        self,
        root: CatalogRoot,
        table: str,
        column: str,
        partition: str,
        column_type: ColumnType | None = None,
    ) -> None:
        self._store, self._type = root.store, column_type
        self._prefix = root.work_prefix(table, column, partition)
        self._pending: list[Record] = []
        self._known_keys: list[str] = []
        self.marks: list[StartMark] = []
        self._flushed_at = monotonic()

    def left_behind(self) -> dict[str, Record]:
        """Returns the cells that earlier runs finished and never committed.

        The newest record of a cell counts. Files are written before their records, so a record's
        file exists. Unreadable or collected work records are skipped, and their cells computed
        again; so are those of another type, which a pinned code version would not tell apart.
        """
        found: list[Record] = []
        for file in self._store.list(self._prefix):
            try:
                header, records = from_parquet(self._store.get(file.key), key=file.key)
                with naming_damage(file.key):
                    mark = StartMark.parse(header)
            except (ManifestFormatError, StoredFileMissingError):
                header, mark, records = {}, None, {}
            if mark is not None and mark.is_left_behind:
                self.marks.append(mark)
            self._known_keys.append(file.key)
            if self._has_made(header):
                found += records.values()
        return {record.row: record for record in sorted(found, key=_age)}

    def add(self, record: Record, *, run_id: str) -> None:
        """Adds a finished cell; cells are written every few seconds."""
        self._pending.append(record)
        if monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush(run_id=run_id)

    def flush(self, *, run_id: str) -> None:
        """Writes the cells added since the last time."""
        if self._pending:
            key = f"{self._prefix}{run_id}-{uuid4().hex}.parquet"
            header = {"run_id": run_id} | ({"type": self._type.value} if self._type else {})
            self._store.put(key, to_parquet(header, _drain(self._pending)))
            self._known_keys.append(key)
        self._flushed_at = monotonic()

    def write_mark(self, mark: StartMark) -> None:
        """Writes the mark of the step at work, over any other."""
        self._store.put(self._mark_key, to_parquet(mark.header(), ()))
        if self._mark_key not in self._known_keys:
            self._known_keys.append(self._mark_key)

    def remove_mark(self) -> None:
        """Deletes the mark of a step that commits nothing."""
        if self._mark_key in self._known_keys:
            self._store.delete([self._mark_key])
            self._known_keys.remove(self._mark_key)

    def remove(self) -> None:
        """Deletes all records that were read or written here; call it after their commit."""
        self._pending.clear()
        self._store.delete(self._known_keys)
        self._known_keys.clear()

    def _has_made(self, header: Mapping[str, object]) -> bool:
        """Whether a file's cells are kept as this column's are; older files do not say."""
        made = header.get("type")
        if self._type is None or made is None:
            return True
        try:
            return ColumnType(str(made)).kind == self._type.kind
        except ValueError:  # of a newer version of the package
            return False

    @property
    def _mark_key(self) -> str:
        return f"{self._prefix}start.parquet"


def _age(record: Record) -> datetime:
    return record.written_at or datetime.min.replace(tzinfo=UTC)


def _drain(records: list[Record]) -> Iterable[Record]:
    drained = list(records)
    records.clear()
    return drained


class FinishedCells:
    """Collects records, and compresses every thousand of them to a file in memory.

    A record takes 600 bytes as an object, and 80 in such a file.
    """

    def __init__(self, partition: str) -> None:
        self._header = {"partition": partition}
        self._newest: list[Record] = []
        self._files: list[bytes] = []

    def add(self, record: Record) -> None:
        """Adds a finished cell."""
        self._newest.append(record)
        if len(self._newest) == ROWS_AT_ONCE:
            self._seal()

    def take(self) -> list[RowGroups]:
        """Removes and returns all cells, as files in the order in which they were added."""
        if self._newest:
            self._seal()
        files = [RowGroups(data, key="finished cells") for data in self._files]
        self._files = []
        return files

    def _seal(self) -> None:
        self._files.append(to_parquet(self._header, self._newest))
        self._newest = []
