"""What tests of whole tables share: a home of their own and its Dagster instance."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from media_assets.home import CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets_tests.servers.fixtures import s3_server

__all__ = ["s3_server"]

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DAGSTER_HOME with the project's dagster.yaml, and no setting of the caller's."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    for name in (CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as opened:
        yield opened
