"""Folders of killed processes go, and those of living ones stay."""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from media_assets.temporary_folder import (
    TemporaryFolder,
    list_abandoned,
    remove_abandoned_folders,
)

HOLDS_ONE = """
from media_assets.temporary_folder import TemporaryFolder

folder = TemporaryFolder()
(folder.path / "staged").write_bytes(b"half of it")
print(folder.path, flush=True)
input()
"""
MAKES_AND_REMOVES = """
from media_assets.temporary_folder import TemporaryFolder, remove_abandoned_folders

for _ in range(300):
    with TemporaryFolder() as folder:
        (folder.path / "staged").write_bytes(b"whole")
        remove_abandoned_folders()
        assert (folder.path / "staged").read_bytes() == b"whole"
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own, for other processes too."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_goes_when_its_block_ends_and_when_nobody_has_it_any_more(temporary: Path) -> None:
    with TemporaryFolder() as folder:
        (folder.path / "staged").touch()
    TemporaryFolder()

    assert list(temporary.iterdir()) == []


def test_only_the_folder_of_a_process_that_was_killed_is_abandoned(temporary: Path) -> None:
    own = TemporaryFolder()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        assert list(list_abandoned()) == []

        process.kill()

    assert list(list_abandoned()) == [theirs]
    remove_abandoned_folders()
    assert list(temporary.iterdir()) == [own.path]


def test_no_process_loses_its_folder_to_others_that_remove_at_the_same_time(
    temporary: Path,
) -> None:
    command = [sys.executable, "-c", MAKES_AND_REMOVES]
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda _: subprocess.run(command, check=False).returncode, range(4)))

    assert ended == [0] * 4
    assert list(temporary.iterdir()) == []
