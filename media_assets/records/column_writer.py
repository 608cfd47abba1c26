"""The writer of one column in one partition: its current records, new ones, and the commit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from media_assets.addresses import is_part
from media_assets.destinations import ResolvedDestination
from media_assets.errors import StoredFileMissingError, StoredFileRefusedError, StoreFaultError
from media_assets.object_options import NONE, ObjectOptions
from media_assets.records.known_destinations import check_once, note_destination
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import (
    Header,
    Manifest,
    Record,
    commit_files,
    newest_manifest,
)
from media_assets.records.publications import Publications, has_names
from media_assets.records.work_records import FinishedCells, WorkRecords
from media_assets.stores.storage import Storage


@dataclass(frozen=True, slots=True)
class Committed:
    """One column of one partition, after its commit.

    Attributes:
        manifest: The newest manifest.
        destination: The destination of new files; None for a value column, and for a source column
            whose files stay in place.
        made: Cells that this run made, including error rows.
        moved: Cells whose file, or whose upload, is now at another address.
        reused: Cells that were already right.
        equal: Cells among those made that have the same content as before, so that what reads
            them stays right.
        bytes_written: The size of the files that this run made.
    """

    manifest: Manifest
    destination: ResolvedDestination | None
    made: int
    moved: int
    reused: int
    bytes_written: int
    equal: int = 0


class ColumnWriter:
    """Collects the finished cells of a column, and commits them in one step.

    Attributes:
        destination: Where new files go.
        work: The work records, and the start mark.
        base: The newest manifest.
    """

    def __init__(
        self,
        root: CatalogRoot,
        header: Header,
        destination: ResolvedDestination | None,
        storage: Storage,
        options: ObjectOptions = NONE,
        *,
        publishes: bool = False,
    ) -> None:
        self.destination, self.options = destination, options
        self._root, self._header, self._storage = root, header, storage
        self._ledger = root.ledger(header.table, header.column, header.partition)
        self.work = WorkRecords(root, header.table, header.column, header.partition)
        self.base = newest_manifest(self._ledger)
        is_same = self.base is None or self.base.header.holds(header.type)
        self._committed: Mapping[str, Record] = self.base.records if self.base and is_same else {}
        self._publications = Publications(root, storage, header.table, header.column)
        # What others read under published names is main's.
        self._publishes = root.on is None and (
            publishes or bool(self.base and has_names(self.base))
        )
        self._left_behind = {
            row: record
            for row, record in sorted(self.work.left_behind().items())
            if is_same
            and _is_newer(record, self._committed.get(row))
            and _is_there(record, storage)
        }
        self._finished = FinishedCells(header.partition)
        self._note: str | None = None
        self._manifest: Manifest | None = None
        self._made = self._moved = self._reused = self._equal = self._bytes_written = 0

    def current_record(self, row: str) -> Record | None:
        """Returns the newest record of a row, committed or from an unfinished run."""
        return self._left_behind.get(row) or self._committed.get(row)

    @property
    def left_behind(self) -> Collection[str]:
        """The rows with a cell from an unfinished run."""
        return self._left_behind.keys()

    def open_destination(self) -> None:
        """Checks the destination and notes it; call this before writing any file.

        Raises:
            MissingExtraError: The provider's packages are not installed.
            ServerUnknownError: The server of the bucket is unknown.
            StoreFaultError: The destination does not work.
        """
        if self.destination is None:
            return
        destination, head = self.destination.destination, self._header
        check_once(self._root, destination, self._storage, self.options)
        if self.base is None or self.base.header.destination != destination.uri:
            note_destination(self._root, head.table, head.column, head.partition, destination)

    def add(
        self, record: Record, *, is_reused: bool, is_moved: bool = False, is_equal: bool = False
    ) -> None:
        """Adds a finished cell, whose file is in place."""
        if is_reused:
            self._reused += 1
            if record.row in self._left_behind:
                self._finished.add(record)
            return
        self._made += not is_moved
        self._moved += is_moved
        self._equal += is_equal
        self._bytes_written += (record.size_bytes or 0) if self.destination is not None else 0
        self._finished.add(record)
        self.work.add(record, run_id=self._header.run_id)

    def save_work(self) -> None:
        """Saves the finished cells for the next run; called when this one fails."""
        self.work.flush(run_id=self._header.run_id)

    def commit(self, *, gone: Collection[str] = ()) -> Committed:
        """Commits the partition's next manifest, and then deletes the work records."""
        finished = self._finished.take()
        if self._publishes and (finished or gone):
            self._note = self._publications.begin(self._header.partition)
        manifest = commit_files(self._ledger, self._header, finished, base=self.base, gone=gone)
        self.work.remove()
        self._manifest = manifest
        return Committed(
            manifest=manifest,
            destination=self.destination,
            made=self._made,
            moved=self._moved,
            reused=self._reused,
            bytes_written=self._bytes_written,
            equal=self._equal,
        )

    def publish(self, *, again: bool = False) -> None:
        """Publishes the files of what was committed, if the column does that.

        Args:
            again: Whether also copies that should be there are made.

        Raises:
            PublishError: Rows have no name of their own; nothing was published.
        """
        if self._publishes and self._manifest is not None:
            self._publications.publish(self._manifest, self.base, note=self._note, again=again)


def _is_newer(record: Record, committed: Record | None) -> bool:
    """Whether a work record is newer than the committed one; a killed commit may leave old ones."""
    if committed is None or committed.written_at is None or record.written_at is None:
        return True
    return record.written_at > committed.written_at


def _is_there(record: Record, storage: Storage) -> bool:
    """Whether the file of a work record still exists as written."""
    if record.fileurl is None or is_part(record.fileurl):
        return True
    try:
        store, key = storage.store_of(record.fileurl)
        return store.head(key).size_bytes == record.size_bytes
    except (StoredFileMissingError, StoredFileRefusedError, StoreFaultError):
        return False  # also if its storage cannot be reached: this run may write elsewhere
