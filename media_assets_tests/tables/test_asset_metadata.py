"""What Dagster shows of a column before any run, and of its inputs."""

from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.tables.assets import table_assets
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted, materialize


@pytest.fixture
def photos() -> MediaTable:
    table = MediaTable("photos", owners=["team:media"], tags={"domain": "press"})

    @table.computed_column(owners=["anna@example.com"], tags={"look": "turned"}, kinds={"pillow"})
    def turned(source_image: Image.Image) -> Image.Image:
        """The photo on its side."""
        return source_image.rotate(90, expand=True)

    @table.computed_column(destination="s3://bucket/thumbnails/")
    def thumbnail(source_image: Image.Image) -> Image.Image:
        return source_image

    @table.computed_column(destination=lambda: None)
    def asked(source_image: Image.Image) -> Image.Image:
        return source_image

    @table.computed_column()
    def ratio(turned: Image.Image, thumbnail: Image.Image) -> float:
        return turned.width / thumbnail.width

    return table


def spec_of(table: MediaTable, column: str) -> dg.AssetSpec:
    (spec,) = [s for s in table_assets(table).specs if s.key == table.asset_key(column)]
    return spec


def test_who_decides_the_destination_is_shown_before_anything_ran(photos: MediaTable) -> None:
    shown = {c.name: spec_of(photos, c.name).metadata for c in photos.columns}

    assert shown["thumbnail"][metadata.DESTINATION] == "s3://bucket/thumbnails/"
    decided_by = {name: values.get(metadata.DECIDED_BY) for name, values in shown.items()}
    assert decided_by == {
        "source_image": "input_media_dest of run config, the IO manager, "
        "MEDIA_ASSETS_INPUT_MEDIA_DEST or the settings file, in this order; "
        "otherwise uploads stay where they are",
        "turned": "output_media_dest of run config, the IO manager, "
        "MEDIA_ASSETS_OUTPUT_MEDIA_DEST or the settings file, in this order; "
        "otherwise local storage, `media/files/` in DAGSTER_HOME",
        "thumbnail": "column",
        "asked": "column, by a function called in each run",
        "ratio": None,
    }


def test_a_column_shows_its_type_and_description_as_its_schema(photos: MediaTable) -> None:
    schema = spec_of(photos, "turned").metadata["dagster/column_schema"]

    assert isinstance(schema, dg.TableSchema)
    (column,) = schema.columns
    assert (column.name, column.type) == ("turned", "image")
    assert column.description == "The photo on its side."


def test_a_tables_owners_tags_and_kinds_are_those_of_every_column(photos: MediaTable) -> None:
    source, turned = spec_of(photos, "source_image"), spec_of(photos, "turned")

    assert list(source.owners) == ["team:media"]
    assert list(turned.owners) == ["team:media", "anna@example.com"]
    assert source.tags["domain"] == turned.tags["domain"] == "press"
    assert turned.tags["look"] == "turned"
    assert "look" not in source.tags


def test_the_type_of_a_column_is_its_kind_by_default(photos: MediaTable) -> None:
    kinds = {c.name: spec_of(photos, c.name).kinds for c in photos.columns}

    assert kinds["source_image"] == {"image"}
    assert kinds["turned"] == {"pillow"}
    assert kinds["ratio"] == {"float"}
    assert spec_of(MediaTable("scans", kinds={"tiff"}), "source_image").kinds == {"tiff"}


def test_a_materialization_names_the_columns_that_it_was_computed_from(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 1))

    events = materialize(instance, table, partition).get_asset_materialization_events()

    values = {e.asset_key: e.materialization.metadata for e in events if e.asset_key}
    lineage = values[table.asset_key("width")]["dagster/column_lineage"].value
    assert isinstance(lineage, dg.TableColumnLineage)
    (dep,) = lineage.deps_by_column["width"]
    assert (dep.asset_key, dep.column_name) == (table.asset_key("source_image"), "source_image")
    assert "dagster/column_lineage" not in values[table.asset_key("source_image")]


def test_limits_of_calls_and_the_condition_are_shown_and_its_columns_are_upstream() -> None:
    table = MediaTable("photos", values={"label": str})

    @table.computed_column(where="label = 'cat'", max_concurrency=2, rate_limit="5/s")
    def width(source_image: Image.Image) -> int:
        return source_image.width

    spec = spec_of(table, "width")
    assert spec.metadata[metadata.WHERE] == "label = 'cat'"
    assert spec.metadata[metadata.CALLS] == "max_concurrency: 2; rate_limit: 5/s"
    assert {dep.asset_key.path[-1] for dep in spec.deps} == {"source_image", "label"}
    assert metadata.CALLS not in spec_of(table, "source_image").metadata
