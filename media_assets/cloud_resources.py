"""Dagster's own cloud resources, for the providers that the environment configures."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from dagster_aws.s3 import S3Resource
    from dagster_azure.blob import AzureBlobStorageResource

_S3_VARIABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "s3": {
            "aws_access_key_id": "AWS_ACCESS_KEY_ID",
            "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
            "aws_session_token": "AWS_SESSION_TOKEN",
            "region_name": "AWS_REGION",
            "endpoint_url": "AWS_ENDPOINT_URL_S3",
        },
        "r2": {
            "aws_access_key_id": "R2_ACCESS_KEY_ID",
            "aws_secret_access_key": "R2_SECRET_ACCESS_KEY",
            "endpoint_url": "R2_ENDPOINT_URL",
        },
        "b2": {
            "aws_access_key_id": "B2_APPLICATION_KEY_ID",
            "aws_secret_access_key": "B2_APPLICATION_KEY",
            "region_name": "B2_REGION",
        },
        "tigris": {
            "aws_access_key_id": "TIGRIS_STORAGE_ACCESS_KEY_ID",
            "aws_secret_access_key": "TIGRIS_STORAGE_SECRET_ACCESS_KEY",
            "endpoint_url": "TIGRIS_STORAGE_ENDPOINT",
        },
    }
)
"""The fields of an S3Resource and their variables; the first two make a provider configured."""

_GOOGLE_PROJECT = "GOOGLE_CLOUD_PROJECT"
_AZURE_URL, _AZURE_KEY = "AZURE_STORAGE_ACCOUNT_URL", "AZURE_STORAGE_ACCOUNT_KEY"


def cloud_resources(
    environment: Mapping[str, str] = os.environ,
) -> dict[str, Any]:
    """Returns a resource for each provider whose variables are set, by the IO manager's field.

    Hand them over: `MediaIOManager(**cloud_resources())`.

    Each field is a `dg.EnvVar`, so no secret is in the definitions. A provider that is not
    configured is not imported, nor is one whose extra is not installed: what a destination then
    lacks is told when it is used. Keys are not the only way in: without a resource the profiles
    and identities of the provider's own tools count.

    Args:
        environment: Where to look whether a variable is set.
    """
    found: dict[str, Any] = {}
    for name, variables in _S3_VARIABLES.items():
        given = {field: v for field, v in variables.items() if environment.get(v)}
        is_configured = {"aws_access_key_id", "aws_secret_access_key"} <= given.keys()
        if is_configured and find_spec("dagster_aws"):
            found[name] = _s3({field: dg.EnvVar(variable) for field, variable in given.items()})
    if environment.get(_GOOGLE_PROJECT) and find_spec("dagster_gcp"):
        from dagster_gcp.gcs import GCSResource

        found["gcs"] = GCSResource(project=dg.EnvVar(_GOOGLE_PROJECT))
    if environment.get(_AZURE_URL) and find_spec("dagster_azure"):
        found["azure"] = _azure(has_key=bool(environment.get(_AZURE_KEY)))
    return found


def _s3(fields: Mapping[str, Any]) -> "S3Resource":
    from dagster_aws.s3 import S3Resource

    return S3Resource(**fields)


def _azure(*, has_key: bool) -> "AzureBlobStorageResource":
    """An account by its key, else by whatever identity there is."""
    from dagster_azure.blob import (
        AzureBlobStorageDefaultCredential,
        AzureBlobStorageKeyCredential,
        AzureBlobStorageResource,
    )

    credential = (
        AzureBlobStorageKeyCredential(key=dg.EnvVar(_AZURE_KEY))
        if has_key
        else AzureBlobStorageDefaultCredential()
    )
    return AzureBlobStorageResource(account_url=dg.EnvVar(_AZURE_URL), credential=credential)
