"""`media-assets show`."""

import json
import re
import sys
from pathlib import Path

import pytest

from media_assets_tests.cli.terminal import on_terminal
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos


@pytest.fixture
def inserted(project: Path, tmp_path: Path) -> Path:
    """A project whose table holds three rows, one of them with errors."""
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"")
    run("insert", "photos", tmp_path / "uploads", "-f", project)
    return project


def test_json_is_a_list_of_rows_with_each_columns_fileurl_or_value(
    inserted: Path, home: Path
) -> None:
    outcome = run("show", "photos", "--format", "json", "-f", inserted)

    rows = json.loads(outcome.output)
    assert [list(row) for row in rows] == [["row", "source_image", "flipped", "width"]] * 3
    first, broken, _ = rows
    assert first["row"] == "photo-000.jpg"
    assert first["source_image"].endswith("/uploads/photo-000.jpg")
    assert first["flipped"].startswith((home / "media/files/photos/flipped").as_uri())
    assert first["width"] == 48
    assert first["flipped"] in outcome.output, "a fileurl can be copied as it stands"
    assert (broken["source_image"], broken["flipped"], broken["width"]) == (None, None, None)


def test_csv_holds_rows_only(inserted: Path) -> None:
    outcome = run("show", "photos", "--format", "csv", "--columns", "width", "-f", inserted)

    assert outcome.output.splitlines()[0] == "row,width"
    assert len(outcome.output.splitlines()) == 4


def test_people_get_a_table_with_a_title(inserted: Path) -> None:
    outcome = run("show", "photos", "--limit", "1", "--columns", "width", "-f", inserted)

    assert "photos: 1 of 3 rows" in outcome.output
    assert "photo-000.jpg" in outcome.output
    assert "photo-001.jpg" not in outcome.output


def test_a_table_without_rows_is_shown_empty(project: Path) -> None:
    as_json = run("show", "photos", "--format", "json", "-f", project)
    as_table = run("show", "photos", "-f", project)

    assert json.loads(as_json.output) == []
    assert "photos: 0 rows" in as_table.output


def test_a_column_that_was_never_materialized_is_shown_if_it_is_named(
    project: Path, tmp_path: Path
) -> None:
    save_photos(tmp_path / "uploads", 1)
    run("insert", "photos", tmp_path / "uploads", "--columns", "flipped", "-f", project)

    (row,) = json.loads(run("show", "photos", "--format", "json", "-f", project).output)
    named = run("show", "photos", "--columns", "width", "--format", "json", "-f", project)

    assert list(row) == ["row", "source_image", "flipped"]
    assert json.loads(named.output) == [{"row": "photo-000.jpg", "width": None}]


def test_people_see_names_of_files_and_whole_fileurls_if_they_ask(inserted: Path) -> None:
    short = run("show", "photos", "-f", inserted).output
    long = run("show", "photos", "--long", "-f", inserted).output

    assert re.search(r"│ photo-000.jpg │ photo-000.jpg │ photo-000-[0-9a-f]{16}.jpg │", short)
    assert "file://" not in short
    assert "│ file:///" in long
    assert "…" not in long


def test_numbers_are_aligned_to_the_right(inserted: Path) -> None:
    output = run("show", "photos", "--columns", "width", "-f", inserted).output

    assert "│ photo-000.jpg │    48 │" in output


def test_a_terminal_links_names_to_files_and_the_table_fits_it(inserted: Path, home: Path) -> None:
    show = ["show", "photos", "--limit", "1", "-f", str(inserted)]

    written = on_terminal([sys.executable, "-m", "media_assets", *show], columns=60)

    files = (home / "media/files/photos/flipped").as_uri()
    (link,) = re.findall(r"\x1b]8;[^;]*;(file:[^\x1b]*/flipped/[^\x1b]*)\x1b", written)
    shown = re.sub(r"\x1b][^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", written).splitlines()
    assert link.startswith(files)
    assert Path(link.removeprefix("file://")).is_file()
    assert re.search(r"│ photo-000.jpg │ photo-000.jpg │ phot\S*…\S*.jpg │    48 │", shown[-2])
    assert {len(line) for line in shown[1:]} <= {60}


def test_an_unknown_column_is_reported_with_the_known_ones(inserted: Path) -> None:
    outcome = run("show", "photos", "--columns", "widht", "-f", inserted)

    assert outcome.exit_code == 1
    assert "Known: flipped, source_image, width" in outcome.errors
    assert "Did you mean 'width'?" in outcome.errors
