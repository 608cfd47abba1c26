"""`media-assets insert`."""

import re
from pathlib import Path

import dagster as dg
import pytest

from media_assets.catalog import Catalog
from media_assets.cli.location import Location
from media_assets.io_manager import MediaIOManager
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photo, save_photos

FIRST_LINE = re.compile(
    r"Inserted (\d+) rows? with (\d+) errors? in \d+\.\d\d s \(\d+\.\d rows/s\)"
)


def rows() -> list[str]:
    catalog = Catalog(MediaIOManager().installation.catalog)
    return catalog.sql("select row from photos order by row")["row"].tolist()


def test_a_folder_is_inserted_and_every_column_made(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "uploads", 3)
    (tmp_path / "uploads" / "notes.txt").write_text("no photo")

    outcome = run("insert", "photos", tmp_path / "uploads", "-f", project)

    assert outcome.exit_code == 0
    found = FIRST_LINE.fullmatch(outcome.first_line)
    assert found is not None
    assert found.groups() == ("3", "0")
    assert outcome.output.splitlines()[1] == (
        "3 new, 0 replaced, 0 unchanged, 1 left alone: 1 text file; 9 cells made, 0 reused."
    )
    assert rows() == ["photo-000.jpg", "photo-001.jpg", "photo-002.jpg"]


def test_existing_cells_are_not_computed_again(project: Path, tmp_path: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    run("insert", "photos", tmp_path / "uploads", "-f", project)
    save_photo(paths[0], seed=42)
    save_photo(tmp_path / "uploads" / "new.jpg")

    outcome = run("insert", "photos", tmp_path / "uploads", "-f", project)

    assert outcome.output.splitlines()[1] == (
        "1 new, 1 replaced, 2 unchanged, 0 left alone; "
        "6 cells made, 1 equal to before, 5 passed on, 6 reused."
    )


def test_error_rows_are_counted_and_do_not_fail_the_command(project: Path, tmp_path: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"")

    outcome = run("insert", "photos", tmp_path / "uploads", "-f", project)

    found = FIRST_LINE.fullmatch(outcome.first_line)
    assert outcome.exit_code == 0
    assert found is not None
    assert found.groups() == ("3", "1")
    assert f"See what failed: media-assets errors -f {project} photos" in outcome.output


def test_a_run_that_failed_exits_with_1_and_says_why(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "uploads", 2)
    write_project(project, width_body="raise ValueError('no width today')")

    outcome = run("insert", "photos", tmp_path / "uploads", "-f", project)

    assert outcome.exit_code == 1
    assert outcome.first_line == "Recorded 2 rows, but 1 of 1 partitions failed."
    assert "Inserted" not in outcome.output
    assert "'width' raised on all of its 2 rows" in outcome.errors
    assert "no width today" in outcome.errors
    assert f"media-assets materialize -f {project} photos --partitions missing" in outcome.output


def test_a_run_that_a_place_fails_says_so_without_names_of_the_code(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_photos(tmp_path / "uploads", 1)
    (tmp_path / "file").touch()
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", str(tmp_path / "file" / "folder"))

    outcome = run("insert", "photos", tmp_path / "uploads", "-f", project)

    assert outcome.exit_code == 1
    assert "failed: No file can be stored as " in outcome.errors
    assert "media_assets.errors" not in outcome.errors


def test_every_run_is_in_the_history_of_the_instance(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "uploads", 2)
    run("insert", "photos", tmp_path / "uploads", "-f", project)

    with dg.DagsterInstance.get() as instance:
        (record,) = instance.get_runs()
        partitions = instance.get_dynamic_partitions("media_assets/photos")

    assert record.status is dg.DagsterRunStatus.SUCCESS
    assert partitions == [record.tags["dagster/partition"]]
    assert record.tags["media_assets/started_by"] == "media-assets insert"
    jobs = Location(None, project).defs.resolve_all_job_defs()
    assert record.job_name in {job.name for job in jobs}


def test_only_the_columns_asked_for_are_made_with_the_source(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "uploads", 2)

    outcome = run("insert", "photos", tmp_path / "uploads", "--columns", "flipped", "-f", project)

    assert "4 cells made, 0 reused" in outcome.output


def test_a_single_file_may_be_named(project: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "IMG_0001.jpg")

    outcome = run("insert", "photos", photo, "--name", "harbour.jpg", "-f", project)

    assert outcome.exit_code == 0
    assert rows() == ["harbour.jpg"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense", "{photo}"], r"no table 'nonsense'.*Known: photos\."),
        (
            ["photos", "{photo}", "--columns", "fliped"],
            r"Known: flipped, source_image, width.*'flipped'",
        ),
        (["photos", "{folder}/missing.jpg"], r"missing\.jpg"),
        (["photos", "{photo}", "{folder}/other/a.jpg"], r"Two files have the row name 'a.jpg'"),
        (
            ["photos", "{photo}", "{folder}/b.jpg", "--name", "c"],
            r"--name 'c' was given with 2 files",
        ),
    ],
)
def test_a_refused_insert_prints_one_line_and_records_nothing(
    project: Path, home: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    save_photo(tmp_path / "b.jpg", seed=1)
    save_photo(tmp_path / "other" / "a.jpg", seed=2)
    places = {"photo": photo, "folder": tmp_path}

    outcome = run("insert", *(a.format(**places) for a in arguments), "-f", project)

    assert outcome.exit_code == 1
    assert outcome.output == ""
    assert outcome.errors.startswith("Error: ")
    assert outcome.errors.count("\n") == 1
    assert re.search(said, outcome.errors)
    assert not (home / "media" / "catalog").exists()


def test_an_invalid_destination_is_reported_before_anything_is_recorded(
    project: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", "processed/")

    outcome = run("insert", "photos", photo, "-f", project)

    assert outcome.exit_code == 1
    assert "environment variable MEDIA_ASSETS_OUTPUT_MEDIA_DEST" in outcome.errors
    assert not (home / "media").exists()


def test_every_summary_counts_as_people_do(project: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jpg").write_bytes(b"")

    said = [
        run(*verb, "-f", project).output
        for verb in [
            ("insert", "photos", tmp_path / "empty"),
            ("insert", "photos", photo),
            ("insert", "photos", photo),
            ("insert", "photos", tmp_path / "bad.jpg"),
            ("insert", "photos", tmp_path / "bad.jpg"),
            ("materialize", "photos"),
            ("materialize", "photos", "--partitions", "stale"),
            ("verify", "photos"),
            ("delete", "photos", "a.jpg"),
            ("gc", "photos"),
        ]
    ]

    empty, one, again, bad, bad_again, made, nothing, verified, deleted, removed = said
    assert empty.startswith("Inserted nothing: no files were found.\n")
    assert one.startswith("Inserted 1 row with 0 errors in ")
    assert "3 cells made" in one
    assert again.startswith("Inserted nothing: no file is new or changed.\n")
    assert bad.startswith("Inserted 1 row with 1 error in ")
    assert bad_again.startswith(
        "Inserted nothing: no file is new or changed; 1 of the named rows has an error.\n"
    )
    assert "Materialized 1 partition of photos: " in made
    assert nothing == "Nothing to materialize in photos.\n"
    assert "0 are missing or changed, 0 uploads are missing" in verified
    assert deleted.startswith("Deleted 1 row of photos.\nIts files can be deleted after")
    assert "Deleted 0 files, 0 bytes." in removed
    one_of_several = re.compile(r"(?<![\d,.])1 (rows|files|cells|partitions|errors|bytes)\b")
    assert not one_of_several.search("".join(said))


def test_a_folder_inserted_before_under_another_naming_rule_is_refused(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_photos(Path("card"), 2)
    run("insert", "photos", "card", "-f", project)

    refused = run("insert", "photos", "card", "--name-by", "path", "-f", project)
    below = run("insert", "photos", "card/photo-000.jpg", "--name", "x", "-f", project)
    told = re.search(r"media-assets (delete -f \S+ photos \S+ \S+) ", refused.errors)
    assert told is not None
    deleted = run(*told[1].split())
    renamed = run("insert", "photos", "card", "--name-by", "path", "-f", project)

    assert (refused.exit_code, refused.output) == (1, "")
    assert "2 files are already rows of 'photos'" in refused.errors
    assert "is row 'photo-000.jpg' and would also become 'card/photo-000.jpg'" in refused.errors
    assert below.exit_code == 1
    assert deleted.exit_code == renamed.exit_code == 0
    assert rows() == ["card/photo-000.jpg", "card/photo-001.jpg"]


def test_an_unreadable_file_is_reported_and_the_others_are_inserted(
    project: Path, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)

    outcome = run("insert", "photos", photo, loop, "-f", project)
    alone = run("insert", "photos", loop, "--name", "x", "-f", project)

    assert outcome.exit_code == alone.exit_code == 1
    assert f"1 entry that cannot be read (too many levels of symbolic links): '{loop}'" in (
        outcome.errors
    )
    assert "everything else was recorded" in outcome.errors
    assert rows() == ["a.jpg"]
