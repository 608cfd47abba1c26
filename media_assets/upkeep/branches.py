"""What the branches of a catalog keep from being collected on main."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from media_assets.errors import (
    BranchBaseCollectedError,
    ManifestFormatError,
    StoredFileMissingError,
    UnknownBranchError,
)
from media_assets.file_keys import table_prefix
from media_assets.records.branches import branch_names
from media_assets.records.column_folders import ColumnFolder
from media_assets.records.ledger import WORK, CatalogRoot, Ledger
from media_assets.records.manifests import Record, from_parquet, read_manifest


@dataclass(frozen=True, slots=True)
class Branches:
    """The branches of a catalog.

    Attributes:
        roots: The catalog as each of them sees it.
    """

    roots: tuple[CatalogRoot, ...]

    @classmethod
    def of(cls, root: CatalogRoot) -> Self:
        """Looks up the branches that there are now."""
        return cls(tuple(root.on_branch(name) for name in branch_names(root)))

    def have(self, key: str) -> bool:
        """Whether a file of main is in the base of a branch."""
        return any(
            key.removeprefix(root.destination.prefix) in root.on.base
            for root in self.roots
            if root.on is not None
        )

    def lowest_in(self, folder: ColumnFolder) -> int | None:
        """Returns the lowest number of a folder's manifests that a branch began with."""
        return next(
            (n for n, file in sorted(folder.manifests.items()) if self.have(file.key)), None
        )

    def with_tables(self, tables: Iterable[str]) -> list[str]:
        """Returns the names of the branches that have files of tables."""
        prefixes = [table_prefix(table) for table in tables]
        return [
            root.on.name
            for root in self.roots
            if root.on is not None
            and any(next(root.store.list(root.destination.key(p)), None) for p in prefixes)
        ]

    def fileurls(self, path: str) -> set[str]:
        """Returns the fileurls that branches name in a folder: in manifests, and in work."""
        named: set[str] = set()
        for root in self.roots:
            with suppress(UnknownBranchError):  # it was dropped meanwhile
                named |= _fileurls_in(root, path)
        return named


def fileurls_of(records: Iterable[Record]) -> set[str]:
    """Returns the fileurls of the files and the published copies of cells."""
    found = (url for record in records for url in (record.fileurl, record.published))
    return {url for url in found if url}


def _fileurls_in(root: CatalogRoot, path: str) -> set[str]:
    ledger = Ledger(root.store, root.destination.key(path))
    named: set[str] = set()
    for number in ledger.numbers():
        with suppress(BranchBaseCollectedError):
            named |= fileurls_of(read_manifest(ledger, number).records.values())
    for file in root.store.list(root.destination.key(WORK, path)):
        try:
            _, records = from_parquet(root.store.get(file.key), key=file.key)
        except (ManifestFormatError, StoredFileMissingError):
            continue  # unreadable, or committed since it was listed
        named |= fileurls_of(records.values())
    return named
