"""`media-assets scan`."""

import os
from pathlib import Path

import dagster as dg
import pytest

from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photo, save_photos


def test_new_uploads_are_recorded_in_a_partition_and_not_computed(
    project: Path, home: Path
) -> None:
    save_photos(home / "uploads" / "photos", 3)

    outcome = run("scan", "photos", "-f", project)

    assert outcome.exit_code == 0
    assert outcome.output.splitlines() == [
        "3 new, 0 replaced, 0 unchanged, 0 left alone.",
        f"To compute them: media-assets materialize -f {project} photos --state stale",
    ]
    assert not (home / "media" / "files").exists()
    with dg.DagsterInstance.get() as instance:
        assert len(instance.get_dynamic_partitions("media_assets/photos")) == 1
        assert instance.get_runs() == []


def test_a_second_scan_finds_only_what_changed(project: Path, home: Path) -> None:
    paths = save_photos(home / "uploads" / "photos", 3)
    run("scan", "photos", "-f", project)
    unchanged = run("scan", "photos", "-f", project)
    save_photo(paths[0], seed=42)

    changed = run("scan", "photos", "-f", project)

    assert unchanged.output == "0 new, 0 replaced, 3 unchanged, 0 left alone.\n"
    assert changed.first_line == "0 new, 1 replaced, 2 unchanged, 0 left alone."


def test_a_table_may_name_the_folder_of_its_uploads(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "incoming", 2)
    write_project(project, table_options=f", uploads={str(tmp_path / 'incoming')!r}")

    assert run("scan", "photos", "-f", project).first_line.startswith("2 new")


def test_a_missing_uploads_folder_is_reported_with_what_to_do(project: Path) -> None:
    outcome = run("scan", "photos", "-f", project)

    assert outcome.exit_code == 1
    assert "uploads/photos" in outcome.errors
    assert f"media-assets insert -f {project} photos FILE" in outcome.errors


def test_unreadable_entries_are_reported_and_everything_else_is_recorded(
    project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = home / "uploads" / "photos"
    save_photos(uploads, 2)
    make_bottomless(uploads, monkeypatch)

    scanned = run("scan", "photos", "-f", project)
    inserted = run("insert", "photos", uploads, "-f", project)

    for outcome in (scanned, inserted):
        assert outcome.exit_code == 1
        assert "1 left alone: 1 entry that cannot be read" in outcome.output
        assert "Error: 1 entry that cannot be read (file name too long): 'ddd" in outcome.errors
    assert scanned.first_line.startswith("2 new")
    assert inserted.first_line.startswith("Inserted no new row, and made 6 cells that were")


def test_links_are_followed_when_the_option_or_the_table_says_so(
    project: Path, home: Path, tmp_path: Path
) -> None:
    save_photos(tmp_path / "annex", 2)
    uploads = home / "uploads" / "photos"
    uploads.mkdir(parents=True)
    (uploads / "linked").symlink_to(tmp_path / "annex")

    without = run("scan", "photos", "-f", project)
    with_option = run("scan", "photos", "--follow-links", "-f", project)
    write_project(project, table_options=", follow_links=True")
    by_table = run("insert", "photos", uploads, "-f", project)

    assert without.first_line == (
        "0 new, 0 replaced, 0 unchanged, 1 left alone: 1 link to a folder (see --follow-links)."
    )
    assert with_option.first_line == "2 new, 0 replaced, 0 unchanged, 0 left alone."
    assert by_table.exit_code == 0
    assert "0 new, 0 replaced, 2 unchanged, 0 left alone" in by_table.output


def make_bottomless(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a folder that is deeper than paths reach."""
    monkeypatch.chdir(folder)
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    os.chdir(folder)
