"""The probe of a destination: one small file is written, read and deleted below it."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace

from media_assets.destinations import Destination
from media_assets.errors import (
    FileExistsInStoreError,
    MediaAssetsError,
    NoExclusiveCreateError,
    StoreDeniedError,
    StoredFileRefusedError,
    StoreFaultError,
)
from media_assets.object_options import NONE, ObjectOptions
from media_assets.stores import Storage, Store, staging_name
from media_assets.threads import Threads

_CONTENT = b"Written by `media-assets check`, which deletes it at once.\n"
_ATTEMPTS = 3
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of probing a destination.

    Attributes:
        destination: The destination.
        seconds: How long it took.
        problem: Why it does not work; None if it does.
    """

    destination: Destination
    seconds: float
    problem: MediaAssetsError | None


def probe(
    destination: Destination,
    storage: Storage,
    *,
    is_catalog: bool = False,
    options: ObjectOptions = NONE,
) -> None:
    """Writes a small file below a destination, reads it back, and deletes it.

    Temporary faults are retried only a few times. The file is hidden from listings of folders, and
    its name is unique.

    Args:
        destination: The destination.
        storage: The credentials.
        is_catalog: Whether it is for a catalog, which needs a storage that lets exactly one of
            several writers create a file.
        options: How its objects are encrypted.

    Raises:
        MissingExtraError: The provider's packages are not installed.
        CredentialsMissingError: No credentials were found.
        CredentialsRefusedError: The key, secret or token is wrong.
        ServerUnknownError: The server of the bucket is unknown.
        BucketMissingError: The bucket does not exist.
        StoreDeniedError: Writing, reading or deleting is not allowed.
        WrongRegionError: The bucket is in another region.
        ClockSkewError: This machine's clock is wrong.
        StoreUnreachableError: The server does not answer.
        NoExclusiveCreateError: The storage cannot hold a catalog.
        StoreFaultError: The storage failed in another way.
    """
    store = _impatient(destination, storage, options)
    key = destination.key(staging_name())
    try:
        if is_catalog:
            _create_once(store, key)
        else:
            store.put(key, _CONTENT, content_type="text/plain")
        if store.get(key) != _CONTENT:
            raise StoreFaultError(
                store.fileurl(key),
                action="check",
                reason="it returned other bytes than were written",
            )
    except MediaAssetsError as error:
        with suppress(MediaAssetsError):
            store.delete([key])
        if isinstance(error, StoredFileRefusedError):  # what was just written there
            fileurl = store.fileurl(key)
            raise StoreDeniedError(fileurl, action="read", reason=error.reason) from error
        raise
    store.delete([key])


def probe_all(destinations: dict[Destination, bool], storage: Storage) -> dict[Destination, Probe]:
    """Probes several destinations in parallel; problems are part of the results.

    Args:
        destinations: Each destination, and whether it is for a catalog.
        storage: The credentials.
    """

    def one(destination: Destination) -> Probe:
        started = time.monotonic()
        problem = None
        try:
            probe(destination, storage, is_catalog=destinations[destination])
        except MediaAssetsError as error:
            problem = error
        return Probe(destination, time.monotonic() - started, problem)

    with Threads(_AT_ONCE) as pool:
        return dict(zip(destinations, pool.map(one, destinations), strict=True))


def _impatient(destination: Destination, storage: Storage, options: ObjectOptions) -> Store:
    """Returns the destination's store, with fewer retries than in a run."""
    settings = storage.settings(destination, options)
    if settings is None:
        return storage.open(destination)
    return replace(settings, max_attempts=_ATTEMPTS).open(destination.bucket_root)


def _create_once(store: Store, key: str) -> None:
    store.create(key, _CONTENT)
    try:
        store.create(key, b"")
    except FileExistsInStoreError:
        return
    raise NoExclusiveCreateError(store.fileurl(key))
