"""To which destinations the files of a column ever went, noted before the first one goes there.

Manifests name files that stand; a run that was killed before its commit left some that no manifest
names, and old manifests are collected. The notes stay, so that garbage is found wherever it is.
"""

from collections.abc import Iterable
from hashlib import sha256

from media_assets.destinations import Destination, parse_destination
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import Store

_DIGITS = 16


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
        """Takes the catalog's store; nothing is read yet."""
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
