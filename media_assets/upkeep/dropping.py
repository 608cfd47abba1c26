"""Drop of a table or a column, with everything that was ever written for it."""

from collections.abc import Iterator, Sequence

from media_assets.errors import UnknownNameError
from media_assets.file_keys import column_prefix
from media_assets.records.column_folders import (
    ColumnFolder,
    column_folders,
    list_columns,
    list_tables,
)
from media_assets.records.ledger import UPLOADS, CatalogRoot
from media_assets.records.merged import list_merged
from media_assets.records.publications import publishing_columns
from media_assets.records.stale_marks import clear_mark
from media_assets.records.written_files import LocatedFile, WrittenFiles
from media_assets.stores import Storage
from media_assets.upkeep.collection import remove
from media_assets.upkeep.garbage import FolderGarbage, Garbage
from media_assets.upkeep.published import all_published
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.uploads.stored_table import StoredTable

_WHY = "its column is dropped"


class Drop:
    """Everything written for some columns of a table, or for a whole table with its upload log.

    Uploads that stay in place are kept, even those that are our own files uploaded to another
    table.
    """

    def __init__(
        self, root: CatalogRoot, storage: Storage, table: str, columns: Sequence[str] | None
    ) -> None:
        """Checks the columns; nothing is changed yet.

        Raises:
            UnknownNameError: The catalog has nothing of such a column.
        """
        self._root, self._storage, self._table = root, storage, table
        known = list_columns(root, table)
        for name in columns or ():
            if name not in known:
                where = f"in the catalog of table {table!r}"
                raise UnknownNameError(kind="column", name=name, known=known, where=where)
        # The log is deleted last: until then it shows that something is left to drop.
        self._columns = [*known, UPLOADS] if columns is None else list(columns)
        self._written = WrittenFiles(root, storage)
        self._in_place = files_uploaded_in_place(root, storage)

    def find(self) -> Iterator[FolderGarbage]:
        """Yields what will be deleted, folder by folder.

        Raises:
            StoreFaultError: A destination cannot be reached.
        """
        publishing = {*publishing_columns(self._root, self._table)}
        for column in self._columns:
            if column in publishing:
                yield all_published(self._root, self._storage, self._table, column)
            merged = FolderGarbage(ColumnFolder(column_prefix(self._table, column)))
            files = list_merged(self._root, self._table, column)
            merged.manifests = [
                Garbage(LocatedFile(self._root.store, file), _WHY) for file in files
            ]
            yield merged
            for folder in column_folders(self._root, self._table, column):
                store = self._root.store
                found = FolderGarbage(folder)
                kept = [LocatedFile(store, file) for _, file in sorted(folder.manifests.items())]
                found.manifests = [Garbage(located, _WHY) for located in kept]
                found.work = [Garbage(LocatedFile(store, file), _WHY) for file in folder.work]
                found.files = [
                    Garbage(located, _WHY)
                    for located in self._written.of(folder)
                    if not self._in_place.has(located)
                ]
                found.staged = [
                    Garbage(located, _WHY) for located in self._written.list_staged(folder)
                ]
                yield found

    def run(self) -> Iterator[Garbage]:
        """Deletes everything, and yields each file after its deletion; run it again to resume."""
        if UPLOADS in self._columns:
            clear_mark(self._root, self._table)
        for found in self.find():
            yield from remove(found.all)
            self._root.store.delete(found.folder.notes)


def derived_tables(root: CatalogRoot, table: str) -> list[str]:
    """Returns the tables of a catalog that are derived from a table, each before its parent."""
    found: list[str] = []
    for name in list_tables(root):
        if name.startswith(f"{table}/") and StoredTable(root, name).log.parent == table:
            found += [*derived_tables(root, name), name]
    return found
