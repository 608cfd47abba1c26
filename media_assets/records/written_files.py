"""All files ever written for a column in a partition, at any destination."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from media_assets.errors import BucketMissingError
from media_assets.file_keys import is_file_name
from media_assets.records.column_folders import KINDS, ColumnFolder
from media_assets.records.known_destinations import NotedDestinations
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import Storage, Store, StoredFile
from media_assets.stores.staging import STAGING_PREFIX


@dataclass(frozen=True, slots=True)
class LocatedFile:
    """A stored file and its store."""

    store: Store
    file: StoredFile

    @property
    def fileurl(self) -> str:
        """Its fileurl."""
        return self.store.fileurl(self.file.key)

    @property
    def name(self) -> str:
        """The last name of its key."""
        return self.file.key.rpartition("/")[2]


class WrittenFiles:
    """Lists the files at all noted destinations, and nowhere else."""

    def __init__(self, root: CatalogRoot, storage: Storage) -> None:
        self._root, self._storage = root, storage
        self._notes = NotedDestinations(root.store)

    def of(self, folder: ColumnFolder) -> Iterator[LocatedFile]:
        """Yields the files with names of our own directly below each destination's folder.

        Raises:
            StoreFaultError: A destination cannot be reached. A deleted bucket counts as empty.
        """
        for store, prefix in self._places(folder):
            for located in _right_below(store, prefix, store.list(prefix)):
                if is_file_name(located.name):
                    yield located

    def list_staged(self, folder: ColumnFolder) -> Iterator[LocatedFile]:
        """Yields the files that killed processes left behind, including those in the catalog."""
        root = self._root
        kept = [(root.store, root.destination.key(kind + folder.path)) for kind in KINDS]
        for store, prefix in [*kept, *self._places(folder)]:
            yield from _right_below(store, prefix, store.list_staged(prefix))

    def list_tried(self, folders: Iterable[ColumnFolder]) -> Iterator[LocatedFile]:
        """Yields the files that killed processes left behind when they probed a destination.

        Raises:
            StoreFaultError: A destination cannot be reached.
        """
        noted = {one for folder in folders for one in self._notes.read(folder.notes)}
        for destination in noted:
            store, prefix = self._storage.open(destination), destination.prefix
            yield from _right_below(store, prefix, store.list(prefix + STAGING_PREFIX))

    def _places(self, folder: ColumnFolder) -> list[tuple[Store, str]]:
        return [
            (self._storage.open(destination), destination.key(folder.path))
            for destination in self._notes.read(folder.notes)
        ]


def _right_below(store: Store, prefix: str, files: Iterator[StoredFile]) -> Iterator[LocatedFile]:
    try:
        for file in files:
            if "/" not in file.key.removeprefix(prefix):
                yield LocatedFile(store, file)
    except BucketMissingError:
        return
