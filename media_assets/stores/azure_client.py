"""A container of Azure Blob Storage through Azure's client, which accepts any key."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from media_assets.destinations import Destination
from media_assets.optional_packages import require_extra
from media_assets.stores.azure_account import AzureAccount
from media_assets.stores.azure_identity import AzureIdentity
from media_assets.stores.own_client import client_faults
from media_assets.stores.protocol import StoredFile

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties, ContainerClient

    from media_assets.stores.azure import AzureSettings


def azure_client(location: Destination, settings: "AzureSettings") -> "ContainerClient":
    """Returns a new Azure client for a container; no request is made."""
    with require_extra("azure", location.uri):
        from azure.storage.blob import ContainerClient
    account = AzureAccount.of(location.bucket_root, settings)
    credential: Any = account.key or account.sas_token
    if credential is None and not settings.is_anonymous:
        credential = AzureIdentity(location.uri, settings.identity_options)
    return ContainerClient(account.url, location.bucket, credential=credential)


class AzureClient:
    """A container through Azure's own client."""

    takes_dots = False

    def __init__(self, root: Destination, settings: "AzureSettings") -> None:
        self._root, self._settings = root, settings

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with client_faults(self._root.fileurl(key), action="read"), self._open() as client:
            for received in client.download_blob(key).chunks():
                for start in range(0, len(received), chunk_bytes):
                    yield received[start : start + chunk_bytes]

    def head(self, key: str) -> StoredFile:
        with client_faults(self._root.fileurl(key), action="read"), self._open() as client:
            return _stored_file(client.get_blob_client(key).get_blob_properties())

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        with client_faults(self._root.fileurl(prefix), action="list"), self._open() as client:
            for blob in client.list_blobs(name_starts_with=prefix or None):
                if blob.name > after:
                    yield _stored_file(blob)

    def _open(self) -> "ContainerClient":
        return azure_client(self._root, self._settings)


def _stored_file(blob: "BlobProperties") -> StoredFile:
    return StoredFile(blob.name, blob.size, blob.last_modified, (blob.etag or "").strip('"'))
