"""The catalog's contents by column and partition: manifests, work records, destinations."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from media_assets.file_keys import table_prefix
from media_assets.records.branch_store import BRANCHES
from media_assets.records.ledger import MERGED, NOTES, PUBLISHED, UPLOADS, WORK, CatalogRoot, Ledger
from media_assets.records.manifests import names_of
from media_assets.stores import StoredFile

_WORK, _NOTES = f"{WORK}/", f"{NOTES}/"
_OTHERS = (f"{MERGED}/", f"{PUBLISHED}/", f"{BRANCHES}/")
KINDS = ("", _WORK, _NOTES)
"""The beginnings of folders' paths: manifests, work records, destination notes."""
_DEPTH = 3
"""The levels of a file's key below its table: column / partition / name."""


@dataclass(slots=True)
class ColumnFolder:
    """One column in one partition.

    Attributes:
        path: Its path below the catalog and below every destination: `photos/flipped/p1/`.
        manifests: Its manifests by number, lowest first.
        work: The work records of unfinished runs.
        notes: The keys of its destination notes.
    """

    path: str
    manifests: dict[int, StoredFile] = field(default_factory=dict[int, StoredFile])
    work: list[StoredFile] = field(default_factory=list[StoredFile])
    notes: list[str] = field(default_factory=list[str])

    @property
    def name(self) -> str:
        """The partition, as a path segment."""
        return self.path.split("/")[-2]

    def ledger(self, root: CatalogRoot) -> Ledger:
        """Returns the ledger of its manifests."""
        return Ledger(root.store, root.destination.key(self.path))


def list_tables(root: CatalogRoot) -> list[str]:
    """Lists the catalog once, and returns all tables in it."""
    manifests: dict[str, str] = {}
    for file in root.store.list(root.destination.prefix):
        path = file.key.removeprefix(root.destination.prefix)
        if path.startswith(_OTHERS):
            continue
        kept_aside = path.startswith((_WORK, _NOTES))
        path = path.removeprefix(_WORK).removeprefix(_NOTES)
        table, *rest = path.rsplit("/", _DEPTH)
        if len(rest) == _DEPTH:
            is_manifest = not kept_aside and rest[0] != UPLOADS
            manifests[table] = file.key if is_manifest else manifests.get(table, "")
    return sorted(names_of(root, key)[0] if key else table for table, key in manifests.items())


def list_columns(root: CatalogRoot, table: str) -> list[str]:
    """Returns all columns of a table in the catalog, committed or not."""
    found: set[str] = set()
    for kind in KINDS:
        found.update(root.store.folders(root.destination.key(kind + table_prefix(table))))
    return sorted(found - {UPLOADS})


def column_folders(root: CatalogRoot, table: str, column: str) -> list[ColumnFolder]:
    """Lists the catalog's files of one column by folder, sorted by path."""
    below = f"{table_prefix(table)}{column}/"
    folders: dict[str, ColumnFolder] = {}
    for kind in KINDS:
        for path, file in _files(root, kind, below):
            folder = folders.setdefault(path, ColumnFolder(path))
            number = file.key.rpartition("/")[2].removesuffix(".parquet")
            if kind == _WORK:
                folder.work.append(file)
            elif kind == _NOTES:
                folder.notes.append(file.key)
            elif number.isdigit():
                folder.manifests[int(number)] = file
    return [folders[path] for path in sorted(folders)]


def _files(root: CatalogRoot, kind: str, below: str) -> Iterator[tuple[str, StoredFile]]:
    """Yields the files of a column's folders, each with the path of its folder."""
    prefix = root.destination.key(kind)
    for file in root.store.list(prefix + below):
        path, _, _ = file.key.removeprefix(prefix).rpartition("/")
        # Deeper files belong to a table with a longer name.
        if "/" not in path.removeprefix(below):
            yield f"{path}/", file
