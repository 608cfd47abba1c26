"""Google Cloud Storage."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import obstore.store

from media_assets.destinations import Destination
from media_assets.stores.expiry import ExpiryLimit
from media_assets.stores.gcs_client import GcsClient
from media_assets.stores.google_identity import GoogleIdentity
from media_assets.stores.object_keys import check_readable_key
from media_assets.stores.objects import ObjectStore
from media_assets.stores.received import content_md5, holds
from media_assets.stores.settings import StoreSettings
from media_assets.stores.transport import client_config, retry_config

_LIMIT = ExpiryLimit(timedelta(days=7), "Google Cloud Storage: X-Goog-Expires of V4 signatures")
_GOOGLE = "https://storage.googleapis.com"


@dataclass(frozen=True, slots=True)
class GcsSettings(StoreSettings):
    """Access to Google Cloud Storage, by default with application default credentials.

    Attributes:
        endpoint: A server other than Google's; by default STORAGE_EMULATOR_HOST, if set.
        key_file: The path of a service account's key file, instead of the default credentials.
    """

    endpoint: str | None = None
    key_file: str | None = None

    def open(self, root: Destination) -> "GcsStore":
        return GcsStore(root, self)


class GcsStore(ObjectStore[obstore.store.GCSStore]):
    """A bucket of Google Cloud Storage."""

    def __init__(self, root: Destination, settings: GcsSettings) -> None:
        super().__init__(root)
        self._settings = settings
        self._identity = GoogleIdentity(settings.key_file, root.uri)

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Signs with a key file, or by a request to Google."""
        check_readable_key(key, has_dots=False)  # clients may drop './' from a URL
        fileurl = self.fileurl(key)
        lifetime = _LIMIT.check(fileurl, expires_in)
        return self._identity.sign(
            fileurl, self._root.bucket, key, lifetime, endpoint=self._endpoint or _GOOGLE
        )

    def own_client(self) -> GcsClient:
        return GcsClient(self._root, self._settings)

    def connect(self) -> obstore.store.GCSStore:
        config: obstore.store.GCSConfig = {
            "base_url": self._endpoint or _GOOGLE,
            "skip_signature": False,
        }
        return obstore.store.GCSStore(
            self._root.bucket,
            config=config,
            credential_provider=self._identity.provider(),
            client_options=client_config(self._settings, self._endpoint),
            retry_config=retry_config(self._settings),
        )

    def has_received(self, key: str, data: bytes | Path, etag: str | None) -> bool:
        """Compares Google's etag as an MD5; reads the object if it is not one.

        That is so for a file written in parts, and in a bucket with its own encryption key.
        """
        sent = content_md5(data)
        return (etag or "").strip('"') == sent or holds(self, key, sent)

    @property
    def _endpoint(self) -> str | None:
        emulator = os.environ.get("STORAGE_EMULATOR_HOST", "")
        if emulator and "://" not in emulator:
            emulator = f"http://{emulator}"
        return (self._settings.endpoint or emulator).rstrip("/") or None
