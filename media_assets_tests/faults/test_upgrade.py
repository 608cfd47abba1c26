"""Catalogs that earlier versions wrote are read; those of later ones are refused."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest

from media_assets.catalog import Catalog
from media_assets.errors import ManifestFormatError, UploadConflictError
from media_assets.io_manager import MediaIOManager
from media_assets.records.parquet import FORMAT_VERSION
from media_assets.tables.scanning import record
from media_assets.uploads.folders import find_files
from media_assets.uploads.recording import RecordingResult
from media_assets_tests.faults.catalogs.write import picture
from media_assets_tests.faults.places import COLUMNS, small_table
from media_assets_tests.steps import cells, made, run_step

KEPT = Path(__file__).with_name("catalogs")
"""A whole catalog of each format version, as it was written when that was the newest."""

REPLACED = 200
"""The shade of what replaced a row's first picture."""

FORMATS = range(1, FORMAT_VERSION + 1)


@pytest.fixture
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return shutil.copytree(KEPT / f"format-{request.param}", tmp_path / "catalog")


@pytest.mark.parametrize("catalog", FORMATS, indirect=True)
def test_a_catalog_of_every_format_so_far_is_read_and_gone_on_with(
    catalog: Path, home: Path
) -> None:
    manager = MediaIOManager(catalog=str(catalog), output_media_dest="memory://kept/files/")

    is_first = is_of_format_1(catalog)

    shown = Catalog(manager.installation.catalog)
    rows = shown.sql("select * from photos order by row")
    errors = shown.sql("select * from media_assets.errors where \"column\" = 'source_image'")
    outputs = [
        output
        for partition in sorted(set(rows["partition"]))
        for output in run_step(small_table(), partition, manager=manager)
    ]

    assert rows["row"].to_list() == [f"photo-{number:03}.jpg" for number in range(5)]
    assert round(rows["shade"][3] * 255) == REPLACED
    assert rows["flipped"].notna().sum() == rows["shade"].notna().sum() == 4
    assert errors["row"].to_list() == ["photo-002.jpg"]
    # The sources are gone. Only the one that could not be decoded is tried again, and that only
    # where it is not told which version of the package tried.
    tried = int(is_first)
    assert made(outputs) == tried * len(["source_image", *COLUMNS])
    assert cells(outputs[:4])["flipped"]["photo-000.jpg"].error_class is None


@pytest.mark.parametrize("catalog", FORMATS, indirect=True)
def test_uploads_of_every_format_so_far_are_known_again(
    catalog: Path, home: Path, tmp_path: Path
) -> None:
    manager = MediaIOManager(catalog=str(catalog), output_media_dest="memory://kept/files/")
    moved, other = tmp_path / "photo-000.jpg", tmp_path / "photo-004.jpg"
    moved.write_bytes(picture(10))
    other.write_bytes(picture(99))

    found = [find_files([path]) for path in (moved, other)]
    recorded = record(manager.installation, small_table(), found[0], is_named=True)
    with pytest.raises(UploadConflictError, match=r"photo-004\.jpg"):
        record(manager.installation, small_table(), found[1], is_named=True)
    (partition,) = recorded.partitions
    outputs = run_step(small_table(), partition, ("source_image", "flipped"), manager=manager)

    assert recorded == RecordingResult(moved=1, partitions=(partition,))
    source, flipped = (
        cells(outputs)[name]["photo-000.jpg"] for name in ("source_image", "flipped")
    )
    assert source.fileurl == moved.as_uri()
    assert "memory://kept/files/" in (flipped.fileurl or "")
    assert outputs[1].committed.reused >= 1


def is_of_format_1(catalog: Path) -> bool:
    newest = max((catalog / "photos" / "source_image").rglob("*.parquet"))
    return "facts" not in pyarrow.parquet.read_schema(newest).names


@pytest.mark.parametrize("catalog", [FORMAT_VERSION], indirect=True)
def test_a_catalog_of_a_newer_format_is_refused_and_left_alone(catalog: Path, home: Path) -> None:
    manager = MediaIOManager(catalog=str(catalog))
    partition = next((catalog / "photos" / "flipped").iterdir())
    newest = max(partition.iterdir())
    table = pyarrow.parquet.read_table(newest)
    head = json.loads(pyarrow.parquet.ParquetFile(newest).metadata.metadata[b"media_assets"])
    metadata = {b"media_assets": json.dumps(head | {"format_version": FORMAT_VERSION + 1})}
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), newest)
    before = {path: path.read_bytes() for path in partition.iterdir()}

    with pytest.raises(ManifestFormatError, match=rf"{FORMAT_VERSION + 1}(?s:.*)[Uu]pgrade"):
        run_step(small_table(), partition.name, manager=manager)

    assert {path: path.read_bytes() for path in partition.iterdir()} == before
