"""`media-assets gc`."""

import tempfile
from pathlib import Path

import pytest

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photo, save_photos


@pytest.fixture
def replaced(project: Path, tmp_path: Path) -> Path:
    """A project with two photos, one of which was replaced."""
    paths = save_photos(tmp_path / "uploads", 2)
    make(project, *paths)
    save_photo(paths[0], seed=42)
    make(project, *paths)
    return project


def stored(home: Path) -> list[Path]:
    return sorted((home / "media" / "files").rglob("*.jpg"))


def test_a_dry_run_lists_exactly_what_a_run_removes(replaced: Path, home: Path) -> None:
    options = ("--grace", "0s", "--keep", "1", "-f", replaced)
    before = stored(home)

    listed = run("gc", "photos", "--dry-run", *options)
    after_dry_run = stored(home)
    removed = run("gc", "photos", *options)

    assert after_dry_run == before
    assert listed.output.splitlines()[:-1] == removed.output.splitlines()[:-1]
    assert listed.output.splitlines()[-1].startswith("Would delete 4 files")
    assert removed.output.splitlines()[-1].startswith("Deleted 4 files")
    assert len(stored(home)) == len(before) - 1 == 2
    assert run("verify", "photos", "--deep", "-f", replaced).exit_code == 0
    assert run("gc", *options).output == "Deleted 0 files, 0 bytes.\n"


def test_staging_files_of_killed_processes_are_deleted(
    replaced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "media-assets-run-0123abcd" / "staged"
    left.parent.mkdir()
    left.write_bytes(b"half")

    listed = run("gc", "--dry-run", "-f", replaced)
    removed = run("gc", "-f", replaced)

    assert listed.output.splitlines() == [
        f"{left.as_uri()}  4 bytes, left by a killed process",
        "Would delete 1 file, 4 bytes.",
    ]
    assert removed.output.splitlines()[1] == "Deleted 1 file, 4 bytes."
    assert not left.parent.exists()


def test_by_default_what_is_young_stays(replaced: Path, home: Path) -> None:
    before = stored(home)

    outcome = run("gc", "-f", replaced)

    assert outcome.output == "Deleted 0 files, 0 bytes.\n"
    assert stored(home) == before


def test_an_unknown_table_and_a_wrong_duration_are_refused(replaced: Path) -> None:
    unknown = run("gc", "fotos", "-f", replaced)
    wrong = run("gc", "--grace", "24", "-f", replaced)

    assert (unknown.exit_code, wrong.exit_code) == (1, 2)
    assert "Did you mean 'photos'" in unknown.errors
    assert "90s, 15m, 24h, 30d" in wrong.errors
