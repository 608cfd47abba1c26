"""Sources that are one file each: local paths, web addresses and stored objects."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from media_assets.addresses import is_web_address
from media_assets.concurrency import map_concurrently
from media_assets.destinations import Destination, parse_fileurl
from media_assets.errors import (
    MediaAssetsError,
    SourceError,
    StoreDeniedError,
    StoredFileMissingError,
    StoredFileRefusedError,
)
from media_assets.reading import Reader
from media_assets.stores import Store, StoredFile
from media_assets.uploads.folders import Found
from media_assets.uploads.identity import UNKNOWN_SIZE, bound_size, bound_version
from media_assets.uploads.listing import open_listing
from media_assets.uploads.local_files import file_upload
from media_assets.uploads.upload import Upload

ADDRESSES_AT_ONCE = 32
_NOT_REACHED = "not reached"
"""The version of a source that gave nothing when it was recorded: any other one is newer."""
_OF_ONE_SOURCE = (SourceError, StoredFileMissingError, StoredFileRefusedError)


def single_source(given: str, reader: Reader) -> Upload:
    """Returns the file behind an address, as a row of its own name.

    Raises:
        SourceError: The web gives no file.
        StoredFileMissingError: There is no such object.
        StoreFaultError: Its storage fails.
    """
    if reader.is_web(given):
        return _on_the_web(given, reader)
    root, key = parse_fileurl(given)
    if root.path is not None:
        path = root.path / key
        return file_upload(path, path.name)
    return as_named(given, _object(root, key, reader))


def unread_source(given: str) -> Upload:
    """Returns what an address alone tells of a file, which may not exist."""
    name = PurePosixPath(unquote(urlsplit(given).path)).name or urlsplit(given).netloc
    return Upload(name, given, UNKNOWN_SIZE, _NOT_REACHED)


def reach(given: str, reader: Reader) -> Upload | MediaAssetsError:
    """Returns the file behind an address, or the error that is this one address's own.

    Raises:
        StoreFaultError: Its storage fails.
    """
    try:
        return single_source(given, reader)
    except _OF_ONE_SOURCE as error:
        return error


def reach_all(given: Sequence[str], reader: Reader) -> list[Found]:
    """Returns the files behind addresses, asked many at once; also of those that give nothing now.

    Raises:
        SourceError: None of them gives anything.
        StoreFaultError: A storage fails.
    """
    found = list(map_concurrently(partial(reach, reader=reader), given, at_once=ADDRESSES_AT_ONCE))
    errors = [one for one in found if not isinstance(one, Upload)]
    if errors and len(errors) == len(found):
        raise errors[0]
    return [
        Found((one if isinstance(one, Upload) else unread_source(address),))
        for address, one in zip(given, found, strict=True)
    ]


def _on_the_web(url: str, reader: Reader) -> Upload:
    facts = reader.head(url)
    row = unread_source(url).row
    # Without a version, the file may have changed: it is fetched again each time.
    version = facts.version or f"seen {datetime.now(UTC).isoformat()}"
    return Upload(row, url, bound_size(facts.size_bytes), version)


def _object(root: Destination, key: str, reader: Reader) -> Upload:
    """Returns one stored object just as a listing has it, so that a scan sees no change."""
    name = PurePosixPath(key).name
    if root.provider == "azure":
        # Only a listing has the MD5 of a blob, which identifies a copied one.
        with suppress(StoreDeniedError):
            listing = open_listing(replace(root, prefix=key), reader.storage, user="an insert")
            for file in listing.files():
                if not file.upload.row:  # the key is all of the prefix
                    return replace(file.upload, row=name)
    store = reader.storage.open(root)
    return _stored_upload(store, store.head(key), name)


def _stored_upload(store: Store, file: StoredFile, row: str) -> Upload:
    version = f'"{file.etag}"' if file.etag else file.modified_at.isoformat()
    size_bytes = bound_size(file.size_bytes)
    return Upload(row, store.fileurl(file.key), size_bytes, bound_version(version))


def as_named(given: str, upload: Upload) -> Upload:
    """Returns a stored file with a storage scheme, if it was named with one.

    An https address might be on the web.
    """
    if is_web_address(given) or not is_web_address(upload.uri):
        return upload
    root, key = parse_fileurl(upload.uri)
    return replace(upload, uri=root.storage_url(key))
