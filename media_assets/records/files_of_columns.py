"""Files that columns keep, told from all others by their names and what the catalog notes."""

from dataclasses import replace
from functools import cached_property
from itertools import islice

from media_assets.destinations import Destination, parse_fileurl
from media_assets.errors import StoredFileMissingError, UnsafeKeyError
from media_assets.file_keys import is_file_name
from media_assets.records.claims import digest_of
from media_assets.records.known_destinations import NotedDestinations, note_name
from media_assets.records.ledger import NOTES, PUBLISHED, CatalogRoot
from media_assets.records.publications import NAMES, publishing_folders

_MOST_LEVELS = 8
"""The most folders above a file that are looked up: those of its table, column and partition."""
_NOTES_READ = 1_000


class FilesOfColumns:
    """The files of all tables of a catalog, wherever code or run config sent them.

    Whoever writes notes the destination first, so a file is told from an upload before any manifest
    names it. A published copy has a claim.
    """

    def __init__(self, root: CatalogRoot) -> None:
        """Requests nothing yet."""
        self._root = root
        self._known: dict[tuple[Destination, str], bool] = {}
        self._claimed: dict[str, frozenset[str]] = {}

    def has(self, fileurl: str) -> bool:
        """Whether a column keeps a file; its folder's notes are looked up once."""
        if is_file_name(fileurl.rpartition("/")[2]):  # hardly any upload; nothing in it is encoded
            place, key = parse_fileurl(fileurl)
            folder = key.rpartition("/")[0]
            if (place, folder) not in self._known:
                self._known[place, folder] = self._is_kept_in(place, folder)
            if self._known[place, folder]:
                return True
        return any(
            fileurl.startswith(beginning) and digest_of(fileurl) in self._claims(folder)
            for folder, beginnings in self._published.items()
            for beginning in beginnings
        )

    def _is_kept_in(self, place: Destination, folder: str) -> bool:
        """Whether the last segments of a folder are a table, a column and a partition noted there.

        A table's name may have several segments.
        """
        segments = folder.split("/")
        for levels in range(3, min(len(segments), _MOST_LEVELS) + 1):
            above, own = segments[:-levels], segments[-levels:]
            destination = replace(place, prefix="".join(f"{each}/" for each in above))
            note = self._root.destination.key(NOTES, *own, note_name(destination))
            try:
                self._root.store.head(note)
            except (StoredFileMissingError, UnsafeKeyError):
                continue
            return True
        return False

    @cached_property
    def _published(self) -> dict[str, frozenset[str]]:
        """The addresses below which columns publish, by the folder of their claims."""
        return {folder: self._places(folder) for folder in publishing_folders(self._root)}

    def _places(self, column: str) -> frozenset[str]:
        notes = self._root.store.list(self._root.destination.key(NOTES, column))
        by_name = {file.key.rpartition("/")[2]: file.key for file in islice(notes, _NOTES_READ)}
        found = NotedDestinations(self._root.store).read(by_name.values())
        return frozenset(destination.uri for destination in found)

    def _claims(self, column: str) -> frozenset[str]:
        if column not in self._claimed:
            prefix = self._root.destination.key(PUBLISHED, column) + NAMES
            files = self._root.store.list(prefix)
            self._claimed[column] = frozenset(file.key.removeprefix(prefix) for file in files)
        return self._claimed[column]
