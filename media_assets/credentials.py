"""Credentials from the environment, for providers whose clients do not read it."""

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from media_assets.home import Home
from media_assets.stores.azure_account import ACCOUNT_VARIABLES, CONNECTION_VARIABLE, AzureAccount
from media_assets.stores.storage import Storage

if TYPE_CHECKING:
    from media_assets.stores.azure import AzureSettings
    from media_assets.stores.gcs import GcsSettings
    from media_assets.stores.s3 import S3Settings

Fields = Mapping[str, tuple[str, ...]]

_AWS: Fields = MappingProxyType(
    {
        "access_key_id": ("AWS_ACCESS_KEY_ID",),
        "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
        "session_token": ("AWS_SESSION_TOKEN",),
        "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
        "endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        "profile": ("AWS_PROFILE",),
    }
)
_R2: Fields = MappingProxyType(
    {
        "access_key_id": ("R2_ACCESS_KEY_ID",),
        "secret_access_key": ("R2_SECRET_ACCESS_KEY",),
        "endpoint": ("R2_ENDPOINT_URL",),
    }
)
_B2: Fields = MappingProxyType(
    {
        "access_key_id": ("B2_APPLICATION_KEY_ID",),
        "secret_access_key": ("B2_APPLICATION_KEY",),
        "region": ("B2_REGION",),
    }
)
_TIGRIS: Fields = MappingProxyType(
    {
        "access_key_id": ("TIGRIS_STORAGE_ACCESS_KEY_ID",),
        "secret_access_key": ("TIGRIS_STORAGE_SECRET_ACCESS_KEY",),
        "endpoint": ("TIGRIS_STORAGE_ENDPOINT",),
    }
)
_GOOGLE: Fields = MappingProxyType(
    {"key_file": ("GOOGLE_APPLICATION_CREDENTIALS",), "endpoint": ("STORAGE_EMULATOR_HOST",)}
)
"""The fields of a provider's settings, and their environment variables."""


def environment_storage(home: Home | None = None) -> Storage:
    """Returns the credentials of the environment, including `.env` next to dagster.yaml.

    The clients of AWS, Google and Azure read the variables of their process themselves, on any
    machine; they have settings here only if `.env` adds something. A key without its secret is
    kept, so that its use raises a clear error.
    """
    variable: Callable[[str], str | None] = home.variable if home else os.environ.get
    added = {name for name in (home.env_file if home else ()) if not os.environ.get(name)}

    def values(fields: Fields) -> dict[str, str]:
        found = {field: next(filter(None, map(variable, fields[field])), None) for field in fields}
        return {field: value for field, value in found.items() if value is not None}

    def adds(fields: Fields) -> bool:
        return any(name in added for names in fields.values() for name in names)

    of_aws = values(_AWS)
    if "AWS_ACCESS_KEY_ID" in os.environ and "AWS_SESSION_TOKEN" in added:
        of_aws.pop("session_token")  # it belongs to another key
    return Storage(
        s3=_s3(of_aws) if adds(_AWS) else None,
        gcs=_gcs(values(_GOOGLE)) if adds(_GOOGLE) else None,
        azure=_azure(variable) if added & {*ACCOUNT_VARIABLES} else None,
        r2=_s3(values(_R2)),
        b2=_s3(values(_B2)),
        tigris=_s3(values(_TIGRIS)),
    )


def _s3(fields: Mapping[str, str]) -> "S3Settings | None":
    """Returns the settings of variables, if any; keys win over a profile, as in AWS's tools."""
    if not fields:
        return None
    from media_assets.stores.s3 import S3Settings  # noqa: PLC0415  slow: obstore

    has_keys = "access_key_id" in fields or "secret_access_key" in fields
    given = {name: value for name, value in fields.items() if name != "profile" or not has_keys}
    return S3Settings(**given)  # pyright: ignore[reportArgumentType]


def _gcs(fields: Mapping[str, str]) -> "GcsSettings":
    from media_assets.stores.gcs import GcsSettings  # noqa: PLC0415  slow: obstore

    return GcsSettings(**fields)  # pyright: ignore[reportArgumentType]


def _azure(variable: Callable[[str], str | None]) -> "AzureSettings | None":
    own = AzureAccount.of_environment(os.environ)
    if own is not None and (own.key or own.sas_token):
        return None
    names = [name for name in ACCOUNT_VARIABLES if own is None or name != CONNECTION_VARIABLE]
    account = AzureAccount.of_environment({n: value for n in names if (value := variable(n))})
    if account is None:
        return None
    from media_assets.stores.azure import AzureSettings  # noqa: PLC0415  slow: obstore

    return AzureSettings(
        account_url=account.url, account_key=account.key, sas_token=account.sas_token
    )
