"""Files that nothing in use refers to, found folder by folder. `collection` deletes them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from media_assets.concurrency import map_concurrently
from media_assets.errors import (
    ManifestFormatError,
    MediaAssetsError,
    StoredFileMissingError,
    StoredFileRefusedError,
    StoreFaultError,
)
from media_assets.file_keys import column_prefix
from media_assets.records.column_folders import ColumnFolder, column_folders, list_columns
from media_assets.records.ledger import UPLOADS
from media_assets.records.manifests import Manifest, from_parquet, read_manifest
from media_assets.records.publications import Publications
from media_assets.records.written_files import LocatedFile, WrittenFiles
from media_assets.stores import Storage, StoredFile
from media_assets.upkeep.branches import Branches, fileurls_of
from media_assets.upkeep.merging import useless_files
from media_assets.upkeep.referenced_files import ReferencedFiles
from media_assets.upkeep.retention import Retention
from media_assets.uploads.stored_table import StoredTable


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file that can be deleted, and why."""

    located: LocatedFile
    why: str


@dataclass(slots=True)
class FolderGarbage:
    """What can be deleted of one column in one partition.

    Attributes:
        folder: The column and partition; for merged files the column alone.
        newest: Its newest manifest.
        gone: The rows that left the partition but are still in the newest manifest; a new manifest
            leaves them out.
        manifests: Manifests that are not kept, lowest number first.
        work: Work records that no run will resume from.
        files: Files that nothing kept refers to.
        staged: Files that were never moved into place.
        unpublished: Manifests that a killed run did not publish, with who does, and the rows that
            are gone.
        faults: Destinations that cannot be reached; what is there is unknown.
    """

    folder: ColumnFolder
    newest: Manifest | None = None
    gone: frozenset[str] = frozenset()
    manifests: list[Garbage] = field(default_factory=list[Garbage])
    work: list[Garbage] = field(default_factory=list[Garbage])
    files: list[Garbage] = field(default_factory=list[Garbage])
    staged: list[Garbage] = field(default_factory=list[Garbage])
    unpublished: list[tuple[Publications, Manifest, Collection[str]]] = field(
        default_factory=list[tuple[Publications, Manifest, Collection[str]]]
    )
    faults: list[MediaAssetsError] = field(default_factory=list[MediaAssetsError])

    @property
    def all(self) -> Iterator[Garbage]:
        """All files that can be deleted, in the order of their deletion."""
        for part in (self.manifests, self.work, self.files, self.staged):
            yield from part


class GarbageFinder:
    """Finds the garbage of one table, without changing anything."""

    def __init__(
        self,
        table: StoredTable,
        storage: Storage,
        retention: Retention,
        *,
        in_place: ReferencedFiles,
    ) -> None:
        """Finds out which rows left the table.

        Args:
            table: The table.
            storage: Access to the destinations.
            retention: What is kept although it is not in use.
            in_place: Files that are uploads of some table; they are kept.
        """
        self._root, self._storage, self._table = table.root, storage, table.name
        self._retention, self._in_place = retention, in_place
        self._written = WrittenFiles(table.root, storage)
        self._gone = table.gone_rows(by=retention.since)
        self._branches = Branches.of(table.root)

    def find(self) -> Iterator[FolderGarbage]:
        """Yields the garbage of each folder of the table; one folder at a time is in memory."""
        folders: list[ColumnFolder] = []
        for column in list_columns(self._root, self._table):
            own = list(column_folders(self._root, self._table, column))
            going: set[str] = set()
            for found in map_concurrently(self._of, own):
                going.update(garbage.located.file.key for garbage in found.manifests)
                yield found
            merged = self._of_merged(column, own, going)
            if merged.manifests:
                yield merged
            folders += own
        for uploads in column_folders(self._root, self._table, UPLOADS):
            yield self._of_uploads(uploads, folders)

    def _of(self, folder: ColumnFolder) -> FolderGarbage:
        found = FolderGarbage(folder)
        named = self._find_named_by_work(found)
        if folder.manifests:
            named |= self._find_named_by_manifests(found)
        named |= self._branches.fileurls(folder.path)
        files = ReferencedFiles(self._storage, named)
        try:
            for located in self._written.of(folder):
                if self._is_old(located.file) and not self._is_named(located, files):
                    found.files.append(Garbage(located, "not referenced by any kept manifest"))
            self._add_staged(found)
        except (StoreFaultError, StoredFileRefusedError) as fault:
            found.faults.append(fault)
        return found

    def _of_merged(
        self, column: str, folders: list[ColumnFolder], going: set[str]
    ) -> FolderGarbage:
        """Finds the merged files of a column that are no longer read."""
        kept = {
            folder.name: {n: file for n, file in folder.manifests.items() if file.key not in going}
            for folder in folders
        }
        found = FolderGarbage(ColumnFolder(column_prefix(self._table, column)))
        now = self._retention.now
        for useless in useless_files(self._root, self._table, column, kept, now=now):
            is_in_base = self._branches.have(useless.file.key)
            if useless.unread_since <= self._retention.since and not is_in_base:
                located = LocatedFile(self._root.store, useless.file)
                found.manifests.append(Garbage(located, useless.why))
        return found

    def _of_uploads(self, folder: ColumnFolder, columns: list[ColumnFolder]) -> FolderGarbage:
        """Finds the garbage that belongs to no column; the upload log itself is never garbage."""
        found = FolderGarbage(folder)
        self._add_staged(found)
        try:
            for located in self._written.list_tried(columns):
                if self._is_old(located.file):
                    found.staged.append(Garbage(located, "left over from a probe"))
        except (StoreFaultError, StoredFileRefusedError) as fault:
            found.faults.append(fault)
        return found

    def _find_named_by_manifests(self, found: FolderGarbage) -> set[str]:
        """Decides which manifests are kept, and returns the fileurls that they name."""
        folder, ledger = found.folder, found.folder.ledger(self._root)
        newest = read_manifest(ledger, max(folder.manifests))
        gone = self._gone.get(newest.header.partition, {})
        committed = {number: file.modified_at for number, file in folder.manifests.items()}
        found.newest = newest
        found.gone = frozenset(gone.keys() & newest.records.keys())
        named = fileurls_of(r for row, r in newest.records.items() if row not in found.gone)
        if found.gone:
            committed[newest.number + 1] = self._retention.now
        pinned = self._branches.lowest_in(folder) or newest.number + 1
        first = min(self._retention.first_kept(committed), pinned)
        deleted = {row for row, is_deleted in gone.items() if is_deleted}
        for number in sorted(folder.manifests, reverse=True):
            manifest = newest if number == newest.number else read_manifest(ledger, number)
            names_deleted = number < pinned and deleted & manifest.records.keys()
            if number < first or names_deleted:
                first = number + 1
                break
            named |= fileurls_of(manifest.records.values())
        why = "manifest past its retention"
        found.manifests = [
            Garbage(LocatedFile(ledger.store, file), why)
            for number, file in sorted(folder.manifests.items())
            if number < first
        ]
        return named

    def _find_named_by_work(self, found: FolderGarbage) -> set[str]:
        """Returns the fileurls that an unfinished run may still commit.

        As long as any work record is recent, its run may still be going.
        """
        work, store = found.folder.work, self._root.store
        if all(self._is_old(file) for file in work):
            why = "work of a run that never finished"
            found.work = [Garbage(LocatedFile(store, file), why) for file in work]
            return set()
        named: set[str] = set()
        for file in work:
            try:
                _, records = from_parquet(store.get(file.key), key=file.key)
            except (ManifestFormatError, StoredFileMissingError):
                continue  # unreadable, or committed since it was listed: no run resumes from it
            named |= fileurls_of(records.values())
        return named

    def _add_staged(self, found: FolderGarbage) -> None:
        for located in self._written.list_staged(found.folder):
            if self._is_old(located.file):
                found.staged.append(Garbage(located, "staged but never moved into place"))

    def _is_old(self, file: StoredFile) -> bool:
        return file.modified_at <= self._retention.since

    def _is_named(self, located: LocatedFile, named: ReferencedFiles) -> bool:
        return named.has(located) or self._in_place.has(located)
