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
def no_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing about Azure."""
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
