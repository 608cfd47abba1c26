"""Listings of a bucket that break off nowhere: neither at a lost answer nor at an odd key.

A key that obstore cannot express ends its listing; the provider's own client takes over.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import obstore

from media_assets.errors import StoreUnreachableError, UnsafeKeyError
from media_assets.stores.object_keys import is_object_key
from media_assets.stores.obstore_errors import object_faults
from media_assets.stores.protocol import StoredFile
from media_assets.stores.retry import Retry, retry_request

if TYPE_CHECKING:
    from obstore import ObjectMeta

    from media_assets.stores.objects import ObjectStore

    Bucket = ObjectStore[Any]


def list_files(bucket: "Bucket", prefix: str, *, start_after: str) -> Iterator[StoredFile]:
    """Lists a folder of the storage, and selects the keys that begin with the prefix.

    The storage skips most keys before the prefix; those after it are not requested.
    """
    folder, _, partial = prefix.rpartition("/")
    if folder and not is_object_key(folder):
        return
    offset = max(start_after, prefix[:-1]) if partial else start_after
    for file in _list_below(bucket, folder, offset):
        if file.key > prefix and not file.key.startswith(prefix):
            return
        if file.key > start_after and file.key.startswith(prefix):
            yield file


def list_folders(bucket: "Bucket", prefix: str) -> Sequence[str]:
    """Returns the names of the folders directly below a prefix; see `Store.folders`."""
    folder = prefix.removesuffix("/")
    if folder and not is_object_key(folder):
        return ()

    def look() -> Sequence[str]:
        with object_faults(bucket.fileurl(prefix), action="list"):
            found = obstore.list_with_delimiter(bucket.client, folder or None)
        return sorted(path.rpartition("/")[2] for path in found["common_prefixes"])

    try:
        return retry_request(look)
    except UnsafeKeyError:
        below = (file.key[len(prefix) :] for file in _list_by_own_client(bucket, folder, ""))
        return sorted({key.partition("/")[0] for key in below if "/" in key})


def stored_file(meta: "ObjectMeta") -> StoredFile:
    """Returns what obstore knows of an object."""
    # Azure quotes an etag in answers to HEAD, and does not in listings.
    etag = meta["e_tag"]
    return StoredFile(
        meta["path"], meta["size"], meta["last_modified"], etag.strip('"') if etag else None
    )


def _list_below(bucket: "Bucket", folder: str, after: str) -> Iterator[StoredFile]:
    """Yields the objects below a folder, resuming a listing that breaks off."""
    retry = Retry.of_request()
    while True:
        try:
            with object_faults(bucket.fileurl(folder), action="list"):
                for meta in bucket.list_folder(folder, after=after):
                    if meta["path"] > after:
                        after = meta["path"]
                        yield stored_file(meta)
        except UnsafeKeyError:
            yield from _list_by_own_client(bucket, folder, after)
            return
        except StoreUnreachableError as error:
            retry.wait_after(error)
        else:
            return


def _list_by_own_client(bucket: "Bucket", folder: str, after: str) -> Iterator[StoredFile]:
    """Yields the objects below a folder, without the keys that obstore cannot express."""
    prefix = f"{folder}/" if folder else ""
    found = bucket.own.files(prefix, after=after) if bucket.own else iter(())
    return (file for file in found if is_object_key(file.key))
