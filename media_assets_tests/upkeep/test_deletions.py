"""Rows out of a table, and how they stay out."""

import os
from pathlib import Path

import pytest
from PIL import Image

from media_assets.errors import UnknownRowsError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.upkeep.deletions import delete_rows
from media_assets.uploads.folders import find_files
from media_assets.uploads.log import UploadLog
from media_assets.uploads.recording import RecordingResult
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.catalogs import memory_root, record_rows
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog, insert
from media_assets_tests.steps import run_step


@pytest.fixture
def photos(home: Path) -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column(code_version="1")
    def width(source_image: Image.Image) -> int:
        return source_image.width

    return table


@pytest.fixture
def paths(home: Path) -> list[Path]:
    return save_photos(home / "uploads" / "photos", 3)


def delete(*rows: str) -> int:
    stored = StoredTable(MediaIOManager().installation.catalog, "photos")
    return delete_rows(stored, "source_image", rows)


def rows() -> list[str]:
    return catalog().sql("select row from photos order by row")["row"].to_list()


def scan(table: MediaTable) -> RecordingResult:
    manager = MediaIOManager()
    return record(manager.installation, table, scan_uploads(manager.installation, table))


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def test_deleted_rows_are_in_no_view(photos: MediaTable, paths: list[Path]) -> None:
    (partition,) = insert(photos, *paths)
    run_step(photos, partition)

    count = delete("photo-000.jpg", "photo-002.jpg", "photo-000.jpg")

    assert count == 2
    assert rows() == ["photo-001.jpg"]
    assert catalog().sql("select distinct row from media_assets.files")["row"].to_list() == rows()
    assert [path.exists() for path in paths] == [True] * 3, "uploads in place stay"


def test_unknown_rows_are_listed_and_nothing_is_recorded(
    photos: MediaTable, paths: list[Path]
) -> None:
    insert(photos, *paths)
    delete("photo-001.jpg")

    with pytest.raises(UnknownRowsError, match=r"no row 'photo-001.jpg', 'x.jpg'\."):
        delete("photo-000.jpg", "photo-001.jpg", "x.jpg")

    assert rows() == ["photo-000.jpg", "photo-002.jpg"]


def test_a_deleted_row_stays_deleted_whatever_a_scan_finds_of_the_same_content(
    photos: MediaTable, paths: list[Path]
) -> None:
    (partition,) = insert(photos, *paths)
    run_step(photos, partition)
    delete("photo-000.jpg")
    again = scan(photos)
    touch(paths[0])
    run_step(photos, partition)

    touched = scan(photos)

    assert (again.new, touched.new) == (0, 0)
    assert "photo-000.jpg" not in rows()


def test_a_row_deleted_before_any_run_stays_deleted_when_its_file_is_touched(
    photos: MediaTable, paths: list[Path]
) -> None:
    insert(photos, *paths)
    delete("photo-000.jpg")
    touch(paths[0])

    assert scan(photos).new == 0


def test_other_content_brings_a_deleted_row_back(photos: MediaTable, paths: list[Path]) -> None:
    insert(photos, *paths)
    delete("photo-000.jpg")
    save_photo(paths[0], seed=42)

    assert scan(photos).new == 1
    assert "photo-000.jpg" in rows()


def test_an_insert_brings_a_deleted_row_back_although_nothing_changed(
    photos: MediaTable, paths: list[Path]
) -> None:
    (partition,) = insert(photos, *paths)
    run_step(photos, partition)
    delete("photo-000.jpg")

    recorded = record(MediaIOManager().installation, photos, find_files([paths[0]]), is_named=True)
    outputs = run_step(photos, partition)

    assert (recorded.new, recorded.unchanged) == (1, 0)
    assert "photo-000.jpg" in rows()
    assert all(not output.committed.manifest.errors for output in outputs)


def test_a_source_that_changed_in_place_is_noticed_by_a_scan(
    photos: MediaTable, paths: list[Path]
) -> None:
    (partition,) = insert(photos, *paths)
    run_step(photos, partition)
    save_photo(paths[0], seed=42, size=(10, 10))

    recorded = scan(photos)
    run_step(photos, partition)

    assert (recorded.replaced, recorded.unchanged) == (1, 2)
    widths = catalog().sql("select width from photos order by row")["width"].to_list()
    assert widths == [10, 48, 48]


def test_a_deleted_row_does_not_mean_one_in_the_other_unicode_form() -> None:
    root = memory_root()
    composed, decomposed = "caf\u00e9.jpg", "cafe\u0301.jpg"
    record_rows(root, "p1", [composed, decomposed])
    delete_rows(StoredTable(root, "photos"), "source_image", [composed])

    with pytest.raises(UnknownRowsError):
        delete_rows(StoredTable(root, "photos"), "source_image", [composed])

    log = UploadLog(root, "photos")
    log.refresh()
    assert list(log.live_rows("p1")) == [decomposed]
