"""An insert starts a run only where there is something to make."""

from pathlib import Path

import dagster as dg
import pytest

from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photo, save_photos

FAILS_ONCE = """
    from pathlib import Path
    if flipped.width == 50 and not Path({flag!r}).exists():
        raise ValueError("not yet")
    return flipped.width
"""


def runs() -> int:
    with dg.DagsterInstance.get() as instance:
        return instance.get_runs_count()


@pytest.fixture
def uploads(project: Path, tmp_path: Path) -> Path:
    """Two photos that were inserted with all columns, in one run."""
    save_photos(tmp_path / "uploads", 2)
    run("insert", "photos", tmp_path / "uploads", "-f", project)
    return tmp_path / "uploads"


def test_an_insert_of_nothing_new_starts_no_run_and_counts_its_cells_as_reused(
    project: Path, uploads: Path
) -> None:
    outcome = run("insert", "photos", uploads, "-f", project)

    assert outcome.output.splitlines() == [
        "Inserted nothing: no file is new or changed.",
        "0 new, 0 replaced, 2 unchanged, 0 left alone; 0 cells made, 6 reused.",
    ]
    assert runs() == 1


def test_an_insert_of_nothing_new_makes_what_is_missing_moved_or_of_edited_code(
    project: Path, uploads: Path
) -> None:
    write_project(project, width_body="return flipped.width + 1")
    edited = run("insert", "photos", uploads / "photo-000.jpg", "-f", project)
    (uploads / "photo-000.jpg").rename(uploads.parent / "photo-000.jpg")
    moved = run("insert", "photos", uploads.parent / "photo-000.jpg", "-f", project)
    shown = run("sql", "select source_image from photos order by row", "--format", "csv")
    again = run("insert", "photos", uploads.parent / "photo-000.jpg", "-f", project)

    assert "made 2 cells that were missing or out of date" in edited.first_line
    assert "1 moved" in moved.output
    assert shown.output.splitlines()[1] == (uploads.parent / "photo-000.jpg").as_uri()
    assert "0 cells made, 6 reused" in again.output
    assert runs() == 3


def test_a_row_is_tried_again_only_if_it_is_given_and_its_error_may_pass(
    project: Path, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    write_project(project, width_body=FAILS_ONCE.format(flag=str(flag)).strip())
    failing = save_photo(tmp_path / "uploads" / "a.jpg", size=(50, 20))
    sound = save_photo(tmp_path / "uploads" / "b.jpg")
    (tmp_path / "uploads" / "c.jpg").write_bytes(b"no image")
    first = run("insert", "photos", tmp_path / "uploads", "-f", project)
    flag.touch()

    others = run("insert", "photos", sound, tmp_path / "uploads" / "c.jpg", "-f", project)
    before = runs()
    given = run("insert", "photos", failing, "-f", project)

    assert first.first_line.startswith("Inserted 3 rows with 2 errors")
    assert before == 1
    assert "1 of the named rows has an error" in others.first_line
    assert "retried" not in others.output
    assert "1 row with an error was retried." in given.output
    assert runs() == 2
