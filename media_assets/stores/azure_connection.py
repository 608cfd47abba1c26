"""The account and limits of an Azure container, and its two clients, which share them."""

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import obstore.store

from media_assets.destinations import Destination
from media_assets.stores.azure_account import AzureAccount
from media_assets.stores.azure_identity import AzureIdentity
from media_assets.stores.optional_packages import require_extra
from media_assets.stores.transport import (
    CONNECT_TIMEOUT,
    client_config,
    longest_silence,
    retry_config,
)

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, ContainerClient
    from obstore.store import AzureCredential, AzureCredentialProvider

    from media_assets.stores.azure import AzureSettings

_SCOPE = "https://storage.azure.com/.default"


class AzureConnection:
    """One container, through obstore or Azure's client; nothing is imported, read or requested yet.

    Proxies are those of the environment: both clients read HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
    """

    def __init__(self, location: Destination, settings: "AzureSettings") -> None:
        self._root, self._settings = location.bucket_root, settings
        self._identity = AzureIdentity(location.uri, settings.identity_options)

    @cached_property
    def account(self) -> AzureAccount:
        """The account that the destination, the settings or the environment names."""
        return AzureAccount.of(self._root, self._settings)

    def obstore(self) -> obstore.store.AzureStore:
        """Returns a new client of obstore; no request is made to the storage."""
        account, settings = self.account, self._settings
        return obstore.store.AzureStore(
            self._root.bucket,
            account_name=account.name,
            endpoint=account.url,
            use_emulator=False,
            skip_signature=settings.is_anonymous,
            credential_provider=None if settings.is_anonymous else self._credentials(),
            client_options=client_config(settings, account.url),
            retry_config=retry_config(settings),
        )

    def container(self) -> "ContainerClient":
        """Returns a new client of Azure's, which accepts any key; no request is made."""
        with require_extra("azure", self._root.uri):
            from azure.storage.blob import ContainerClient
        return ContainerClient(
            self.account.url,
            self._root.bucket,
            credential=self._secret_or_identity(),
            **self._limits(),
        )

    def service(self) -> "BlobServiceClient":
        """Returns a new client of Azure's for the whole account; no request is made."""
        with require_extra("azure", self._root.uri):
            from azure.storage.blob import BlobServiceClient
        return BlobServiceClient(
            self.account.url, credential=self._secret_or_identity(), **self._limits()
        )

    def _limits(self) -> dict[str, Any]:
        """Returns the timeouts and retries of Azure's client, whose first pause would be 15 s."""
        return {
            "connection_timeout": CONNECT_TIMEOUT.total_seconds(),
            "read_timeout": longest_silence(self._settings).total_seconds(),
            "retry_total": self._settings.max_attempts - 1,
            "initial_backoff": 0,
            "increment_base": 2,
            "random_jitter_range": 1,
        }

    def _secret_or_identity(self) -> Any:  # noqa: ANN401  Azure takes several types
        account = self.account
        if account.key is not None:  # Azure's client does not find the name in every address
            return {"account_name": account.name, "account_key": account.key}
        return account.sas_token or (None if self._settings.is_anonymous else self._identity)

    def _credentials(self) -> "AzureCredentialProvider":
        """Returns the account's secret, unaffected by environment variables, or the identity's."""
        account, identity = self.account, self._identity
        if account.key is not None:
            key = account.key
            return lambda: {"access_key": key, "expires_at": None}
        if account.sas_token is not None:
            token = account.sas_token.removeprefix("?")
            return lambda: {"sas_token": token, "expires_at": None}
        identity.get_token(_SCOPE)  # fails here with a clear error, which obstore would wrap

        def provide() -> "AzureCredential":
            token = identity.get_token(_SCOPE)
            return {
                "token": token.token,
                "expires_at": datetime.fromtimestamp(token.expires_on, UTC),
            }

        return provide
