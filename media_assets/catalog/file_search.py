"""The search for a file's cells in the catalog: by its name first, which tells where to look."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from media_assets.catalog.asked_file import AskedFile
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.errors import StoredFileMissingError
from media_assets.file_keys import is_file_name
from media_assets.records.branch_store import BRANCHES
from media_assets.records.ledger import MERGED, NOTES, UPLOADS, WORK, CatalogRoot, Ledger
from media_assets.records.manifests import Header, Manifest, Record, read_manifest
from media_assets.uploads.row_history import rows_of_file

_DEPTH = 3
"""The last names of a file's key: column / partition / file. Those before name its table."""
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class CellFound:
    """A cell whose file it is, or was.

    Attributes:
        ledger: The manifests of its column and partition.
        manifest: The newest manifest that names the file.
        record: The cell's record there.
    """

    ledger: Ledger
    manifest: Manifest
    record: Record


@dataclass(slots=True)
class SearchResult:
    """What the catalog knows of a file.

    Attributes:
        cells: The cells whose file it is, or was.
        uploads: The rows whose upload it is, or was, as pairs of table and row.
        namesakes: Fileurls of cells that have a file of this name in another place.
        places: The columns and partitions whose file it would be by its path.
    """

    cells: list[CellFound] = field(default_factory=list[CellFound])
    uploads: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    namesakes: list[str] = field(default_factory=list[str])
    places: list[Header] = field(default_factory=list[Header])


def search_file(root: CatalogRoot, files: CatalogFiles, asked: AskedFile) -> SearchResult:
    """Returns the cells and rows of a file.

    The path of a file that this package wrote names table, column and partition, so only the
    manifests of these are read, newest first, until one names the file. Any other file can only be
    an upload, for which the upload logs are asked.
    """
    result = SearchResult()
    for spelling in asked.spellings():
        found = (_cells_in(one, spelling, result) for one in _ledgers_of(root, spelling.key))
        result.cells = next(filter(None, found), list[CellFound]())
        if not result.cells:
            result.uploads = [
                (table, row)
                for table in files.tables()
                for row in rows_of_file(files.log(table), spelling.addresses())
            ]
        if result.cells or result.uploads:
            break
    return result


def _ledgers_of(root: CatalogRoot, key: str) -> Iterator[Ledger]:
    """Yields the manifests that may name a file: those of the folders in its path."""
    *folders, name = key.split("/")
    if not is_file_name(name) or UPLOADS in folders[1 - _DEPTH :]:
        return
    for start in range(len(folders) - _DEPTH, -1, -1):
        path = folders[start:]
        if not _SEGMENT.fullmatch(path[0]) or path[0] in (WORK, NOTES, MERGED, BRANCHES):
            return
        if all(map(_SEGMENT.fullmatch, path)):
            yield Ledger(root.store, root.destination.key(*path, ""))


def _cells_in(ledger: Ledger, asked: AskedFile, result: SearchResult) -> list[CellFound]:
    """Returns the cells of the newest manifest that names a file; notes files of its name."""
    ending = f"/{asked.key.rpartition('/')[2]}"
    for number in reversed(numbers := ledger.numbers()):
        try:
            manifest = read_manifest(ledger, number)
        except StoredFileMissingError:  # it was collected meanwhile
            continue
        if number == numbers[-1]:
            result.places.append(manifest.header)
        named = [
            (row, fileurl)
            for row, fileurl in manifest.select("row", "fileurl")
            if fileurl is not None and fileurl.endswith(ending)
        ]
        rows = [row for row, fileurl in named if asked.is_at(fileurl)]
        if rows:
            return [CellFound(ledger, manifest, manifest.records[row]) for row in rows]
        result.namesakes += [fileurl for _, fileurl in named if fileurl not in result.namesakes]
    return []
