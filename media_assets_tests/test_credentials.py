"""Dagster's own resources from the environment: what is configured, what costs nothing."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from PIL import Image

from media_assets.build import build_defs
from media_assets.cloud_resources import cloud_resources
from media_assets.io_manager import MediaIOManager
from media_assets.resources import storage_from
from media_assets.stores.s3 import S3Settings
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import inserted, manifest
from media_assets_tests.servers.s3 import S3Server

VARIABLES = {
    "AWS_ACCESS_KEY_ID": "aws",
    "AWS_SECRET_ACCESS_KEY": "hidden",
    "AWS_REGION": "eu-west-1",
    "R2_ACCESS_KEY_ID": "r2",
    "R2_SECRET_ACCESS_KEY": "hidden",
    "R2_ENDPOINT_URL": "https://account.r2.cloudflarestorage.com",
    "B2_APPLICATION_KEY_ID": "b2",
    "B2_APPLICATION_KEY": "hidden",
    "B2_REGION": "us-west-004",
    "TIGRIS_STORAGE_ACCESS_KEY_ID": "tigris",
    "TIGRIS_STORAGE_SECRET_ACCESS_KEY": "hidden",
    "GOOGLE_CLOUD_PROJECT": "project",
    "AZURE_STORAGE_ACCOUNT_URL": "https://one.blob.core.windows.net",
    "AZURE_STORAGE_ACCOUNT_KEY": "a2V5",
}


def test_every_provider_that_the_environment_names_has_its_resource(
    monkeypatch: pytest.MonkeyPatch, no_aws: None, no_azure: None
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)

    storage = storage_from(**cloud_resources())

    found = [storage.s3, storage.r2, storage.b2, storage.tigris]
    assert [one and one.access_key_id for one in found] == ["aws", "r2", "b2", "tigris"]
    assert storage.s3 == S3Settings(
        access_key_id="aws", secret_access_key="hidden", region="eu-west-1"
    )
    assert storage.r2 is not None
    assert storage.r2.endpoint == "https://account.r2.cloudflarestorage.com"
    assert storage.b2 is not None
    assert storage.b2.region == "us-west-004"
    assert storage.gcs is not None
    assert storage.azure is not None
    assert storage.azure.account_url == "https://one.blob.core.windows.net"
    assert storage.azure.account_key == "a2V5"


def test_what_the_environment_names_by_half_is_left_to_the_providers_own_ways() -> None:
    assert cloud_resources({"AWS_ACCESS_KEY_ID": "key"}) == {}
    assert cloud_resources({"R2_SECRET_ACCESS_KEY": "hidden"}) == {}
    assert cloud_resources({"AZURE_STORAGE_ACCOUNT_KEY": "a2V5"}) == {}


def test_an_azure_account_without_a_key_is_reached_by_an_identity() -> None:
    resource = cloud_resources({"AZURE_STORAGE_ACCOUNT_URL": "https://one.blob.core.windows.net"})

    assert resource["azure"].credential.credential_type == "default_azure_credential"


def test_no_secret_stands_in_the_definitions() -> None:
    resources = cloud_resources(VARIABLES)

    assert "hidden" not in str(resources.values())
    assert "a2V5" not in str(resources.values())


def test_a_location_that_no_provider_is_configured_for_imports_none_of_them() -> None:
    program = "import sys, media_assets.definitions; print(*sys.modules)"
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    cloud = {"boto3", "botocore", "dagster_aws", "dagster_azure", "dagster_gcp", "azure.storage"}
    assert set(done.stdout.split()) & cloud == set()


# Dagster's own, of any resource within a resource.
@pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run:DeprecationWarning")
def test_a_run_reaches_its_bucket_through_the_resource(
    instance: dg.DagsterInstance, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"resource-{uuid4().hex}")
    table = MediaTable("photos")

    @table.computed_column(destination=f"s3://{bucket}/")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    clouds = cloud_resources()
    defs = build_defs([table], {"media_io_manager": MediaIOManager(**clouds)})
    partition = inserted(instance, table, save_photo(tmp_path / "a.jpg"))

    result = defs.resolve_job_def("photos_job").execute_in_process(
        instance=instance,
        partition_key=partition,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )

    assert list(clouds) == ["s3"]
    assert result.success
    stored = manifest(table, "flipped", partition)
    assert stored is not None
    assert (stored.records["a.jpg"].fileurl or "").startswith(f"s3://{bucket}/photos/flipped/")
