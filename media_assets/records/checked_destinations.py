"""Which destinations were seen to work: the first run into one tries it before any row's work.

The catalog remembers it, so that later runs send nothing there but their files.
"""

from hashlib import sha256

from media_assets.destinations import Destination
from media_assets.errors import StoredFileMissingError
from media_assets.probe import probe
from media_assets.records.ledger import CatalogRoot
from media_assets.storage_sources import forget_notes
from media_assets.stores import Storage

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
