"""`media-assets verify`."""

import json
from pathlib import Path

import pytest

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos


@pytest.fixture
def stored(project: Path, home: Path, tmp_path: Path) -> list[Path]:
    """The stored files of three photos."""
    make(project, *save_photos(tmp_path / "uploads", 3))
    return sorted((home / "media" / "files").rglob("*.jpg"))


def test_a_sound_table_is_verified_in_one_line(project: Path, stored: list[Path]) -> None:
    outcome = run("verify", "photos", "--deep", "-f", project)

    assert outcome.exit_code == 0
    assert outcome.output == (
        "6 files, 6 of them read. 0 are missing or changed, 0 uploads are missing, changed or "
        "refused, 0 cells with an error.\n"
    )


def test_what_is_wrong_is_named_by_row_and_fails(project: Path, stored: list[Path]) -> None:
    stored[0].unlink()
    content = bytearray(stored[1].read_bytes())
    content[-1] ^= 1
    stored[1].write_bytes(content)

    shallow = run("verify", "photos", "--sample", "0", "--format", "json", "-f", project)
    deep = run("verify", "photos", "--deep", "--columns", "flipped", "-f", project)

    assert (shallow.exit_code, deep.exit_code) == (1, 1)
    (problem,) = json.loads(shallow.output)
    assert (problem["row"], problem["problem"]) == ("photo-000.jpg", "missing")
    assert "photo-001.jpg" in deep.output
    assert "digest differs" in deep.output


def test_the_printed_command_repairs_the_files(project: Path, stored: list[Path]) -> None:
    stored[0].unlink()
    stored[1].write_bytes(b"short")
    told = run("verify", "photos", "-f", project)

    command = told.errors.splitlines()[-1].removeprefix("To make them again: media-assets ")
    made = run(*command.split(), "-f", project)
    again = run("verify", "photos", "--deep", "-f", project)

    assert command.startswith("materialize photos --columns flipped --partitions 20")
    assert made.exit_code == 0
    assert again.exit_code == 0
    assert "6 files, 6 of them read. 0 are missing or changed" in again.output


def test_a_missing_source_is_reported_and_results_are_kept(
    project: Path, stored: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "uploads" / "photo-001.jpg").unlink()

    outcome = run("verify", "photos", "-f", project)
    again = run("materialize", "photos", "--partitions", "stale", "-f", project)

    assert outcome.exit_code == 0
    assert "source missing, results kept" in outcome.output
    assert "photos: 0 cells made" in again.output
