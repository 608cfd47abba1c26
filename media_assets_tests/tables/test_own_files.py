"""Tables whose columns keep their files among the uploads."""

from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from media_assets.errors import UploadError
from media_assets.io_manager import MediaIOManager
from media_assets.partitioning import BY_UPLOADS, Partitions
from media_assets.split import tiles
from media_assets.tables.scanning import record, record_partition, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import files_of_columns
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.photos import save_photo
from media_assets_tests.steps import run_step


@pytest.mark.parametrize("destination", ["", "thumbs/"])
@pytest.mark.parametrize("partitions", [BY_UPLOADS, None], ids=["by uploads", "none"])
def test_files_that_columns_make_are_not_uploads(
    home: Path, tmp_path: Path, destination: str, partitions: Partitions
) -> None:
    uploads = tmp_path / "uploads"
    save_photo(uploads / "photos" / "a.png")
    table = MediaTable("photos", uploads=str(uploads), partitions=partitions)

    @table.computed_column(destination=str(uploads / destination))
    def small(source_image: Image.Image) -> Image.Image:
        return source_image.resize((8, 8))

    table.derived_table("tiles", tiles((20, 20)), destination=str(uploads / destination))
    installation = MediaIOManager().installation
    first = record(installation, table, scan_uploads(installation, table))
    for partition in first.partitions:
        run_step(table, partition)
        for derived in table.all_derived:
            run_step(derived, partition)

    found = scan_uploads(installation, table)

    assert len(list(uploads.rglob("*.png"))) > 3
    assert [upload.row for upload in found.uploads] == ["photos/a.png"]
    assert "that columns keep" in str(found.left_alone)
    if partitions is None:
        stored = StoredTable(installation.catalog, table.name)
        recorded = record_partition(installation, table, stored, "_")
        assert (recorded.new, recorded.unchanged) == (0, 1)


def test_files_published_among_the_uploads_are_refused(home: Path, tmp_path: Path) -> None:
    save_photo(tmp_path / "uploads" / "a.png")
    table = MediaTable("photos", uploads=str(tmp_path / "uploads"))

    @table.computed_column(destination=str(tmp_path / "uploads"), publish="{row_stem}.webp")
    def small(source_image: Image.Image) -> Image.Image:
        return source_image.resize((8, 8))

    with pytest.raises(UploadError, match="publishes its files among the uploads"):
        scan_uploads(MediaIOManager().installation, table)


def test_galleries_and_trials_of_a_home_among_the_uploads_are_not_uploads(home: Path) -> None:
    save_photo(home / "a.png")
    save_photo(home / "media" / "gallery" / "photos" / "thumb.png")
    table = MediaTable("photos", uploads=str(home))

    found = scan_uploads(MediaIOManager().installation, table)

    assert [upload.row for upload in found.uploads] == ["a.png"]


def test_tables_do_not_take_what_columns_of_others_keep(home: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    tables = [MediaTable(name, uploads=str(tmp_path / name)) for name in ("one", "two")]
    for table, into in zip(tables, reversed(folders), strict=True):
        save_photo(Path(str(table.partitioning.uploads)) / f"{table.name}.png", seed=len(into.name))

        @table.computed_column(destination=partial(str, into))
        def small(source_image: Image.Image) -> Image.Image:
            return source_image.resize((8, 8))

        @table.computed_column(destination=str(into / "published"), publish="{row_stem}-x.png")
        def tiny(source_image: Image.Image) -> Image.Image:
            return source_image.resize((4, 4))

    installation = MediaIOManager().installation
    for _ in range(2):
        for table in tables:
            found = scan_uploads(installation, table)
            for partition in record(installation, table, found).partitions:
                run_step(table, partition)

    found = scan_uploads(installation, tables[0])
    assert [upload.row for upload in found.uploads] == ["one.png"]
    assert str(found.left_alone) == "3 left alone: 3 files that columns keep"
    is_own = files_of_columns(installation, [str(folders[0])])
    every = find_named([str(folders[0])], installation.reader, is_own=is_own)
    assert [upload.row for upload in every.uploads] == ["one.png"]
    (kept,) = (folders[0] / "two" / "small").rglob("*.*")
    by_name = find_named([str(kept)], installation.reader, is_own=is_own)
    assert [upload.row for upload in by_name.uploads] == [kept.name], "named by itself"
