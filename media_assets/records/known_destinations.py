"""The destinations of a column's files, and those that were tried and work.

A destination is noted before the first file goes there. Manifests name the files in use; a killed
run leaves some that no manifest names, and old manifests are collected. The notes stay, so that
garbage is found wherever it is.
"""

from collections.abc import Iterable
from hashlib import sha256

from media_assets.destinations import Destination, parse_destination
from media_assets.errors import StoredFileMissingError
from media_assets.probe import probe
from media_assets.records.ledger import CatalogRoot
from media_assets.storage_sources import forget_notes
from media_assets.stores import Storage, Store

_DIGITS = 16


def check_once(root: CatalogRoot, destination: Destination, storage: Storage) -> None:
    """Tries a bucket unless it was seen to work before, by whoever has the same settings.

    A local folder is not tried: files are staged in it before any row's work.

    Raises:
        MissingExtraError: The provider's packages are not installed.
        ServerUnknownError: Nothing says on which server the bucket is.
        StoreFaultError: It cannot be written, read and deleted; the subclass says why.
    """
    settings = storage.settings(destination)
    if settings is None:
        return
    # Settings are written without their secrets.
    place = f"{destination.uri}\n{settings!r}"
    key = root.checked_key(sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS])
    try:
        root.store.head(key)
    except StoredFileMissingError:
        probe(destination, storage)
        root.store.put(key, destination.uri.encode("utf-8", "surrogateescape"))
        forget_notes(root.destination)


def note_destination(
    root: CatalogRoot, table: str, column: str, partition: str, destination: Destination
) -> None:
    """Notes that files of a column in a partition go to a destination; again changes nothing."""
    uri = destination.uri.encode("utf-8", "surrogateescape")
    name = sha256(uri).hexdigest()[:_DIGITS]
    root.store.put(f"{root.note_prefix(table, column, partition)}{name}", uri)


class NotedDestinations:
    """Reads notes; equal names hold equal destinations, so each destination is read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Destination] = {}

    def read(self, keys: Iterable[str]) -> list[Destination]:
        """Returns the destinations that these notes hold.

        Raises:
            StoredFileMissingError: There is no such note.
        """
        return [self._read(key) for key in keys]

    def _read(self, key: str) -> Destination:
        name = key.rpartition("/")[2]
        if name not in self._known:
            text = self._store.get(key).decode("utf-8", "surrogateescape")
            self._known[name] = parse_destination(text, source=f"the note {key!r}")
        return self._known[name]
