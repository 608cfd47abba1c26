"""Catalogs that earlier versions wrote are read; those of later ones are refused."""

import json
import shutil
from pathlib import Path
from typing import Annotated

import pyarrow.parquet
import pytest

from media_assets.arrays import encode_numbers
from media_assets.catalog import Catalog
from media_assets.columns import Length
from media_assets.errors import ManifestFormatError, UploadConflictError
from media_assets.io_manager import MediaIOManager
from media_assets.records.file_headers import FORMAT_VERSION
from media_assets.records.manifests import Record
from media_assets.tables.scanning import record
from media_assets.uploads.folders import find_files
from media_assets.uploads.recording import RecordingResult
from media_assets.values import ColumnType
from media_assets_tests.catalogs import catalog_of, commit, header, memory_root, record_rows, value
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
def test_columns_of_newer_types_join_a_table_of_every_format_so_far(
    catalog: Path, home: Path
) -> None:
    manager = MediaIOManager(catalog=str(catalog), output_media_dest="memory://kept/files/")
    table = small_table()

    @table.computed_column()
    def shades(shade: float) -> list[float]:
        return [shade, shade / 2]

    @table.computed_column()
    def vector(shades: list[float]) -> Annotated[list[float], Length(2)]:
        return shades

    shown = Catalog(manager.installation.catalog)
    partitions = sorted(set(shown.sql("select partition from photos")["partition"]))
    outputs = run_step(table, partitions[-1], manager=manager)
    committed = [output.committed for output in outputs]

    # Partitions of the older format are read beside the newer one.
    frame = shown.sql("select row, partition, shade, shades, vector from photos order by row")
    few = shown.rows("photos", ["photo-000.jpg"], ["shades"])
    has_vector = frame["vector"].notna()
    assert set(frame["partition"][has_vector]) == {partitions[-1]}
    assert [len(numbers) for numbers in frame["shades"][has_vector]] == [2] * has_vector.sum()
    assert few["shades"].to_list() == [None]
    assert {c.manifest.header.column: c.made for c in committed if c.made} == {
        "shades": has_vector.sum(),
        "vector": has_vector.sum(),
    }


def test_lists_that_were_kept_as_json_stand_beside_those_that_are_kept_as_bytes() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    record_rows(root, "p2", ["b"])
    numbers = ColumnType("list[float]")
    newer = Record("b", value_bytes=encode_numbers([0.5], numbers), digest="b")
    commit(root, header("v", "p1", type=ColumnType.LIST), [value("a", "[1, 2.5]")])
    commit(root, header("v", "p2", type=numbers), [newer])
    catalog = catalog_of(root)

    assert catalog.sql("select v from photos order by row")["v"].to_list() == [[1.0, 2.5], [0.5]]
    assert catalog.table("photos")["v"].to_list() == [[1.0, 2.5], [0.5]]
    assert catalog.column("photos", "v").value == {"a": [1.0, 2.5], "b": [0.5]}


def test_cells_that_were_kept_for_another_type_are_null_until_they_are_made_again() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a", "b", "c"])
    numbers, vector = ColumnType("list[float]"), ColumnType("float[2]")
    kept = [
        Record("a", value_bytes=encode_numbers([0.5], numbers), digest="a"),
        Record("b", value_bytes=encode_numbers([0.5, 1], vector), digest="b"),
        value("c", "text"),
    ]
    commit(root, header("v", "p1", type=vector), kept)
    catalog = catalog_of(root)

    frame, column = catalog.sql("select v from photos order by row"), catalog.column("photos", "v")

    shown = [None if v is None else v.tolist() for v in frame["v"]]
    assert shown == [None, [0.5, 1.0], None]
    assert column.value["c"] is None


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
