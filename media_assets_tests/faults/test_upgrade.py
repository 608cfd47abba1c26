"""Catalogs that earlier versions wrote are read; those of later ones are refused."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest

from media_assets.catalog import Catalog
from media_assets.errors import ManifestFormatError
from media_assets.io_manager import MediaIOManager
from media_assets.records.parquet import FORMAT_VERSION
from media_assets_tests.faults.places import COLUMNS, small_table
from media_assets_tests.steps import cells, made, run_step

KEPT = Path(__file__).with_name("catalogs")
"""A whole catalog of each format version, as it was written when that was the newest."""

FORMATS = range(1, FORMAT_VERSION + 1)


@pytest.fixture
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return shutil.copytree(KEPT / f"format-{request.param}", tmp_path / "catalog")


@pytest.mark.parametrize("catalog", FORMATS, indirect=True)
def test_a_catalog_of_every_format_so_far_is_read_and_gone_on_with(
    catalog: Path, home: Path
) -> None:
    manager = MediaIOManager(catalog=str(catalog), output_media_dest="memory://kept/files/")

    shown = Catalog(manager.catalog_root())
    rows = shown.sql("select * from photos order by row")
    errors = shown.sql("select * from media_assets.errors where \"column\" = 'source_image'")
    (partition,) = set(rows["partition"])
    outputs = run_step(small_table(), partition, manager=manager)

    assert rows["row"].to_list() == ["photo-000.jpg", "photo-001.jpg", "photo-002.jpg"]
    assert rows["flipped"].notna().sum() == rows["shade"].notna().sum() == 2
    assert errors["row"].to_list() == ["photo-002.jpg"]
    assert made(outputs) == len(["photo-002.jpg"]) * len(["source_image", *COLUMNS])
    assert cells(outputs)["flipped"]["photo-000.jpg"].error_class is None


@pytest.mark.parametrize("catalog", [FORMAT_VERSION], indirect=True)
def test_a_catalog_of_a_newer_format_is_refused_and_left_alone(catalog: Path, home: Path) -> None:
    manager = MediaIOManager(catalog=str(catalog))
    partition = next((catalog / "photos" / "flipped").iterdir())
    newest = max(partition.iterdir())
    table = pyarrow.parquet.read_table(newest)
    head = json.loads(table.schema.metadata[b"media_assets"])
    metadata = {b"media_assets": json.dumps(head | {"format_version": FORMAT_VERSION + 1})}
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), newest)
    before = newest.read_bytes()

    with pytest.raises(ManifestFormatError, match=rf"{FORMAT_VERSION + 1}(?s:.*)[Uu]pgrade"):
        run_step(small_table(), partition.name, manager=manager)

    assert newest.read_bytes() == before
    assert list(partition.iterdir()) == [newest]
