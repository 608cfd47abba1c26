"""A bucket of Google Cloud Storage through Google's client, which accepts any key."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any

from media_assets.destinations import Destination
from media_assets.errors import StoredFileMissingError
from media_assets.stores.gcs_connection import GcsConnection
from media_assets.stores.own_client import client_faults, own_metadata
from media_assets.stores.protocol import Attributes, StoredFile


class GcsClient:
    """A bucket through Google's own client."""

    takes_dots = True

    def __init__(self, root: Destination, connection: GcsConnection) -> None:
        self._root, self._connection = root, connection

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with self._client(key, "read") as client:
            blob = client.bucket(self._root.bucket).blob(key)
            with blob.open("rb", **self._connection.limits) as content:
                while chunk := content.read(chunk_bytes):
                    yield chunk

    def head(self, key: str) -> StoredFile:
        with self._client(key, "read") as client:
            blob = client.bucket(self._root.bucket).get_blob(key, **self._connection.limits)
        if blob is None:
            raise StoredFileMissingError(self._root.fileurl(key))
        return _stored_file(blob)

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        bucket, start = self._root.bucket, after or None
        with self._client(prefix, "list") as client:
            for blob in client.list_blobs(
                bucket, prefix=prefix or None, start_offset=start, **self._connection.limits
            ):
                if blob.name > after:
                    yield _stored_file(blob)

    def copy(
        self, source_key: str, target_key: str, content_type: str | None, attributes: Attributes
    ) -> None:
        """Copies an object, which is kept with these attributes."""
        with client_faults(self._root.fileurl(source_key), action="copy"):
            bucket = self._copier.bucket(self._root.bucket)
            copied = bucket.blob(target_key)
            copied.content_type = content_type
            copied.cache_control = attributes.get("Cache-Control")
            copied.content_disposition = attributes.get("Content-Disposition")
            copied.metadata = own_metadata(attributes)
            if storage_class := attributes.get("Storage-Class"):
                copied.storage_class = storage_class
            token = None
            while True:  # a large object takes several requests
                token, _, _ = copied.rewrite(
                    bucket.blob(source_key), token=token, **self._connection.limits
                )
                if token is None:
                    return

    @cached_property
    def _copier(self) -> Any:  # noqa: ANN401  Google's client has no types
        """A client that stays open, for many copies."""
        return self._connection.google()

    @contextmanager
    def _client(self, key: str, action: str) -> Generator[Any]:
        """Opens a client, whose errors become those of a store."""
        with (
            client_faults(self._root.fileurl(key), action=action),
            closing(self._connection.google()) as client,
        ):
            yield client


def _stored_file(blob: Any) -> StoredFile:  # noqa: ANN401  Google's client has no types
    return StoredFile(blob.name, blob.size or 0, blob.updated, (blob.etag or "").strip('"'))
