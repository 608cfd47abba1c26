"""The files that DuckDB reads for manifests: the manifests themselves, or merged ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from media_assets.concurrency import map_concurrently
from media_assets.records.ledger import CatalogRoot, number_in
from media_assets.records.local_copies import LocalCopies
from media_assets.records.merged import FEW, Merged, choose_merged, list_merged, read_merged

Newest = dict[str, dict[str, str]]
"""The key of the newest manifest, by column and the name of the partition's folder."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a local file, except those of some partitions."""

    path: str
    without: tuple[str, ...] = ()


class ManifestFiles:
    """Finds these files, and copies remote ones to this machine."""

    def __init__(self, root: CatalogRoot) -> None:
        self._root = root
        self._files = LocalCopies(root.store)
        self._merged: dict[str, Merged] = {}

    def of(self, table: str, newest: Newest) -> dict[str, list[Cells]]:
        """Returns the cells of manifests, by column."""
        merged = self._find_merged(table, [c for c in newest if len(newest[c]) > FEW])
        found = {column: _choose(newest[column], merged.get(column, ())) for column in newest}
        self._files.paths(key for cells in found.values() for key, _ in cells)
        return {
            column: [Cells(str(self._files.path(key)), without) for key, without in cells]
            for column, cells in found.items()
        }

    def forget(self, key: str) -> None:
        """Reads a manifest anew when it is next asked for."""
        self._files.forget(key)

    def _find_merged(self, table: str, columns: Iterable[str]) -> Mapping[str, list[Merged]]:
        """Finds the merged files of columns."""
        columns = list(columns)
        listed = list(map_concurrently(lambda c: list_merged(self._root, table, c), columns))
        unread = (f for files in listed for f in files if f.key not in self._merged)
        for merged in map_concurrently(lambda file: read_merged(self._files, file), unread):
            if merged is not None:
                self._merged[merged.file.key] = merged
        return {
            column: [self._merged[file.key] for file in files if file.key in self._merged]
            for column, files in zip(columns, listed, strict=True)
        }


def _choose(
    newest: Mapping[str, str], merged: Iterable[Merged]
) -> list[tuple[str, tuple[str, ...]]]:
    """Chooses files for the newest manifests: their keys, and the partitions to skip in each."""
    found = choose_merged({folder: number_in(key) for folder, key in newest.items()}, merged)
    of_merged = [(held.file.key, held.others(folders)) for held, folders in found]
    in_merged = {folder for _, folders in found for folder in folders}
    return of_merged + [(newest[f], ()) for f in sorted(newest) if f not in in_merged]
