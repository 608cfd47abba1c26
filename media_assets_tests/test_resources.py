"""Dagster's cloud resources as storage: every field, and what costs nothing."""

import subprocess
import sys

import dagster as dg
import pytest

from media_assets.errors import EndpointResourceError
from media_assets.resources import storage_from
from media_assets.stores import Storage
from media_assets.stores.azure import AzureSettings
from media_assets.stores.gcs import GcsSettings
from media_assets.stores.s3 import S3Settings


def test_every_field_of_an_s3_resource_that_matters_arrives() -> None:
    from dagster_aws.s3 import S3Resource

    resource = S3Resource(
        region_name="eu-west-1",
        endpoint_url="https://minio.example.com",
        max_attempts=12,
        profile_name="tests",
        use_ssl=False,
        verify=False,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        aws_session_token="token",
        use_unsigned_session=True,
    )

    assert storage_from(s3=resource).s3 == S3Settings(
        max_attempts=12,
        endpoint="https://minio.example.com",
        region="eu-west-1",
        access_key_id="key",
        secret_access_key="secret",
        session_token="token",
        profile="tests",
        is_anonymous=True,
        verifies_certificates=False,
        uses_tls=False,
    )
    assert storage_from(s3=S3Resource()).s3 == S3Settings()


def test_each_name_is_a_provider_of_its_own() -> None:
    from dagster_aws.s3 import S3Resource

    names = ("s3", "r2", "b2", "tigris")
    one, other, third, fourth = (S3Resource(aws_access_key_id=name) for name in names)

    storage = storage_from(s3=one, r2=other, b2=third, tigris=fourth)

    found = [storage.s3, storage.r2, storage.b2, storage.tigris]
    assert [settings and settings.access_key_id for settings in found] == list(names)


def test_further_endpoints_need_an_address() -> None:
    from dagster_aws.s3 import S3Resource

    ceph = S3Resource(endpoint_url="https://ceph.example.com")

    assert storage_from(endpoints={"ceph": ceph}).endpoints == (
        S3Settings(endpoint="https://ceph.example.com"),
    )
    with pytest.raises(EndpointResourceError, match="'ceph' has no `endpoint_url`"):
        storage_from(endpoints={"ceph": S3Resource()})


def test_environment_variables_are_read_and_unset_ones_count_as_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dagster_aws.s3 import S3Resource
    from dagster_azure.blob import AzureBlobStorageKeyCredential, AzureBlobStorageResource

    monkeypatch.setenv("TESTS_KEY", "from the environment")
    monkeypatch.delenv("TESTS_NOTHING", raising=False)

    storage = storage_from(
        s3=S3Resource(
            aws_access_key_id=dg.EnvVar("TESTS_KEY"), region_name=dg.EnvVar("TESTS_NOTHING")
        ),
        azure=AzureBlobStorageResource(
            account_url=dg.EnvVar("TESTS_NOTHING"),
            credential=AzureBlobStorageKeyCredential(key=dg.EnvVar("TESTS_KEY")),
        ),
    )

    assert storage.s3 == S3Settings(access_key_id="from the environment")
    assert storage.azure == AzureSettings(account_key="from the environment")


def test_every_credential_of_an_azure_resource_arrives() -> None:
    from dagster_azure import blob

    url = "https://one.blob.core.windows.net"
    cases = [
        (url, blob.AzureBlobStorageKeyCredential(key="k"), AzureSettings(account_key="k")),
        (f"{url}/", blob.AzureBlobStorageSASTokenCredential(token="t"),
         AzureSettings(sas_token="t")),
        (f"{url}?sig=1", blob.AzureBlobStorageAnonymousCredential(),
         AzureSettings(sas_token="sig=1")),
        (url, blob.AzureBlobStorageAnonymousCredential(), AzureSettings(is_anonymous=True)),
        (url, blob.AzureBlobStorageDefaultCredential(kwargs={"b": ["x"], "a": 1}),
         AzureSettings(identity_options=(("a", 1), ("b", ("x",))))),
    ]  # fmt: skip

    for account_url, credential, expected in cases:
        resource = blob.AzureBlobStorageResource(account_url=account_url, credential=credential)
        found = storage_from(azure=resource).azure
        assert found == AzureSettings(
            account_url=url,
            account_key=expected.account_key,
            sas_token=expected.sas_token,
            is_anonymous=expected.is_anonymous,
            identity_options=expected.identity_options,
        )
        hash(found)


def test_a_gcs_resource_stands_for_the_default_credentials() -> None:
    from dagster_gcp import GCSResource

    assert storage_from(gcs=GCSResource(project="tests")).gcs == GcsSettings()


def test_no_resources_are_no_settings() -> None:
    assert storage_from() == Storage()


def test_no_cloud_package_is_imported_before_a_destination_needs_it() -> None:
    code = (
        "import sys\n"
        "from media_assets.destinations import parse_destination\n"
        "from media_assets.resources import storage_from\n"
        "for uri in ('s3://b-1/', 'gs://b-1/', 'az://box/', 'r2://b-1/'):\n"
        "    storage_from().open(parse_destination(uri)).fileurl('a')\n"
        "print(*{'boto3', 'botocore', 'azure', 'google.auth', 'google.cloud'} & set(sys.modules))\n"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == ""
