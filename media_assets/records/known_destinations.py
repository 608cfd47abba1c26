"""Notes of the destinations of a column's files, and of those that were probed and work.

A destination is noted before its first file. Killed runs and collected manifests leave files that
no manifest names; the notes stay, so that `gc` finds this garbage.
"""

from collections.abc import Iterable
from hashlib import sha256

from media_assets.destinations import Destination
from media_assets.errors import StoredFileMissingError
from media_assets.object_options import NONE, ObjectOptions
from media_assets.probe import probe
from media_assets.records.ledger import CatalogRoot
from media_assets.storage_sources import forget_notes, note_name, read_note
from media_assets.stores import Storage, Store

_DIGITS = 16


def check_once(
    root: CatalogRoot, destination: Destination, storage: Storage, options: ObjectOptions = NONE
) -> None:
    """Probes a bucket unless it has worked before with the same settings.

    A local folder is not probed: files are staged in it before the work on any row.

    Raises:
        MissingExtraError: The provider's packages are not installed.
        ServerUnknownError: The server of the bucket is unknown.
        StoreFaultError: It cannot be written, read and deleted; the subclass says why.
    """
    settings = storage.settings(destination, options)
    if settings is None:
        return
    # The representation of settings has no secrets.
    place = f"{destination.uri}\n{settings!r}"
    key = root.checked_key(sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS])
    try:
        root.store.head(key)
    except StoredFileMissingError:
        probe(destination, storage, options=options)
        root.store.put(key, destination.uri.encode("utf-8", "surrogateescape"))
        forget_notes(root.destination)


def note_destination(
    root: CatalogRoot, table: str, column: str, partition: str, destination: Destination
) -> None:
    """Notes a destination of a column in a partition; a repeated note changes nothing."""
    key = root.note_prefix(table, column, partition) + note_name(destination)
    root.store.put(key, destination.uri.encode("utf-8", "surrogateescape"))


class NotedDestinations:
    """Reads notes; equal names mean equal destinations, so each is read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Destination] = {}

    def read(self, keys: Iterable[str]) -> list[Destination]:
        """Returns the destinations in notes.

        Raises:
            DamagedRecordError: A note is damaged.
            StoredFileMissingError: A note does not exist.
        """
        return [self._read(key) for key in keys]

    def _read(self, key: str) -> Destination:
        name = key.rpartition("/")[2]
        if name not in self._known:
            self._known[name] = read_note(self._store, key)
        return self._known[name]
