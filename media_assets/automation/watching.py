"""A tick with nothing to do watches a local folder of uploads, so that a new file is seen at once.

Otherwise a file waits for the daemon, which evaluates sensors every five seconds, and each of these
ticks opens the Dagster instance again.
"""

import hashlib
from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic

import dagster as dg

from media_assets.automation.uploads_scan import clock
from media_assets.installation import Installation
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import uploads_location
from media_assets.uploads.listing import Listing
from media_assets.uploads.stored_table import StoredTable

WATCH_SECONDS = 12.0
"""How long a tick watches. A deployment that is stopped waits for it."""

LOOK_SECONDS = 1.0

_LEAST_REST = 30
"""How many times longer than a look the rest after it is: a large folder is seldom listed."""

_WATCHES = BoundedSemaphore(2)
"""Each watch keeps one of the few threads of the code server."""


def may_watch(instance: dg.DagsterInstance) -> bool:
    """Whether the daemon evaluates sensors side by side: otherwise a watch would hold up others."""
    return bool(instance.get_sensor_settings().get("use_threads"))


def is_local(installation: Installation, table: MediaTable) -> bool:
    """Whether looks at a table's uploads and at its log are no requests to a storage."""
    places = (uploads_location(installation, table), installation.catalog.destination)
    return all(place.path is not None for place in places)


def state_of(listing: Listing, stored: StoredTable) -> str:
    """Returns a text that changes with any of the uploads, and with the upload log."""
    digest = hashlib.sha256(str(stored.refresh().entry).encode())
    for file in listing.files():
        seen = f"\n{file.upload.uri} {file.upload.size_bytes} {file.upload.version}"
        digest.update(seen.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def watch(state: Callable[[], str], before: str, *, pause: Callable[[float], None]) -> bool:
    """Looks again and again until the state is another one than before, or the time is over.

    Returns:
        Whether the state changed. False at once if enough other watches are under way.
    """
    if not _WATCHES.acquire(blocking=False):
        return False
    try:
        has_time, rest = clock(WATCH_SECONDS), LOOK_SECONDS
        while has_time() and rest < WATCH_SECONDS:
            pause(rest)
            started = monotonic()
            if state() != before:
                return True
            rest = max(LOOK_SECONDS, _LEAST_REST * (monotonic() - started))
        return False
    finally:
        _WATCHES.release()
