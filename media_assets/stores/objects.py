"""The common part of all object stores, over obstore's synchronous functions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import md5
from itertools import count, islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

import obstore
import obstore.store

from media_assets.destinations import Destination
from media_assets.errors import (
    FileExistsInStoreError,
    NotSignableError,
    StoredFileMissingError,
    StoreUnreachableError,
)
from media_assets.stores.object_keys import check_object_key, check_readable_key, is_object_key
from media_assets.stores.object_listing import list_files, list_folders, stored_file
from media_assets.stores.obstore_errors import Answer, object_faults
from media_assets.stores.os_errors import local_faults
from media_assets.stores.own_client import OwnClient
from media_assets.stores.protocol import CHUNK_BYTES, Attributes, StoredFile
from media_assets.stores.retry import retry_request
from media_assets.stores.transport import PART_BYTES, SINGLE_REQUEST_BYTES

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta

Client = TypeVar("Client", bound=obstore.store.ObjectStore)

_KEYS_PER_REQUEST = 1000


class ObjectStore(Generic[Client]):
    """A bucket that obstore can talk to. Each provider's store is a subclass, which adds `sign`.

    Attributes:
        own: The provider's own client, for keys that obstore cannot express.
    """

    def __init__(
        self, root: Destination, connect: Callable[[], Client], own: OwnClient | None = None
    ) -> None:
        """Takes the bucket, and what makes its obstore client at the first use."""
        self.own = own
        self._root, self._connect = root, connect
        self._lock = Lock()
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The obstore client for the bucket, made once."""
        if self._client is None:
            with self._lock:
                self._client = self._client or self._connect()
        return self._client

    def fileurl(self, key: str) -> str:
        return self._root.fileurl(key)

    def put(self, key: str, data: bytes, *, content_type: str | None = None) -> None:
        check_object_key(key)
        self._write(key, data, len(data), content_type)

    def put_file(
        self,
        key: str,
        staged: Path,
        *,
        content_type: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Uploads the file, in parts if it is large, and then deletes it."""
        check_object_key(key)
        if not staged.is_file():
            raise StoredFileMissingError(staged.absolute().as_uri())
        self._write(key, staged, staged.stat().st_size, content_type, attributes)
        with local_faults(staged.absolute().as_uri(), action="remove"):
            staged.unlink()

    def staging_folder(self, key_prefix: str) -> Path | None:
        """Returns None: any local folder will do."""
        del key_prefix

    def create(self, key: str, data: bytes) -> None:
        """Creates an object; the storage itself decides which caller was first.

        If the reply is lost, the object is read to find out whether it is this caller's.
        """
        check_object_key(key)
        attempts = count(1)

        def create() -> str | None:
            attempt = next(attempts)
            try:
                with object_faults(self.fileurl(key), action="create"):
                    made = obstore.put(self.client, key, data, mode="create", use_multipart=False)
            except FileExistsInStoreError:
                if attempt == 1 or self.get(key) != data:
                    raise
                return None
            return made["e_tag"]

        etag = retry_request(create)
        if etag is not None and not self.has_received(key, data, etag):
            self.put(key, data)

    def get(self, key: str) -> bytes:
        if (own := self._own_client_for(key)) is not None:
            return b"".join(own.stream(key, CHUNK_BYTES))

        def get() -> bytes:
            with object_faults(self.fileurl(key), action="read"):
                return obstore.get(self.client, key).bytes().to_bytes()

        return retry_request(get)

    def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        if (own := self._own_client_for(key)) is not None:
            yield from own.stream(key, chunk_bytes)
            return

        def get() -> "GetResult":
            with object_faults(self.fileurl(key), action="read"):
                return obstore.get(self.client, key)

        got = retry_request(get)
        with object_faults(self.fileurl(key), action="read"):
            for received in got.stream(min_chunk_size=chunk_bytes):
                view = memoryview(received)
                for start in range(0, len(view), chunk_bytes):
                    yield bytes(view[start : start + chunk_bytes])

    def download(self, key: str, target: Path) -> None:
        with local_faults(target.absolute().as_uri(), action="write"), target.open("wb") as file:
            for chunk in self.stream(key):
                file.write(chunk)

    def head(self, key: str) -> StoredFile:
        if (own := self._own_client_for(key)) is not None:
            return own.head(key)

        def head() -> StoredFile:
            with object_faults(self.fileurl(key), action="read"):
                return stored_file(obstore.head(self.client, key))

        return retry_request(head)

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        return list_files(self, prefix, start_after=start_after)

    def folders(self, prefix: str) -> Sequence[str]:
        return list_folders(self, prefix)

    def list_folder(self, folder: str, *, after: str) -> "Iterator[ObjectMeta]":
        """Yields the objects below a folder, sorted by code point.

        Args:
            folder: A key without trailing slash; empty for the whole bucket.
            after: Keys that are not greater than this may be left out.
        """
        chunks = obstore.list(
            self.client,
            folder or None,
            offset=after if is_object_key(after) else None,
            chunk_size=_KEYS_PER_REQUEST,
        )
        return (meta for chunk in chunks for meta in chunk)

    def list_staged(self, prefix: str = "") -> Iterator[StoredFile]:
        """Yields nothing: object storage has no staging files."""
        del prefix
        return iter(())

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes up to 1,000 keys per request."""
        remaining = iter(keys)
        while batch := list(islice(remaining, _KEYS_PER_REQUEST)):
            self._delete_batch(batch)

    def copy(
        self,
        source_key: str,
        target_key: str,
        *,
        content_type: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Copies within the storage, without passing bytes through this machine."""
        check_object_key(source_key)
        check_object_key(target_key)

        def copy() -> None:
            if attributes is not None:
                self.copy_with(source_key, target_key, content_type, attributes)
                return
            with object_faults(self.fileurl(source_key), action="copy"):
                obstore.copy(self.client, source_key, target_key)

        retry_request(copy)

    def copy_with(
        self, source_key: str, target_key: str, content_type: str | None, attributes: Attributes
    ) -> None:
        """Copies a file with attributes of its own; a provider's store lets the storage do it."""
        data = self.get(source_key)
        self._write(target_key, data, len(data), content_type, attributes)

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Raises an error, unless a provider's store overrides it."""
        del expires_in
        raise NotSignableError(self.fileurl(key))

    def path(self, key: str) -> Path | None:
        """Returns None: an object is not a local file."""
        self._own_client_for(key)

    def _own_client_for(self, key: str) -> OwnClient | None:
        """Returns the client for a key that obstore cannot express; None for all other keys.

        Raises:
            UnsafeKeyError: The provider's own client cannot read it either.
        """
        own = None if is_object_key(key) else self.own
        if own is None:
            check_object_key(key)
        else:
            check_readable_key(key, has_dots=own.takes_dots)
        return own

    def _write(
        self,
        key: str,
        data: bytes | Path,
        size_bytes: int,
        content_type: str | None,
        attributes: Attributes | None = None,
    ) -> None:
        """Sends a file until the storage confirms these exact bytes."""
        kept = {**(attributes or {}), **({"Content-Type": content_type} if content_type else {})}

        def write() -> None:
            with object_faults(self.fileurl(key), action="write"):
                etag = _put(self.client, key, data, size_bytes, kept)
            if not self.has_received(key, data, etag):
                raise StoreUnreachableError(
                    self.fileurl(key),
                    action="write",
                    reason="it received other bytes than were sent",
                )

        retry_request(write)

    def has_received(self, key: str, data: bytes | Path, etag: str | None) -> bool:
        """Returns whether the storage received what was sent, if nothing else guarantees it.

        Args:
            key: The object.
            data: What was sent, or the file that holds it.
            etag: The etag that the storage returned.
        """
        del key, data, etag
        return True

    def holds(self, key: str, sent_md5: str) -> bool:
        """Returns whether the object has this MD5, by reading it."""
        there = md5(usedforsecurity=False)
        for chunk in self.stream(key):
            there.update(chunk)
        return there.hexdigest() == sent_md5

    def _delete_batch(self, keys: Sequence[str]) -> None:
        for key in keys:
            check_object_key(key)

        def delete() -> None:
            with object_faults(self.fileurl(keys[0]), action="delete"):
                try:
                    obstore.delete(self.client, keys)
                except FileNotFoundError as error:
                    if Answer.of(error).fault is not None:
                        raise
                    # Some providers stop at a missing key; the other keys must still be deleted.
                    for key in keys:
                        self._delete_one(key)

        retry_request(delete)

    def _delete_one(self, key: str) -> None:
        try:
            obstore.delete(self.client, key)
        except FileNotFoundError:
            return


def content_md5(data: bytes | Path) -> str:
    """Returns the MD5 of bytes or of a file, in hex, which storages use to detect damage."""
    digest = md5(usedforsecurity=False)
    digest.update(data if isinstance(data, bytes) else data.read_bytes())
    return digest.hexdigest()


def _put(
    client: obstore.store.ObjectStore,
    key: str,
    data: bytes | Path,
    size_bytes: int,
    attributes: dict[str, str],
) -> str | None:
    """Sends a file, and returns its etag."""
    result = obstore.put(
        client,
        key,
        data,
        attributes=attributes or None,
        use_multipart=size_bytes > SINGLE_REQUEST_BYTES,
        chunk_size=PART_BYTES,
    )
    return result["e_tag"]
