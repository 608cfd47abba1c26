"""Recording of found files in the upload log, as rows in partitions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial

from media_assets.addresses import LOCAL
from media_assets.errors import RowValueError
from media_assets.reading import Reader
from media_assets.stores.local_version import without_change_time
from media_assets.uploads.assignment import assign_partitions
from media_assets.uploads.changes import (
    ByteLimit,
    Comparer,
    Comparison,
    HasPartition,
    OutOfBytesError,
    any_partition,
    find_misplaced,
)
from media_assets.uploads.conflicts import Conflict, named_already, one_of_each, refuse
from media_assets.uploads.folders import Found
from media_assets.uploads.log import UploadLog
from media_assets.uploads.row_values import merge_values, unpack_values
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import History, Upload


@dataclass(frozen=True, slots=True)
class RecordingResult:
    """The result of an insert or scan.

    Attributes:
        new: New rows, and deleted ones that come back.
        replaced: Rows that existed with different content.
        changed: Rows whose stored object has another size or version, and was not read.
        moved: Rows with the same content at another address, or in another partition.
        updated: Rows with the same content in its place, and other values.
        unchanged: Rows that existed with the same content, and deleted rows that stay deleted.
        conflicts: Files that were left alone because their name is taken by different content.
        waiting: Files left for the next scan, because the reading limit was reached.
        partitions: The partitions that hold the rows, oldest first.
    """

    new: int = 0
    replaced: int = 0
    changed: int = 0
    moved: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: tuple[Conflict, ...] = ()
    waiting: tuple[Upload, ...] = ()
    partitions: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records files that are new, changed or moved in a table's upload log.

    Attributes:
        table: The table.
        source: Its source column, whose manifests know the content of rows.
        reader: Access to files that must be compared.
        rows_per_partition: How many rows a new partition holds at most.
        partition_of: Returns the partition of a row, for tables without partitions of uploads.
        change_time: Whether a local file's change time is part of its version.
        has_partition: Returns whether the table has a partition; rows in others move when found.
        value_types: The types of the table's row values, all of which a named new row must have.
    """

    table: StoredTable
    source: str
    reader: Reader
    rows_per_partition: int
    partition_of: Callable[[str], str] | None = None
    change_time: bool = True
    has_partition: HasPartition = any_partition
    value_types: Mapping[str, str] = field(default_factory=dict[str, str])

    def record(
        self,
        found: Found,
        *,
        is_named: bool = False,
        replaces: bool = False,
        limit: ByteLimit | None = None,
        recorded: int = 0,
    ) -> RecordingResult:
        """Records the new, changed and moved files, all or none.

        A file with the size and version last recorded at its address is unchanged. Otherwise local
        files and named files are read and compared with the row's content; stored objects found by
        a listing are recorded unread. A file at another address with the row's content moves the
        row; one with different content is a conflict. A deleted row stays deleted until its content
        changes or a user names it. A file that is already a row conflicts under any other name. A
        row keeps its values, except those that its upload names.

        Args:
            found: The files.
            is_named: Whether a user named the files.
            replaces: Whether conflicts replace the row.
            limit: How much may be read to compare files; the other files wait.
            recorded: How many rows of the same data were recorded before, for errors.

        Raises:
            UploadConflictError: Named files are conflicts; nothing was recorded.
            UploadNamedAlreadyError: Named files are already rows with other names; likewise.
            RowValueError: Named files would be new rows without all their values; likewise.
            StoreFaultError: A storage fails.
        """
        comparer = Comparer(
            self.reader,
            cache(partial(self.table.cells, self.source)),
            is_named=is_named,
            replaces=replaces,
            limit=limit,
        )
        uploads, twins = one_of_each(self._with_version(upload) for upload in found.uploads)
        while True:
            position, log = self.table.refresh(), self.table.log
            histories = log.histories(upload.row for upload in uploads)
            taken = named_already(log, uploads, histories)
            changes = _Changes.of(uploads, histories, comparer, self.has_partition, taken)
            if is_named:
                refuse(changes.conflicts, self.table.name, recorded=recorded)
                self._refuse_without_values(changes, recorded)
            entry = self._entry(changes, histories, comparer, log)
            if not entry.is_empty and not log.append(
                position,
                entry.uploads,
                changes=entry.changes,
                deletions=entry.deletions,
                value_types=self.value_types,
            ):
                continue
            result = self._record(changes, histories, entry, log)
            return replace(result, conflicts=(*result.conflicts, *twins))

    def _refuse_without_values(self, changes: "_Changes", recorded: int) -> None:
        problems = [
            (upload.row, name, "is not given")
            for upload, kind in changes.kinds
            if kind is Comparison.NEW and self.value_types
            for name in self.value_types.keys() - unpack_values(upload.values).keys()
        ]
        if problems:
            raise RowValueError(
                self.table.name, problems, values=self.value_types, recorded=recorded
            )

    def _with_version(self, upload: Upload) -> Upload:
        if self.change_time or not upload.uri.startswith(LOCAL):
            return upload
        return replace(upload, version=without_change_time(upload.version))

    def _entry(
        self,
        changes: "_Changes",
        histories: Mapping[str, History],
        comparer: Comparer,
        log: UploadLog,
    ) -> "_Entry":
        """Returns the lines of an entry of the log."""
        content = [upload for upload, kind in changes.kinds if kind in _GETS_CONTENT]
        newest = {row: h.upload for row, h in histories.items() if not h.is_deleted}
        in_place: list[Upload] = []
        deletions: list[Upload] = []
        for upload, kind in changes.kinds:
            if kind not in (
                Comparison.MOVED,
                Comparison.TOUCHED,
                Comparison.MISPLACED,
                Comparison.UPDATED,
                Comparison.STILL_DELETED,
            ):
                continue
            held = histories[upload.row]
            stays = kind in (Comparison.MISPLACED, Comparison.UPDATED)
            line = replace(
                held.upload if stays else upload,
                partition=held.upload.partition,
                supersedes=None,
                digest=comparer.held_digest(held),
                content=held.upload.identity,
                values=upload.values,
            )
            if kind is Comparison.STILL_DELETED:
                deletions.append(line)
            elif self.partition_of and self.partition_of(upload.row) != line.partition:
                content.append(line)
            else:
                in_place.append(line)
        return _Entry(self._assign(content, newest, log), in_place, deletions)

    def _assign(
        self, uploads: Sequence[Upload], newest: Mapping[str, Upload], log: UploadLog
    ) -> list[Upload]:
        """Returns uploads with their partitions."""
        if self.partition_of is not None:
            return [
                _place(upload, self.partition_of(upload.row), newest.get(upload.row))
                for upload in uploads
            ]
        if not uploads:
            return []
        existing = log.partitions()
        open_batch = (existing[-1], log.rows_recorded(existing[-1])) if existing else None
        return assign_partitions(
            uploads,
            newest=newest,
            open_batch=open_batch,
            rows_per_partition=self.rows_per_partition,
            existing=existing,
            now=datetime.now(UTC),
        )

    def _record(
        self,
        changes: "_Changes",
        histories: Mapping[str, History],
        entry: "_Entry",
        log: UploadLog,
    ) -> RecordingResult:
        held_by = {upload.partition for upload in [*entry.uploads, *entry.changes]}
        held_by |= {
            histories[upload.row].upload.partition
            for upload, kind in changes.kinds
            if kind is Comparison.UNCHANGED and not histories[upload.row].is_deleted
        }
        order = {partition: n for n, partition in enumerate(log.partitions())} if held_by else {}
        count = changes.count
        return RecordingResult(
            new=count(Comparison.NEW),
            replaced=count(Comparison.REPLACED),
            changed=count(Comparison.CHANGED),
            moved=count(Comparison.MOVED, Comparison.MISPLACED),
            updated=count(Comparison.UPDATED),
            unchanged=count(Comparison.UNCHANGED, Comparison.TOUCHED, Comparison.STILL_DELETED),
            conflicts=changes.conflicts,
            waiting=changes.waiting,
            partitions=tuple(sorted(held_by, key=lambda p: order[p])),
        )


_GETS_CONTENT = (Comparison.NEW, Comparison.REPLACED, Comparison.CHANGED)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The lines of one entry of the log, by action."""

    uploads: Sequence[Upload]
    changes: Sequence[Upload]
    deletions: Sequence[Upload]

    @property
    def is_empty(self) -> bool:
        return not (self.uploads or self.changes or self.deletions)


@dataclass(frozen=True, slots=True)
class _Changes:
    """The results of comparing files with their rows, in order."""

    kinds: Sequence[tuple[Upload, Comparison]]
    conflicts: tuple[Conflict, ...]
    waiting: tuple[Upload, ...]

    @classmethod
    def of(
        cls,
        uploads: Sequence[Upload],
        histories: Mapping[str, History],
        comparer: Comparer,
        has_partition: HasPartition,
        taken: Mapping[str, Conflict],
    ) -> "_Changes":
        """Compares files, except those already taken, up to the reading limit."""
        elsewhere = find_misplaced(histories, has_partition)
        kinds: list[tuple[Upload, Comparison]] = []
        conflicts: list[Conflict] = []
        for found in uploads:
            history = histories.get(found.row)
            held = history.upload.values if history else None
            upload = replace(found, values=merge_values(held, found.values)) if held else found
            if upload.row in taken:
                kinds.append((upload, Comparison.REFUSED))
                conflicts.append(taken[upload.row])
                continue
            try:
                kind = comparer.kind(upload, history)
            except OutOfBytesError:
                break
            if kind is Comparison.UNCHANGED and upload.row in elsewhere:
                kind = Comparison.MISPLACED
            if kind is Comparison.UNCHANGED and upload.values != held and not _is_deleted(history):
                kind = Comparison.UPDATED
            kinds.append((upload, kind))
            if history is not None and kind is Comparison.REFUSED:
                conflicts.append(Conflict(upload.row, history.upload.uri, upload.uri))
        return cls(kinds, tuple(conflicts), tuple(uploads[len(kinds) :]))

    def count(self, *wanted: Comparison) -> int:
        return sum(kind in wanted for _, kind in self.kinds)


def _is_deleted(history: History | None) -> bool:
    return history is not None and history.is_deleted


def _place(upload: Upload, partition: str, previous: Upload | None) -> Upload:
    """Returns an upload in the partition that the table's rule gives now."""
    supersedes = previous.partition if previous else None
    return replace(upload, partition=partition, supersedes=supersedes)
