"""Files that a record or an upload refers to, however the name is spelled."""

from collections.abc import Iterable

from media_assets.errors import FileurlError, StoredFileMissingError
from media_assets.records.column_folders import list_tables
from media_assets.records.ledger import CatalogRoot
from media_assets.records.written_files import LocatedFile
from media_assets.stores import Storage, StoredFile
from media_assets.upkeep.branches import Branches
from media_assets.uploads.stored_table import StoredTable

_UPLOADS_NAMED_LIKE_OURS = r"""
    select distinct uri from log
    where action = 'upload' and regexp_matches(uri, '-[0-9a-f]{16}\.[0-9A-Za-z]+$')
"""


class ReferencedFiles:
    """A set of fileurls that compares files, not spellings.

    A folder may be reached through a link, and a bucket by two addresses, so a file under another
    fileurl is looked up before it counts as a different file.
    """

    def __init__(self, storage: Storage, fileurls: Iterable[str]) -> None:
        self._storage = storage
        self._fileurls = set(fileurls)
        self._by_name: dict[str, list[str]] = {}
        for fileurl in self._fileurls:
            self._by_name.setdefault(fileurl.rpartition("/")[2], []).append(fileurl)
        self._is_same_place: dict[tuple[str, str], bool] = {}

    def has(self, located: LocatedFile) -> bool:
        """Whether a file is one of these."""
        if located.fileurl in self._fileurls:
            return True
        others = self._by_name.get(located.name, ())
        return any(self._is_same(located, fileurl) for fileurl in others)

    def _is_same(self, located: LocatedFile, fileurl: str) -> bool:
        """Whether two fileurls with the same last name are one file; one look-up per folder."""
        places = (located.fileurl.rpartition("/")[0], fileurl.rpartition("/")[0])
        if places not in self._is_same_place:
            other = self._could_be(located, fileurl)
            this = located.store.head(located.file.key)
            self._is_same_place[places] = other is not None and _facts(other) == _facts(this)
        return self._is_same_place[places]

    def _could_be(self, located: LocatedFile, fileurl: str) -> StoredFile | None:
        """Looks up a file that may be the same one; in object storage it has the same key."""
        try:
            store, key = self._storage.store_of(fileurl)
            is_linked = store.path(key) is not None
            return store.head(key) if is_linked or key == located.file.key else None
        except (FileurlError, StoredFileMissingError):
            return None


def files_uploaded_in_place(root: CatalogRoot, storage: Storage) -> ReferencedFiles:
    """Returns files with names of our own that were uploaded in place, to any table or branch."""
    found: set[str] = set()
    for each in (root, *Branches.of(root).roots):
        for table in list_tables(each):
            log = StoredTable(each, table).log
            found.update(row[0] for row in log.query(_UPLOADS_NAMED_LIKE_OURS))
    return ReferencedFiles(storage, found)


def _facts(file: StoredFile) -> tuple[object, ...]:
    return file.size_bytes, file.modified_at, file.etag
