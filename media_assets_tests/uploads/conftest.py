"""What tests of uploads share."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty uploads folder."""
    path = tmp_path / "uploads"
    path.mkdir()
    return path
