"""Numbered files in the catalog: each number is claimed once, and the newest is the highest.

Manifests and upload logs are kept this way. No clock and no lock takes part: a number belongs to
whoever creates its file, and a writer that loses a number reads the winner and takes the next one.
"""

from dataclasses import dataclass

from media_assets.cache import Cache
from media_assets.destinations import Destination, parse_destination
from media_assets.errors import (
    FileExistsInStoreError,
    NoExclusiveCreateError,
    StoredFileMissingError,
)
from media_assets.keys import column_prefix, partition_prefix
from media_assets.storage_sources import CHECKED
from media_assets.stores import Store
from media_assets.stores.copied import with_copies
from media_assets.stores.storage import Storage

WORK, NOTES, MERGED = "_work", "_destinations", "_merged"
"""Folders of the catalog beside those of the tables."""
UPLOADS = "_uploads"
"""The folder of a table's upload log, beside those of its columns."""
_DIGITS = 8
_ON_THIS_MACHINE = ("file", "memory")


@dataclass(frozen=True, slots=True)
class CatalogRoot:
    """The place under which all records are kept: a local folder or a bucket's prefix."""

    store: Store
    destination: Destination

    @classmethod
    def open(
        cls,
        location: str,
        *,
        storage: Storage | None = None,
        copies: Cache | None = None,
        source: str = "the catalog's location",
    ) -> "CatalogRoot":
        """Opens the root that a path or URI names.

        Args:
            location: The path or URI.
            storage: The credentials; without them the providers' usual environment and profiles.
            copies: Where a bucket's records are kept on this machine once they were read.
            source: Who named the location.

        Raises:
            DestinationError: The location cannot be understood; the text names `source`.
        """
        destination = parse_destination(location, source=source)
        store = (storage or Storage()).open(destination)
        if copies is not None and destination.provider not in _ON_THIS_MACHINE:
            store = with_copies(store, copies)
        return cls(store, destination)

    def ledger(self, table: str, column: str, partition: str) -> "Ledger":
        """The manifests of one column in one partition."""
        prefix = partition_prefix(table, column, partition)
        return Ledger(self.store, self.destination.key(prefix))

    def upload_ledger(self, table: str) -> "Ledger":
        """The upload log of a table."""
        return self.ledger(table, UPLOADS, "_")

    def column_prefix(self, table: str, column: str) -> str:
        """Where the folders of a column's partitions are, as a key prefix of the store."""
        return self.destination.key(column_prefix(table, column))

    def merged_prefix(self, table: str, column: str) -> str:
        """Where manifests are kept once more, merged, as a key prefix of the store."""
        return self.destination.key(MERGED, column_prefix(table, column))

    def work_prefix(self, table: str, column: str, partition: str) -> str:
        """Where the work records of an unfinished run are kept, as a key prefix of the store."""
        return self.destination.key(WORK, partition_prefix(table, column, partition))

    def note_prefix(self, table: str, column: str, partition: str) -> str:
        """Where it is noted to which destinations files ever went, as a key prefix of the store."""
        return self.destination.key(NOTES, partition_prefix(table, column, partition))

    def checked_key(self, name: str) -> str:
        """Where it is noted that a destination was seen to work, as a key of the store."""
        return self.destination.key(CHECKED, name)


def number_in(key: str) -> int:
    """The number of a ledger's file, by its key."""
    return int(key.rpartition("/")[2].removesuffix(".parquet"))


@dataclass(frozen=True, slots=True)
class Ledger:
    """One sequence of numbered Parquet files, counted from 1."""

    store: Store
    prefix: str

    def key(self, number: int) -> str:
        """The store's key of one numbered file."""
        return f"{self.prefix}{number:0{_DIGITS}d}.parquet"

    def numbers(self, *, after: int = 0) -> list[int]:
        """All numbers claimed so far above `after`, lowest first."""
        start_after = self.key(after) if after else ""
        listing = self.store.list(self.prefix, start_after=start_after)
        return [
            int(stem)
            for file in listing
            if (stem := file.key.removeprefix(self.prefix).removesuffix(".parquet")).isdigit()
        ]

    def latest(self) -> int:
        """The highest number claimed so far, 0 when there is none."""
        return max(self.numbers(), default=0)

    def read(self, number: int) -> bytes:
        """The bytes of one numbered file; they never change once it exists."""
        return self.store.get(self.key(number))

    def claim(self, number: int, data: bytes) -> bool:
        """Creates the file of a number, whole or not at all.

        Returns:
            False when somebody else has claimed that number; their file is untouched.

        Raises:
            NoExclusiveCreateError: The storage lets everybody claim it. Nothing was claimed.
        """
        try:
            self.store.create(self.key(number), data)
        except FileExistsInStoreError:
            return False
        if number == 1:
            self._refuse_second_owner(data)
        return True

    def was_free(self, number: int) -> bool:
        """Whether a number just claimed was surely nobody's before.

        Numbers are collected lowest first and never the newest one: while the one below is there,
        none above it was collected. Below the first one there is nothing to tell it by.
        """
        if number == 1:
            return True
        try:
            self.store.head(self.key(number - 1))
        except StoredFileMissingError:
            return False
        return True

    def _refuse_second_owner(self, data: bytes) -> None:
        """Claims the first number again, which a storage that can hold a catalog refuses."""
        key = self.key(1)
        try:
            self.store.create(key, data)
        except FileExistsInStoreError:
            return
        self.store.delete([key])
        raise NoExclusiveCreateError(self.store.fileurl(key))
