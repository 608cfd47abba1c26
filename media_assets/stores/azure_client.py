"""A container of Azure Blob Storage through Azure's client, which accepts any key."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from media_assets.destinations import Destination
from media_assets.stores.azure_connection import AzureConnection
from media_assets.stores.own_client import client_faults, own_metadata
from media_assets.stores.protocol import Attributes, StoredFile

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties, ContainerClient


class AzureClient:
    """A container through Azure's own client."""

    takes_dots = False

    def __init__(self, root: Destination, connection: AzureConnection) -> None:
        self._root, self._connection = root, connection

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with self._client(key, "read") as client:
            for received in client.download_blob(key).chunks():
                for start in range(0, len(received), chunk_bytes):
                    yield received[start : start + chunk_bytes]

    def head(self, key: str) -> StoredFile:
        with self._client(key, "read") as client:
            return _stored_file(client.get_blob_client(key).get_blob_properties())

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        with self._client(prefix, "list") as client:
            for blob in client.list_blobs(name_starts_with=prefix or None):
                if blob.name > after:
                    yield _stored_file(blob)

    def keep_with(self, key: str, content_type: str | None, attributes: Attributes) -> None:
        """Keeps a blob with these attributes instead of its own."""
        with client_faults(self._root.fileurl(key), action="write"):
            from azure.storage.blob import ContentSettings

            blob = self._setter.get_blob_client(key)
            blob.set_http_headers(
                ContentSettings(
                    content_type=content_type,
                    cache_control=attributes.get("Cache-Control"),
                    content_disposition=attributes.get("Content-Disposition"),
                )
            )
            blob.set_blob_metadata(own_metadata(attributes))
            if tier := attributes.get("Storage-Class"):
                blob.set_standard_blob_tier(tier)

    @cached_property
    def _setter(self) -> "ContainerClient":
        """A client that stays open, for many blobs."""
        return self._connection.container()

    @contextmanager
    def _client(self, key: str, action: str) -> Generator["ContainerClient"]:
        """Opens a client, whose errors become those of a store."""
        with (
            client_faults(self._root.fileurl(key), action=action),
            self._connection.container() as client,
        ):
            yield client


def _stored_file(blob: "BlobProperties") -> StoredFile:
    return StoredFile(blob.name, blob.size, blob.last_modified, (blob.etag or "").strip('"'))
