"""Listings of a bucket that break off nowhere: neither at a lost answer nor at an odd key."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import obstore
import obstore.store

from media_assets.destinations import Destination
from media_assets.errors import StoreUnreachableError, UnsafeKeyError
from media_assets.stores.object_keys import is_object_key
from media_assets.stores.obstore_errors import object_faults
from media_assets.stores.own_client import OwnClient
from media_assets.stores.protocol import StoredFile
from media_assets.stores.retry import Retry, retry_request

if TYPE_CHECKING:
    from obstore import ObjectMeta

_KEYS_PER_REQUEST = 1000


def list_folder(
    client: obstore.store.ObjectStore, folder: str, after: str
) -> "Iterator[ObjectMeta]":
    """Yields the objects below a folder by obstore, sorted by code point or as the storage sorts.

    Args:
        client: The bucket.
        folder: A key without trailing slash; empty for the whole bucket.
        after: Keys that are not greater than this may be left out.
    """
    chunks = obstore.list(
        client,
        folder or None,
        offset=after if is_object_key(after) else None,
        chunk_size=_KEYS_PER_REQUEST,
    )
    return (meta for chunk in chunks for meta in chunk)


def stored_file(meta: "ObjectMeta") -> StoredFile:
    """Returns what obstore knows of an object."""
    # Azure quotes an etag in answers to HEAD, and does not in listings.
    etag = meta["e_tag"]
    return StoredFile(
        meta["path"], meta["size"], meta["last_modified"], etag.strip('"') if etag else None
    )


class ObjectListing:
    """The objects of one bucket.

    A key that obstore cannot express ends its listing; the provider's own client takes over.
    """

    def __init__(
        self,
        root: Destination,
        client: obstore.store.ObjectStore,
        own: OwnClient | None,
        list_folder: Callable[[str, str], "Iterator[ObjectMeta]"],
    ) -> None:
        """Takes a bucket, and how its storage lists a folder; see the function `list_folder`.

        Args:
            root: The bucket.
            client: The client of obstore.
            own: The provider's own client, if it has one.
            list_folder: Lists a folder after a key, sorted by code point.
        """
        self._root, self._client, self._own = root, client, own
        self._list_folder = list_folder

    def files(self, prefix: str, *, start_after: str) -> Iterator[StoredFile]:
        """Lists a folder of the storage, and selects the keys that begin with the prefix.

        The storage skips most keys before the prefix; those after it are not requested.
        """
        folder, _, partial = prefix.rpartition("/")
        if folder and not is_object_key(folder):
            return
        offset = max(start_after, prefix[:-1]) if partial else start_after
        for file in self._below(folder, offset):
            if file.key > prefix and not file.key.startswith(prefix):
                return
            if file.key > start_after and file.key.startswith(prefix):
                yield file

    def folders(self, prefix: str) -> Sequence[str]:
        """Returns the names of the folders right below a prefix; see `Store.folders`."""
        folder = prefix.removesuffix("/")
        if folder and not is_object_key(folder):
            return ()

        def look() -> Sequence[str]:
            with object_faults(self._root.fileurl(prefix), action="list"):
                found = obstore.list_with_delimiter(self._client, folder or None)
            return sorted(path.rpartition("/")[2] for path in found["common_prefixes"])

        try:
            return retry_request(look)
        except UnsafeKeyError:
            below = (file.key[len(prefix) :] for file in self._below_by_own_client(folder, ""))
            return sorted({key.partition("/")[0] for key in below if "/" in key})

    def _below(self, folder: str, after: str) -> Iterator[StoredFile]:
        """Yields the objects below a folder, resuming a listing that breaks off."""
        retry = Retry.of_request()
        while True:
            try:
                with object_faults(self._root.fileurl(folder), action="list"):
                    for meta in self._list_folder(folder, after):
                        if meta["path"] > after:
                            after = meta["path"]
                            yield stored_file(meta)
            except UnsafeKeyError:
                yield from self._below_by_own_client(folder, after)
                return
            except StoreUnreachableError as error:
                retry.wait_after(error)
            else:
                return

    def _below_by_own_client(self, folder: str, after: str) -> Iterator[StoredFile]:
        """Yields the objects below a folder, without the keys that obstore cannot express."""
        prefix = f"{folder}/" if folder else ""
        found = self._own.files(prefix, after=after) if self._own else iter(())
        return (file for file in found if is_object_key(file.key))
