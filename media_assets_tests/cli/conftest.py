"""A project of the test's own, in whose folder the verbs run."""

import sys
from pathlib import Path

import pytest

from media_assets_tests.cli.verbs import write_project


@pytest.fixture
def project(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of definitions; importing it leaves nothing behind."""
    folder = tmp_path / "project"
    path = write_project(folder / "my_definitions.py")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "my_definitions", raising=False)
    return path
