"""Storage sources: http(s) addresses that are read with the keys of a storage.

`s3://` and the other storage schemes always mean storage. Anyone can type an http(s) address, so it
is storage only below a prefix in the code, the settings or the catalog.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic

from media_assets.destinations import Destination, parse_destination
from media_assets.errors import DamagedRecordError, StoredFileMissingError
from media_assets.stores import Storage, Store

CHECKED, SOURCES = "_checked", "_sources"
"""Folders of the catalog: destinations that work, and storage that tables read."""
_DIGITS = 16
_LISTED_AGAIN_AFTER = 5.0
"""Seconds before the notes are listed again for an address that they do not cover."""


@dataclass(frozen=True, slots=True)
class StorageSources:
    """The prefixes below which an http(s) address is storage; a picklable value.

    Attributes:
        named: The prefixes of the settings and of a table.
        catalog: The catalog's root, whose notes have more prefixes; None to use no catalog.
    """

    named: tuple[Destination, ...] = ()
    catalog: Destination | None = None

    def cover(self, root: Destination, key: str, storage: Storage) -> bool:
        """Returns whether a key of a bucket is below one of the prefixes.

        Args:
            root: The bucket as written in the address.
            key: The key, or a prefix with a trailing slash.
            storage: The credentials, to read the catalog's notes.

        Raises:
            StoreFaultError: The catalog's storage fails.
        """
        if any(segment in ("", ".", "..") for segment in key.removesuffix("/").split("/")):
            return False
        if _is_below(self.named, root, key):
            return True
        if self.catalog is None:
            return False
        return _is_below(_read_notes(self.catalog, storage, known=(root, key)), root, key)

    def resolve(self, storage: Storage) -> "StorageSources":
        """Returns all prefixes without the catalog, for machines without access to it."""
        if self.catalog is None:
            return self
        return StorageSources((*self.named, *sorted(_read(self.catalog, storage), key=str)))


def note_sources(store: Store, catalog: Destination, prefixes: Iterable[Destination]) -> None:
    """Notes in the catalog that prefixes are storage, for readers without their table.

    Only prefixes written as http(s) addresses need a note.
    """
    for prefix in prefixes:
        if prefix.endpoint is None:
            continue
        key = catalog.key(SOURCES, note_name(prefix))
        try:
            store.head(key)
        except StoredFileMissingError:
            store.put(key, prefix.uri.encode("utf-8", "surrogateescape"))
            forget_notes(catalog)


def note_name(destination: Destination) -> str:
    """Returns the name of a note of a destination, which is a digest of what it says."""
    return _digest(destination.uri.encode("utf-8", "surrogateescape"))


def read_note(store: Store, key: str) -> Destination:
    """Returns the destination in a note that has such a name.

    Raises:
        DamagedRecordError: The note is damaged.
    """
    said = store.get(key)
    if _digest(said) != key.rpartition("/")[2]:
        raise DamagedRecordError(key)
    return parse_destination(said.decode("utf-8", "surrogateescape"), source=f"the note {key!r}")


def forget_notes(catalog: Destination) -> None:
    """Forgets the known notes of a catalog after one was added."""
    with _lock:
        _listed.pop(catalog, None)


_lock = Lock()
_listed: dict[Destination, tuple[float, frozenset[Destination]]] = {}
"""The notes found in each catalog, and when."""


def _read_notes(
    catalog: Destination, storage: Storage, *, known: tuple[Destination, str]
) -> frozenset[Destination]:
    """Returns the noted prefixes; lists them again after a while, unless one covers the key."""
    with _lock:
        found = _listed.get(catalog)
    if found is not None:
        listed_at, prefixes = found
        if monotonic() - listed_at < _LISTED_AGAIN_AFTER or _is_below(prefixes, *known):
            return prefixes
    return _read(catalog, storage)


def _read(catalog: Destination, storage: Storage) -> frozenset[Destination]:
    started, store = monotonic(), storage.open(catalog)
    checked = (file.key for file in store.list(catalog.key(CHECKED, "")))
    texts = ((key, store.get(key).decode("utf-8", "surrogateescape")) for key in checked)
    works = {parse_destination(text, source=f"the note {key!r}") for key, text in texts}
    sources = store.list(catalog.key(SOURCES, ""))
    prefixes = frozenset(works.union(read_note(store, file.key) for file in sources))
    with _lock:
        _listed[catalog] = (started, prefixes)
    return prefixes


def _is_below(prefixes: Iterable[Destination], root: Destination, key: str) -> bool:
    return any(one.bucket_root == root and key.startswith(one.prefix) for one in prefixes)


def _digest(said: bytes) -> str:
    return sha256(said).hexdigest()[:_DIGITS]
