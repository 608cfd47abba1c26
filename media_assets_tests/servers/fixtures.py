"""The servers as fixtures: `media_assets_tests/conftest.py` makes them known to all tests."""

import os
from pathlib import Path

import pytest

from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.shared import run_folder


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> S3Server:
    """Swift, one for all workers of the test run."""
    return S3Server.start(run_folder(tmp_path_factory))


@pytest.fixture(scope="session")
def azure_server(tmp_path_factory: pytest.TempPathFactory) -> AzureServer:
    """Azurite, one for all workers of the test run."""
    return AzureServer.start(run_folder(tmp_path_factory))


@pytest.fixture(scope="session")
def gcs_server(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> GcsServer:
    """The gate in front of Swift, one for all workers of the test run."""
    return GcsServer.start(run_folder(tmp_path_factory), s3_server)


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that says nothing about AWS, on no machine of Amazon's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def s3_environment(s3_server: S3Server, no_aws: None, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The S3 server, which the environment says how to reach."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_access_key)
    return s3_server


@pytest.fixture
def gcs_environment(gcs_server: GcsServer, monkeypatch: pytest.MonkeyPatch) -> GcsServer:
    """The GCS server, which the environment says how to reach."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs_server.url)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(gcs_server.folder / "owner.json"))
    return gcs_server


@pytest.fixture
def azure_environment(
    azure_server: AzureServer, no_azure: None, monkeypatch: pytest.MonkeyPatch
) -> AzureServer:
    """The Azure server, which the environment says how to reach."""
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING",
        f"BlobEndpoint={azure_server.url};AccountKey={azure_server.account_key}",
    )
    return azure_server


@pytest.fixture
def no_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing about Azure."""
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
