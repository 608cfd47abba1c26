"""The server, credentials and limits of a Google bucket, and its two clients, which share them."""

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import obstore.store

from media_assets.destinations import Destination
from media_assets.optional_packages import require_extra
from media_assets.stores.google_identity import GoogleIdentity
from media_assets.stores.transport import (
    CONNECT_TIMEOUT,
    client_config,
    longest_request,
    longest_silence,
    retry_config,
)

if TYPE_CHECKING:
    from obstore.store import GCSCredential

    from media_assets.stores.gcs import GcsSettings

_GOOGLE = "https://storage.googleapis.com"


class GcsConnection:
    """One bucket, through obstore or Google's client; nothing is imported, read or requested yet.

    Proxies are those of the environment: both clients read HTTP_PROXY, HTTPS_PROXY and NO_PROXY.

    Attributes:
        identity: The credentials.
    """

    def __init__(self, location: Destination, settings: "GcsSettings") -> None:
        self._root, self._settings = location.bucket_root, settings
        self.identity = GoogleIdentity(settings.key_file, location.uri)

    @property
    def endpoint(self) -> str:
        """The server: that of the settings, of STORAGE_EMULATOR_HOST, or Google's."""
        endpoint = self._settings.endpoint or os.environ.get("STORAGE_EMULATOR_HOST") or _GOOGLE
        return (endpoint if "://" in endpoint else f"http://{endpoint}").rstrip("/")

    def obstore(self) -> obstore.store.GCSStore:
        """Returns a new client of obstore; no request is made to the storage."""
        is_anonymous = self._is_anonymous
        config: obstore.store.GCSConfig = {
            "base_url": self.endpoint,
            "skip_signature": is_anonymous,
        }
        return obstore.store.GCSStore(
            self._root.bucket,
            config=config,
            # Without a provider, obstore would look for credentials, and fail.
            credential_provider=_no_token if is_anonymous else self.identity.provider(),
            client_options=client_config(self._settings, self.endpoint, headers=self._headers),
            retry_config=retry_config(self._settings),
        )

    def google(self) -> Any:  # noqa: ANN401  Google's client has no types
        """Returns a new client of Google's, which accepts any key; no request is made to it.

        Its requests take `limits`, since the client itself cannot have them.
        """
        with require_extra("gcp", self._root.uri):
            from google.auth.credentials import AnonymousCredentials
            from google.cloud.storage import Client
        credentials = AnonymousCredentials() if self._is_anonymous else self.identity.credentials
        options = {"api_endpoint": self.endpoint}
        # A project matters only for making or listing buckets.
        client = Client(
            project=None,
            credentials=credentials,
            client_options=options,
            extra_headers=self._headers,
        )
        # Or a thread would also ask for the bucket, for traces, for two minutes after the client
        # was closed. Versions that have no such thread ignore this.
        cast("Any", client)._bucket_metadata_cache = None  # noqa: SLF001  no option for it
        return client

    @property
    def limits(self) -> dict[str, Any]:
        """The timeouts and retries of a request of Google's client, which counts no attempts."""
        from google.cloud.storage.retry import DEFAULT_RETRY

        silence = longest_silence(self._settings).total_seconds()
        retry: Any = DEFAULT_RETRY.with_timeout(longest_request(self._settings).total_seconds())
        return {"timeout": (CONNECT_TIMEOUT.total_seconds(), silence), "retry": retry}

    @property
    def _headers(self) -> dict[str, str]:
        """Who pays for requests."""
        payer = self._settings.payer
        return {"x-goog-user-project": payer} if payer else {}

    @cached_property
    def _is_anonymous(self) -> bool:
        """Whether requests are unsigned, as an emulator allows if there are no credentials."""
        is_emulator = self.endpoint != _GOOGLE and self._settings.key_file is None
        return is_emulator and not self.identity.is_found


def _no_token() -> "GCSCredential":
    return {"token": "", "expires_at": None}
