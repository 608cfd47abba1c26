"""Ledgers: numbered files in the catalog. Each number is claimed once; the highest is the newest.

Manifests and upload logs are ledgers. They need no clock and no lock: a number belongs to the
writer that creates its file, and a writer that loses reads the winner and takes the next number.
"""

from dataclasses import dataclass

from media_assets.cache import Cache
from media_assets.destinations import Destination, parse_destination
from media_assets.errors import (
    FileExistsInStoreError,
    NoExclusiveCreateError,
    StoredFileMissingError,
)
from media_assets.file_keys import column_prefix, partition_prefix, safe_segment
from media_assets.records.branch_store import BranchStore
from media_assets.storage_sources import CHECKED
from media_assets.stores import Store, StoredFile
from media_assets.stores.copied import with_copies
from media_assets.stores.storage import Storage

WORK, NOTES, MERGED, PUBLISHED = "_work", "_destinations", "_merged", "_published"
STALE = "_stale"
"""Folders of the catalog besides those of the tables."""
UPLOADS = "_uploads"
"""The folder of a table's upload log, next to those of its columns."""
_DIGITS = 8
_ON_THIS_MACHINE = ("file", "memory")


@dataclass(frozen=True, slots=True)
class CatalogRoot:
    """The root of a catalog: a local folder or a bucket's prefix.

    Attributes:
        store: Its files; on a branch those that the branch sees, under the same keys.
        destination: Its location.
        on: The store of the branch; None on main.
    """

    store: Store
    destination: Destination
    on: BranchStore | None = None

    @classmethod
    def open(
        cls,
        location: str,
        *,
        storage: Storage | None = None,
        copies: Cache | None = None,
        source: str = "the catalog's location",
        branch: str | None = None,
    ) -> "CatalogRoot":
        """Opens the root at a path or URI.

        Args:
            location: The path or URI.
            storage: The credentials; by default the providers' usual environment and profiles.
            copies: The cache for records of a bucket that were read.
            source: The origin of the location, for errors.
            branch: The branch to see; None for main.

        Raises:
            DestinationError: The location cannot be parsed; the text names `source`.
        """
        destination = parse_destination(location, source=source)
        store = (storage or Storage()).open(destination)
        on = BranchStore(store, destination.prefix, branch) if branch else None
        store = on or store
        if copies is not None and destination.provider not in _ON_THIS_MACHINE:
            store = with_copies(store, copies)
        return cls(store, destination, on)

    @property
    def branch(self) -> str | None:
        """The name of the branch; None on main."""
        return self.on.name if self.on is not None else None

    @property
    def main(self) -> "CatalogRoot":
        """The catalog without the branch."""
        return self if self.on is None else CatalogRoot(self.on.main, self.destination)

    def on_branch(self, name: str) -> "CatalogRoot":
        """Returns main's catalog as a branch sees it, which is read when it is first needed."""
        on = BranchStore(self.store, self.destination.prefix, name)
        return CatalogRoot(on, self.destination, on)

    def ledger(self, table: str, column: str, partition: str) -> "Ledger":
        """Returns the manifests of one column in one partition."""
        prefix = partition_prefix(table, column, partition)
        return Ledger(self.store, self.destination.key(prefix))

    def upload_ledger(self, table: str) -> "Ledger":
        """Returns the ledger of a table's upload log."""
        return self.ledger(table, UPLOADS, "_")

    def column_prefix(self, table: str, column: str) -> str:
        """Returns the key prefix of the folders of a column's partitions."""
        return self.destination.key(column_prefix(table, column))

    def merged_prefix(self, table: str, column: str) -> str:
        """Returns the key prefix of merged manifests."""
        return self.destination.key(MERGED, column_prefix(table, column))

    def work_prefix(self, table: str, column: str, partition: str) -> str:
        """Returns the key prefix of the work records of unfinished runs."""
        return self.destination.key(WORK, partition_prefix(table, column, partition))

    def note_prefix(self, table: str, column: str, partition: str) -> str:
        """Returns the key prefix of the notes of destinations."""
        return self.destination.key(NOTES, partition_prefix(table, column, partition))

    def checked_key(self, name: str) -> str:
        """Returns the key of the note that a destination works."""
        return self.destination.key(CHECKED, name)

    def stale_key(self, table: str) -> str:
        """Returns the key of the mark that an evaluation found stale cells in a table."""
        return self.destination.key(STALE, safe_segment(table))


def number_in(key: str) -> int:
    """Returns the number in the key of a ledger's file."""
    return int(key.rpartition("/")[2].removesuffix(".parquet"))


@dataclass(frozen=True, slots=True)
class Ledger:
    """A sequence of Parquet files, numbered from 1."""

    store: Store
    prefix: str

    def key(self, number: int) -> str:
        """Returns the key of a numbered file."""
        return f"{self.prefix}{number:0{_DIGITS}d}.parquet"

    def numbers(self, *, after: int = 0) -> list[int]:
        """Returns all claimed numbers above `after`, lowest first."""
        return list(self.files(after=after))

    def files(self, *, after: int = 0) -> dict[int, StoredFile]:
        """Returns the files of these numbers."""
        start_after = self.key(after) if after else ""
        listing = self.store.list(self.prefix, start_after=start_after)
        return {
            int(stem): file
            for file in listing
            if (stem := file.key.removeprefix(self.prefix).removesuffix(".parquet")).isdigit()
        }

    def latest(self) -> int:
        """Returns the highest claimed number, 0 if there is none."""
        return max(self.numbers(), default=0)

    def read(self, number: int) -> bytes:
        """Returns the bytes of a numbered file, which never change."""
        return self.store.get(self.key(number))

    def claim(self, number: int, data: bytes) -> bool:
        """Creates the file of a number, whole or not at all.

        Returns:
            False if another writer has claimed the number; its file is unchanged.

        Raises:
            NoExclusiveCreateError: The storage lets several writers claim it. Nothing was claimed.
        """
        try:
            self.store.create(self.key(number), data)
        except FileExistsInStoreError:
            return False
        if number == 1:
            self._refuse_second_owner()
        return True

    def was_free(self, number: int) -> bool:
        """Returns whether a number just claimed is certain never to have been claimed before.

        Numbers are collected lowest first, and never the newest: while the number below exists, no
        number above it was collected. For the first number this is unknown.
        """
        if number == 1:
            return True
        try:
            self.store.head(self.key(number - 1))
        except StoredFileMissingError:
            return False
        return True

    def _refuse_second_owner(self) -> None:
        """Claims the first number again, which a suitable storage refuses.

        With other content: if a reply is lost, equal content would pass for this request's own.
        """
        key = self.key(1)
        try:
            self.store.create(key, b"")
        except FileExistsInStoreError:
            return
        self.store.delete([key])
        raise NoExclusiveCreateError(self.store.fileurl(key))
