"""`media-assets scan`."""

from pathlib import Path

import dagster as dg

from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photo, save_photos


def test_new_files_of_the_uploads_folder_become_a_batch_and_nothing_is_computed(
    project: Path, home: Path
) -> None:
    save_photos(home / "uploads" / "photos", 3)

    outcome = run("scan", "photos", "-f", project)

    assert outcome.exit_code == 0
    assert outcome.output.splitlines() == [
        "3 new, 0 replaced, 0 unchanged, 0 left alone.",
        "Compute them: media-assets materialize photos --partitions stale",
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


def test_a_missing_uploads_folder_is_told_with_what_to_do(project: Path) -> None:
    outcome = run("scan", "photos", "-f", project)

    assert outcome.exit_code == 1
    assert "uploads/photos" in outcome.errors
    assert "media-assets insert photos FILE" in outcome.errors
