"""Merged files: copies of many manifests of a column in one file, which opens faster.

They are optional: a manifest that is not in one, or is newer than the copy, is read from its own
file.
"""

from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from media_assets.errors import FileExistsInStoreError, StoredFileMissingError
from media_assets.file_keys import safe_segment
from media_assets.records.file_headers import read_file_header
from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.records.local_copies import LocalCopies
from media_assets.records.manifests import SCHEMA, read_header
from media_assets.records.parquet import (
    RowGroups,
    in_groups,
    naming_damage,
    write_parquet_parts,
)
from media_assets.stores import StoredFile

FEW = 100
"""Up to this many manifests open fast without being merged."""
_ROWS_OF_GROUP = 100_000
"""Rows in memory, and in one row group; DuckDB reads about this many at a time."""
_DIGITS_OF_NAME = 16


@dataclass(frozen=True, slots=True)
class Merged:
    """A file with copies of manifests of many partitions.

    Attributes:
        file: The stored file.
        partitions: The partitions by the names of their folders.
        numbers: The number of each partition's manifest, by the same names.
    """

    file: StoredFile
    partitions: Mapping[str, str]
    numbers: Mapping[str, int]

    def folders_in(self, wanted: Mapping[str, int]) -> frozenset[str]:
        """Returns the folders whose wanted manifest is in this file."""
        return frozenset(f for f, number in self.numbers.items() if wanted.get(f) == number)

    def others(self, folders: Container[str]) -> tuple[str, ...]:
        """Returns the partitions in this file whose folders are not among these."""
        return tuple(p for folder, p in self.partitions.items() if folder not in folders)


def list_merged(root: CatalogRoot, table: str, column: str) -> list[StoredFile]:
    """Lists the merged files of a column."""
    prefix = root.merged_prefix(table, column)
    # Deeper files belong to a table with a longer name.
    return [file for file in root.store.list(prefix) if "/" not in file.key.removeprefix(prefix)]


def read_merged(files: LocalCopies, file: StoredFile) -> Merged | None:
    """Reads the contents of a merged file; None if it was deleted since it was listed.

    Raises:
        ManifestFormatError: It is damaged, or written by a newer version.
    """
    key = file.key
    with suppress(StoredFileMissingError, FileNotFoundError), files.path(key).open("rb") as data:
        header = read_file_header(data, key=key)
        with naming_damage(key):
            numbers = dict(cast("list[tuple[str, int]]", header["manifests"]))
        partitions = {safe_segment(partition): partition for partition in numbers}
        return Merged(file, partitions, {name: numbers[partitions[name]] for name in partitions})
    return None


def choose_merged(
    wanted: Mapping[str, int], merged: Iterable[Merged]
) -> list[tuple[Merged, frozenset[str]]]:
    """Chooses the merged files to read: newest first, without those of which little is wanted.

    Args:
        wanted: The manifests' numbers, by the names of their partitions' folders.
        merged: All merged files of the column.

    Returns:
        The files, each with the folders to read from it; no folder is read from two files.
    """
    left = dict(wanted)
    found: list[tuple[Merged, frozenset[str]]] = []
    for one in sorted(merged, key=lambda one: one.file.modified_at, reverse=True):
        provided = one.folders_in(left)
        if 2 * len(provided) > len(one.numbers):
            found.append((one, provided))
            for folder in provided:
                del left[folder]
    return found


def merge(root: CatalogRoot, table: str, column: str, manifests: Mapping[str, int]) -> None:
    """Writes one merged file.

    Args:
        root: The catalog.
        table: The table's name.
        column: The column's name.
        manifests: The manifests' numbers, by the names of their partitions' folders.

    Raises:
        ManifestFormatError: A manifest is damaged, or written by a newer version.
        StoredFileMissingError: One was collected since it was listed.
    """
    folder = root.column_prefix(table, column)
    keys = [Ledger(root.store, f"{folder}{name}/").key(manifests[name]) for name in manifests]
    files = LocalCopies(root.store)
    files.paths(keys)
    partitions = [read_header(files.read(key), key=key).partition for key in keys]
    held = list(zip(partitions, manifests.values(), strict=True))
    cells = (RowGroups(files.read(key), key=key, schema=SCHEMA).read_all() for key in keys)
    groups = in_groups(SCHEMA, cells, _ROWS_OF_GROUP)
    data = write_parquet_parts({"manifests": held}, SCHEMA, groups)
    name = sha256(data).hexdigest()[:_DIGITS_OF_NAME]
    merged = f"{root.merged_prefix(table, column)}{name}.parquet"
    with suppress(FileExistsInStoreError):  # another process made it from the same manifests
        root.store.create(merged, data)
    try:
        root.store.head(keys[0])
    except StoredFileMissingError:  # dropped meanwhile: other manifests will have these numbers
        root.store.delete([merged])
        raise
