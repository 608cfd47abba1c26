"""Google Cloud Storage."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

import obstore.store

from media_assets.destinations import Destination
from media_assets.stores.expiry import ExpiryLimit
from media_assets.stores.gcs_client import GcsClient
from media_assets.stores.gcs_connection import GcsConnection
from media_assets.stores.object_keys import check_readable_key
from media_assets.stores.objects import ObjectStore, content_md5
from media_assets.stores.protocol import Attributes
from media_assets.stores.settings import StoreSettings

_LIMIT = ExpiryLimit(timedelta(days=7), "Google Cloud Storage: X-Goog-Expires of V4 signatures")


@dataclass(frozen=True, slots=True)
class GcsSettings(StoreSettings):
    """Access to Google Cloud Storage, by default with application default credentials.

    Attributes:
        endpoint: A server other than Google's; by default STORAGE_EMULATOR_HOST, if set.
        key_file: The path of a service account's key file, instead of the default credentials.
        payer: The project that pays for requests to buckets of others.
    """

    endpoint: str | None = None
    key_file: str | None = None
    payer: str | None = None

    def paid(self, project: str) -> Self:
        return replace(self, payer=project)

    def open(self, root: Destination) -> "GcsStore":
        return GcsStore(root, self)


class GcsStore(ObjectStore[obstore.store.GCSStore]):
    """A bucket of Google Cloud Storage."""

    def __init__(self, root: Destination, settings: GcsSettings) -> None:
        self._connection = GcsConnection(root, settings)
        self._google = GcsClient(root, self._connection)
        super().__init__(root, self._connection.obstore, self._google)

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Signs with a key file, or by a request to Google."""
        check_readable_key(key, has_dots=False)  # clients may drop './' from a URL
        fileurl = self.fileurl(key)
        lifetime = _LIMIT.check(fileurl, expires_in)
        connection = self._connection
        with closing(connection.google()) as client:
            blob = client.bucket(self._root.bucket).blob(key)
            return connection.identity.sign(blob, fileurl, lifetime, endpoint=connection.endpoint)

    def copy_with(
        self, source_key: str, target_key: str, content_type: str | None, attributes: Attributes
    ) -> None:
        self._google.copy(source_key, target_key, content_type, attributes)

    def has_received(self, key: str, data: bytes | Path, etag: str | None) -> bool:
        """Compares Google's etag as an MD5; reads the object if it is not one.

        That is so for a file written in parts, and in a bucket with its own encryption key.
        """
        sent = content_md5(data)
        return (etag or "").strip('"') == sent or self.holds(key, sent)
