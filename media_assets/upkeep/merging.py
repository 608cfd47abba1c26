"""Merging of manifests into larger files, and the merged files that are no longer useful."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from media_assets.records.column_folders import column_folders
from media_assets.records.ledger import CatalogRoot
from media_assets.records.local_copies import LocalCopies
from media_assets.records.merged import FEW, Merged, choose_merged, list_merged, merge, read_merged
from media_assets.stores import StoredFile

Kept = Mapping[str, Mapping[int, StoredFile]]
"""The existing manifests, by folder and number."""

_MOST_BYTES = 32_000_000
_MOST_MANIFESTS = 1_000
"""The most that a merged file holds, not counting its last manifest."""
_OUT_OF_DATE = 0.1
"""The share of its manifests that may be replaced before a full file is rewritten."""


@dataclass(frozen=True, slots=True)
class Useless:
    """A merged file that is no longer useful.

    Attributes:
        file: The file.
        why: Why it is useless.
        unread_since: When readers stopped opening it.
    """

    file: StoredFile
    why: str
    unread_since: datetime


def useless_files(
    root: CatalogRoot,
    table: str,
    column: str,
    kept: Kept,
    *,
    now: datetime,
) -> Iterator[Useless]:
    """Yields the merged files of a column that should no longer be read.

    Args:
        root: The catalog.
        table: The table's name.
        column: The column's name.
        kept: Its manifests, without those about to be deleted.
        now: The time to use for a file that is still read.

    Raises:
        ManifestFormatError: A merged file is damaged, or written by a newer version.
    """
    merged = _read_merged(root, table, column)
    read = [held for held, _ in choose_merged(_numbers(kept), merged)]
    for held in merged:
        if _is_broken(held, kept):
            why = "contains a manifest past its retention"
        elif held not in read:
            why = "outdated, or merged into other files"
        else:
            continue
        yield Useless(held.file, why, now if held in read else _unread_since(held, merged, kept))


def merge_manifests(root: CatalogRoot, table: str, column: str) -> None:
    """Merges the newest manifests of a column, if many of them are in no merged file.

    Readers and writers are not disturbed: manifests stay where they are, and merged copies of
    them stay correct.

    Raises:
        ManifestFormatError: A file is damaged, or written by a newer version.
        StoredFileMissingError: A manifest was collected meanwhile.
    """
    kept = {folder.name: folder.manifests for folder in column_folders(root, table, column)}
    numbers = _numbers(kept)
    read = choose_merged(numbers, _read_merged(root, table, column))
    right = [(held, folders) for held, folders in read if not _is_broken(held, kept)]
    loose = numbers.keys() - {folder for _, folders in right for folder in folders}
    if len(loose) < FEW and len(right) == len(read):
        return
    sizes = {folder: kept[folder][number].size_bytes for folder, number in numbers.items()}
    for held, folders in right:
        if not _is_full(held, folders, sum(sizes[folder] for folder in folders)):
            loose |= folders
    for group in _groups({folder: sizes[folder] for folder in loose}):
        merge(root, table, column, {folder: numbers[folder] for folder in group})


def _read_merged(root: CatalogRoot, table: str, column: str) -> list[Merged]:
    """Reads the merged files of a column."""
    local = LocalCopies(root.store)
    read = (read_merged(local, file) for file in list_merged(root, table, column))
    return [held for held in read if held is not None]


def _numbers(kept: Kept) -> dict[str, int]:
    """The number of the newest manifest in each folder."""
    return {folder: max(manifests) for folder, manifests in kept.items() if manifests}


def _is_broken(held: Merged, kept: Kept) -> bool:
    """Whether a file holds a deleted manifest, which may name deleted rows."""
    return any(number not in kept.get(f, ()) for f, number in held.numbers.items())


def _unread_since(held: Merged, merged: Iterable[Merged], kept: Kept) -> datetime:
    """When the last part of a file's content was replaced, by a manifest or a merged file."""
    replaced = [held.file.modified_at]
    later = [one for one in merged if one.file.modified_at > held.file.modified_at]
    for folder, number in held.numbers.items():
        manifests = kept.get(folder, {}).items()
        came = [file.modified_at for other, file in manifests if other > number]
        came += [one.file.modified_at for one in later if folder in one.numbers]
        replaced += [min(came)] if came else []
    return max(replaced)


def _is_full(held: Merged, folders: Collection[str], size_bytes: int) -> bool:
    """Whether a file is large enough, and enough of it is in use, to stay as it is."""
    is_large = 2 * len(held.numbers) >= _MOST_MANIFESTS or 2 * size_bytes >= _MOST_BYTES
    return is_large and len(folders) >= (1 - _OUT_OF_DATE) * len(held.numbers)


def _groups(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yields the folders of each file, in order."""
    group: list[str] = []
    for folder in sorted(sizes):
        group.append(folder)
        if len(group) == _MOST_MANIFESTS or sum(sizes[f] for f in group) >= _MOST_BYTES:
            yield group
            group = []
    if group:
        yield group
