"""Tests of tables without an installation: no DAGSTER_HOME, and known values."""

from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from PIL import Image

import media_assets as ma
from media_assets_tests.photos import save_photos

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ma.MediaTable:
    """A table in a process without a home and without a dagster.yaml in parent folders."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.chdir(tmp_path)
    save_photos(tmp_path / "uploads", 2)
    table = ma.MediaTable("photos", uploads=str(tmp_path / "uploads"), partitions=None)

    @table.computed_column(format="png")
    def small(source_image: Image.Image) -> Image.Image:
        return ma.transforms.thumbnail(source_image, (16, 16))

    @table.computed_column()
    def width(small: Image.Image) -> int:
        return small.width

    return table


def assets_of(table: ma.MediaTable) -> list[dg.AssetsDefinition]:
    found = ma.table_defs(table).assets or ()
    return [assets for assets in found if isinstance(assets, dg.AssetsDefinition)]


def test_a_table_is_materialized_without_a_home_and_gives_its_columns(
    photos: ma.MediaTable, tmp_path: Path
) -> None:
    @dg.asset(ins={"width": dg.AssetIn(["photos", "width"])})
    def widest(width: pd.DataFrame) -> int:
        return int(max(width["width"]))

    result = dg.materialize(
        [*assets_of(photos), widest],
        resources={"media_io_manager": ma.testing.io_manager(tmp_path)},
        run_config=QUIET,
    )

    made = result.asset_value(["photos", "small"])
    assert isinstance(made, ma.MediaColumn)
    assert made.open("photo-000.jpg").size == (16, 12)
    width = result.output_for_node("photos", "photos__width")
    assert width.value == {
        "photo-000.jpg": 16,
        "photo-001.jpg": 16,
    }
    assert result.asset_value("widest") == 16
    assert not (tmp_path / "nobody").exists()


def test_destinations_of_a_test_are_those_that_it_names(
    photos: ma.MediaTable, tmp_path: Path
) -> None:
    manager = ma.testing.io_manager(tmp_path, output_media_dest=str(tmp_path / "here"))

    result = dg.materialize(
        assets_of(photos),
        resources={"media_io_manager": manager},
        run_config=QUIET,
    )

    made = result.asset_value(["photos", "small"])
    assert all(f"{tmp_path.as_uri()}/here/" in fileurl for fileurl in made.fileurl.values())
