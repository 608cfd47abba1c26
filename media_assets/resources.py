"""`Storage` from Dagster's cloud resources, with all of their fields that matter here."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import dagster as dg

from media_assets.errors import EndpointResourceError
from media_assets.stores.azure import AzureSettings
from media_assets.stores.gcs import GcsSettings
from media_assets.stores.s3 import S3Settings
from media_assets.stores.settings import DEFAULT_ATTEMPTS
from media_assets.stores.storage import Storage

Value = TypeVar("Value")
Variable = Callable[[str], str | None]


class S3Like(Protocol):
    """What is read of a `dagster_aws.s3.S3Resource`."""

    use_unsigned_session: bool
    region_name: str | None
    endpoint_url: str | None
    max_attempts: int
    profile_name: str | None
    use_ssl: bool
    verify: bool | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None
    aws_session_token: str | None


class GcsLike(Protocol):
    """A `dagster_gcp.GCSResource`: its project matters only to who makes or lists buckets."""

    project: str | None


class AzureLike(Protocol):
    """What is read of a `dagster_azure.blob.AzureBlobStorageResource`."""

    account_url: str
    credential: Any


def storage_from(
    *,
    s3: S3Like | None = None,
    gcs: GcsLike | None = None,
    azure: AzureLike | None = None,
    r2: S3Like | None = None,
    b2: S3Like | None = None,
    tigris: S3Like | None = None,
    endpoints: Mapping[str, S3Like] | None = None,
    variable: Variable = os.environ.get,
) -> Storage:
    """Returns the storage that Dagster's own resources configure. No cloud package is imported.

    Fields given as `dg.EnvVar` are read from the environment, now; one that is not set counts as
    not given. What a destination names wins: its endpoint, and the region of AWS and B2 addresses.

    Args:
        s3: A `dagster_aws.s3.S3Resource`; without one the environment and the usual profile count.
        gcs: A `dagster_gcp.GCSResource`, which stands for the application's default credentials.
        azure: A `dagster_azure.blob.AzureBlobStorageResource`, one account.
        r2: An `S3Resource` for Cloudflare R2; without one the credentials of `s3` count.
        b2: The same for Backblaze B2.
        tigris: The same for Tigris.
        endpoints: Further servers of the S3 protocol by any name, each an `S3Resource` with its
            `endpoint_url`, under which `https://host/bucket/prefix/` finds it.
        variable: Reads an environment variable.

    Raises:
        EndpointResourceError: One of the endpoints has no `endpoint_url`.
    """
    others = {name: _s3(resource, variable) for name, resource in (endpoints or {}).items()}
    for name, settings in others.items():
        if settings.endpoint is None:
            raise EndpointResourceError(name)
    return Storage(
        s3=_s3(s3, variable) if s3 else None,
        gcs=GcsSettings() if gcs else None,
        azure=_azure(azure, variable) if azure else None,
        r2=_s3(r2, variable) if r2 else None,
        b2=_s3(b2, variable) if b2 else None,
        tigris=_s3(tigris, variable) if tigris else None,
        endpoints=tuple(others.values()),
    )


def _s3(resource: S3Like, variable: Variable) -> S3Settings:
    """The settings of an S3Resource; fewer attempts than ours would lose writes."""
    return S3Settings(
        max_attempts=max(int(_read(resource.max_attempts, variable) or 0), DEFAULT_ATTEMPTS),
        endpoint=_read(resource.endpoint_url, variable),
        region=_read(resource.region_name, variable),
        access_key_id=_read(resource.aws_access_key_id, variable),
        secret_access_key=_read(resource.aws_secret_access_key, variable),
        session_token=_read(resource.aws_session_token, variable),
        profile=_read(resource.profile_name, variable),
        is_anonymous=resource.use_unsigned_session,
        verifies_certificates=resource.verify is not False,
        uses_tls=resource.use_ssl,
    )


def _azure(resource: AzureLike, variable: Variable) -> AzureSettings:
    """The settings of an AzureBlobStorageResource; a signature may stand in its URL."""
    credential = resource.credential
    kind = getattr(credential, "credential_type", None)
    url = urlsplit(_read(resource.account_url, variable) or "")
    options = cast("Mapping[str, object]", getattr(credential, "kwargs", {}))
    return AzureSettings(
        account_url=urlunsplit(url._replace(query="", fragment="")).rstrip("/") or None,
        account_key=_read(getattr(credential, "key", None), variable),
        sas_token=_read(getattr(credential, "token", None), variable) or url.query or None,
        is_anonymous=kind == "anonymous" and not url.query,
        identity_options=tuple(sorted((name, _hashable(value)) for name, value in options.items())),
    )


def _read(value: Value | None, variable: Variable) -> Value | None:
    """A field's value; that of an `EnvVar` is read, and empty is none."""
    return cast("Value | None", resolve_variable(value, variable)) or None


def resolve_variable(value: object, variable: Variable) -> object:
    """Returns what a field of a resource gives: of a `dg.EnvVar` the variable's value."""
    if isinstance(value, dg.EnvVar):
        return variable(value.env_var_name)
    is_number = type(value).__name__ == "IntEnvVar"  # a class that Dagster does not export
    return variable(cast("Any", value).name) if is_number else value


def _hashable(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value
