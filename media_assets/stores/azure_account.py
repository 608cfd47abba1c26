"""The Azure account of a container, and the credentials for it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from media_assets.destinations import Destination
from media_assets.errors import ServerUnknownError

if TYPE_CHECKING:
    from media_assets.stores.azure import AzureSettings

_KEY_VARIABLES = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_KEY")
_SAS_VARIABLES = ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY")
_NAME_VARIABLES = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
CONNECTION_VARIABLE = "AZURE_STORAGE_CONNECTION_STRING"
_URL = "AZURE_STORAGE_ACCOUNT_URL"
ACCOUNT_VARIABLES = (CONNECTION_VARIABLE, _URL, *_NAME_VARIABLES, *_KEY_VARIABLES, *_SAS_VARIABLES)
"""The environment variables of an account and its secret."""
_DEFAULT_CLOUD = "core.windows.net"


@dataclass(frozen=True, slots=True)
class AzureAccount:
    """One account, with at most one of the two secrets; without a secret, an identity is used.

    Attributes:
        url: `https://account.blob.core.windows.net`, or `http://host:port/account` of an emulator.
        key: The account key, which can sign.
        sas_token: A shared access signature made elsewhere.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    sas_token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, root: Destination, settings: "AzureSettings") -> "AzureAccount":
        """Returns the account of the destination, else of the settings, else of the environment.

        A secret is used only for its own account, never for another one that a destination names.

        Raises:
            ServerUnknownError: None of them names an account.
        """
        named = root.endpoint
        if settings.account_url is not None and _is_same(named, settings.account_url):
            return cls(settings.account_url, settings.account_key, settings.sas_token)
        from_environment = cls.of_environment(os.environ)
        if from_environment is not None and _is_same(named, from_environment.url):
            return from_environment
        if named is None:
            raise ServerUnknownError(
                root.uri,
                accepted="An Azure container belongs to an account.",
                fix="Write az://container@ACCOUNT.blob.core.windows.net/prefix/, or set the "
                "`account_url` of the resource `azure`, or AZURE_STORAGE_ACCOUNT_NAME.",
            )
        return cls(named)

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "AzureAccount | None":
        """Returns the account named by the variables of Azure's own tools."""

        def first(names: tuple[str, ...]) -> str | None:
            return next((environment[name] for name in names if environment.get(name)), None)

        if text := environment.get(CONNECTION_VARIABLE):
            return _of_connection_string(text)
        url, name = environment.get(_URL), first(_NAME_VARIABLES)
        if not url and name is None:
            return None
        url = url or f"https://{name}.blob.{_DEFAULT_CLOUD}"
        return cls(url.rstrip("/"), first(_KEY_VARIABLES), first(_SAS_VARIABLES))

    @property
    def name(self) -> str:
        """The account's name: the first part of the host, or of the path for an emulator."""
        split = urlsplit(self.url)
        in_path = split.path.strip("/").partition("/")[0]
        return in_path or (split.hostname or "").partition(".")[0]


def _is_same(named: str | None, url: str) -> bool:
    return named is None or named == url.rstrip("/")


def _of_connection_string(text: str) -> AzureAccount:
    fields = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    scheme = fields.get("DefaultEndpointsProtocol", "https")
    cloud = fields.get("EndpointSuffix", _DEFAULT_CLOUD)
    url = fields.get("BlobEndpoint") or f"{scheme}://{fields.get('AccountName', '')}.blob.{cloud}"
    sas_token = fields.get("SharedAccessSignature")
    return AzureAccount(url.rstrip("/"), fields.get("AccountKey"), sas_token)
