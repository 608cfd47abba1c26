"""Conversion of Dagster's cloud resources to a `Storage`."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import dagster as dg

from media_assets.errors import EndpointResourceError
from media_assets.stores.settings import DEFAULT_ATTEMPTS
from media_assets.stores.storage import Storage

if TYPE_CHECKING:
    from media_assets.stores.azure import AzureSettings
    from media_assets.stores.gcs import GcsSettings
    from media_assets.stores.s3 import S3Settings

Value = TypeVar("Value")
Variable = Callable[[str], str | None]


class S3Like(Protocol):
    """The fields used of a `dagster_aws.s3.S3Resource`."""

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
    """A `dagster_gcp.GCSResource`, whose project only matters for making or listing buckets."""

    project: str | None


class AzureLike(Protocol):
    """The fields used of a `dagster_azure.blob.AzureBlobStorageResource`."""

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
    """Returns the storage that Dagster's resources configure, without importing cloud packages.

    Fields given as `dg.EnvVar` are read from the environment now; one that is not set counts as not
    given. The endpoint of a destination, and the region of AWS and B2 addresses, win over these.

    Args:
        s3: A `dagster_aws.s3.S3Resource`; by default the environment and the usual profile.
        gcs: A `dagster_gcp.GCSResource`, which means application default credentials.
        azure: A `dagster_azure.blob.AzureBlobStorageResource` for one account.
        r2: An `S3Resource` for Cloudflare R2; by default the credentials of `s3`.
        b2: The same for Backblaze B2.
        tigris: The same for Tigris.
        endpoints: Other servers of the S3 protocol by any name, each an `S3Resource` with an
            `endpoint_url`, for addresses such as `https://host/bucket/prefix/`.
        variable: Reads an environment variable.

    Raises:
        EndpointResourceError: An endpoint has no `endpoint_url`.
    """
    others = {name: _s3(resource, variable) for name, resource in (endpoints or {}).items()}
    for name, settings in others.items():
        if settings.endpoint is None:
            raise EndpointResourceError(name)
    return Storage(
        s3=_s3(s3, variable) if s3 else None,
        gcs=_gcs() if gcs else None,
        azure=_azure(azure, variable) if azure else None,
        r2=_s3(r2, variable) if r2 else None,
        b2=_s3(b2, variable) if b2 else None,
        tigris=_s3(tigris, variable) if tigris else None,
        endpoints=tuple(others.values()),
    )


def _gcs() -> "GcsSettings":
    from media_assets.stores.gcs import GcsSettings  # noqa: PLC0415  slow: obstore

    return GcsSettings()


def _s3(resource: S3Like, variable: Variable) -> "S3Settings":
    """Returns the settings of an S3Resource, with our own number of attempts at least."""
    from media_assets.stores.s3 import S3Settings  # noqa: PLC0415  slow: obstore

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


def _azure(resource: AzureLike, variable: Variable) -> "AzureSettings":
    """Returns the settings of an AzureBlobStorageResource, whose URL may have a signature."""
    from media_assets.stores.azure import AzureSettings  # noqa: PLC0415  slow: obstore

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
    """Returns a field's value, reading an `EnvVar`; None if it is empty."""
    return cast("Value | None", resolve_variable(value, variable)) or None


def resolve_variable(value: object, variable: Variable) -> object:
    """Returns the value of a resource's field, or of its variable for a `dg.EnvVar`."""
    if isinstance(value, dg.EnvVar):
        return variable(value.env_var_name)
    is_number = type(value).__name__ == "IntEnvVar"  # a class that Dagster does not export
    return variable(cast("Any", value).name) if is_number else value


def _hashable(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value
