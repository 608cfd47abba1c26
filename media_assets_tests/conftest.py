"""What tests of whole tables share: a home of their own and its Dagster instance."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from hypothesis import HealthCheck, settings

from media_assets.home import variable_of
from media_assets.records.ledger import CatalogRoot
from media_assets.settings import SETTINGS
from media_assets_tests.catalogs import memory_root
from media_assets_tests.collection import (
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_collectstart,
    pytest_unconfigure,
)
from media_assets_tests.servers.fixtures import (
    azure_environment,
    azure_server,
    gcs_environment,
    gcs_server,
    no_aws,
    no_azure,
    s3_environment,
    s3_server,
)

# A slow machine is no fault of the code: no example has to be done within a time. The examples are
# the same in each run, so that a run tells of its own change; `make test-faults` draws new ones.
settings.register_profile("random", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("random"), derandomize=True)
settings.load_profile("same")

# A shell lets what it starts in the background ignore Ctrl-C, which tests send to programs; and
# a program that ignores it ignores SIGTERM once Dagster has run.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# `make` in a test is a reader's own, not a part of the one that runs the tests.
for _of_make in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(_of_make, None)

__all__ = [
    "azure_environment",
    "azure_server",
    "gcs_environment",
    "gcs_server",
    "no_aws",
    "no_azure",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_collectstart",
    "pytest_unconfigure",
    "s3_environment",
    "s3_server",
]

PROJECT = Path(__file__).parents[1]

collect_ignore = ["shop"]
"""A project of its own, which tests load as Dagster does."""


_NO_LOGS = """
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""
"""Dagster starts four processes for each run that copy what it prints into files."""


@pytest.fixture
def root() -> CatalogRoot:
    """An empty catalog in memory."""
    return memory_root()


@pytest.fixture
def destination() -> str:
    """A destination in memory that no other test has."""
    return f"memory://{uuid4().hex}/files/"


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose databases exist and are empty: making them takes longer than most tests."""
    folder = tmp_path_factory.mktemp("empty-home")
    (folder / "dagster.yaml").write_text((PROJECT / "dagster.yaml").read_text() + _NO_LOGS)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        instance.get_run_records(limit=1)
        instance.get_dynamic_partitions("none")
    return folder


@pytest.fixture
def home(tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DAGSTER_HOME with the project's dagster.yaml, and no setting of the caller's."""
    folder = tmp_path / "home"
    shutil.copytree(empty_home, folder)
    for name in SETTINGS:
        monkeypatch.delenv(variable_of(name), raising=False)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as opened:
        yield opened
