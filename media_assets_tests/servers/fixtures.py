"""The servers as fixtures: `media_assets_tests/conftest.py` makes them known to all tests."""

import pytest

from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.shared import run_folder


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> S3Server:
    """Swift, one for all workers of the test run."""
    return S3Server.start(run_folder(tmp_path_factory))
