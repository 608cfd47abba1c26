"""The metadata of a materialization in Dagster."""

from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import inserted, manifest, materialize, shown


@pytest.fixture
def photos() -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    return table


def rows_in(value: object) -> list[dict[str, object]]:
    """The rows of a table in metadata."""
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def test_the_keys_are_those_that_the_design_promises() -> None:
    assert metadata.DESTINATION == "media_assets/destination"
    assert metadata.RESOLVED_DESTINATION == "media_assets/resolved_destination"
    assert metadata.DECIDED_BY == "media_assets/decided_by"
    assert metadata.ROWS == "media_assets/rows"
    assert metadata.ERRORS == "media_assets/errors"
    assert metadata.REUSED == "media_assets/reused"
    assert metadata.BYTES == "media_assets/bytes"
    assert metadata.SECONDS == "media_assets/seconds"


def test_an_image_column_shows_counts_destination_files_and_errors(
    instance: dg.DagsterInstance, home: Path, photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 4)
    paths[2].write_bytes(b"no image")
    partition = inserted(instance, photos, *paths)

    run = materialize(instance, photos, partition)
    values = shown(run, photos, "flipped")

    with_it = [event for event in run.all_events if metadata.FIRST_FILES in str(event)]
    assert {event.event_type for event in with_it} == {dg.DagsterEventType.ASSET_MATERIALIZATION}
    committed = manifest(photos, "flipped", partition)
    assert committed is not None
    place = f"{(home / 'media/files').as_uri()}/"
    assert values["dagster/partition_row_count"] == values["media_assets/rows"] == 4
    assert values["media_assets/errors"] == 1
    assert (values["media_assets/made"], values["media_assets/reused"]) == (4, 0)
    stored = [record.size_bytes or 0 for record in committed.records.values()]
    assert values["media_assets/bytes"] == sum(stored) > 0
    assert values["media_assets/resolved_destination"] == place
    assert values["dagster/uri"] == f"{place}photos/flipped/{partition}/"
    urls = [record.fileurl for record in committed.records.values() if record.fileurl]
    assert all(url.startswith(str(values["dagster/uri"])) for url in urls)
    assert values["media_assets/decided_by"] == "local storage"
    assert isinstance(values["media_assets/seconds"], float)
    assert values["media_assets/seconds"] > 0


def test_the_tables_of_first_files_and_errors_name_rows(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 13)
    paths[2].write_bytes(b"")
    partition = inserted(instance, photos, *paths)

    values = shown(materialize(instance, photos, partition), photos, "flipped")

    files, errors = rows_in(values[metadata.FIRST_FILES]), rows_in(values[metadata.FIRST_ERRORS])
    assert [row["row"] for row in files] == [f"photo-{n:03d}.jpg" for n in range(11) if n != 2]
    assert files[0].keys() == {"row", "width", "height", "size_bytes"}
    assert (files[0]["width"], files[0]["height"]) == (48, 36)
    assert [row["row"] for row in errors] == ["photo-002.jpg"]
    assert str(errors[0]["error"]).startswith("InputFailedError: Made from 'source_image', which")


def test_long_values_and_messages_are_cut_and_can_be_broken_anywhere(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    slides = MediaTable("slides")

    @slides.computed_column()
    def embedding(source_image: Image.Image) -> list[object]:
        if source_image.width == 9:
            raise ValueError("https://" + "host/" * 400)
        return [0.123456789] * 4_000

    paths = [*save_photos(tmp_path / "uploads", 1), save_photo(tmp_path / "9.png", size=(9, 9))]
    partition = inserted(instance, slides, *paths)

    values = shown(materialize(instance, slides, partition), slides, "embedding")

    (value,), (error,) = (
        rows_in(values[metadata.FIRST_FILES]),
        rows_in(values[metadata.FIRST_ERRORS]),
    )
    for text in (str(value["value"]), str(error["error"])):
        assert 1_000 < len(text) < 1_200
        assert text.replace("\u200b", "").endswith("…")
        assert max(map(len, text.replace("\u200b", " ").split())) <= 24


def test_a_value_column_shows_values_and_no_destination(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))

    values = shown(materialize(instance, photos, partition), photos, "width")

    assert values["media_assets/bytes"] == 0
    assert [row["value"] for row in rows_in(values[metadata.FIRST_FILES])] == ["48", "48"]
    for absent in ("dagster/uri", "media_assets/resolved_destination", "media_assets/decided_by"):
        assert absent not in values


def test_a_second_run_shows_what_it_reused_and_wrote_nothing(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 3))
    materialize(instance, photos, partition)

    values = shown(materialize(instance, photos, partition), photos, "flipped")

    assert (values["media_assets/made"], values["media_assets/reused"]) == (0, 3)
    assert (values["media_assets/bytes"], values["media_assets/rows"]) == (0, 3)
    assert metadata.FIRST_ERRORS not in values


def test_no_materialization_is_large(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 40))

    result = materialize(instance, photos, partition)

    for event in result.get_asset_materialization_events():
        size = len(dg.serialize_value(event.materialization))
        assert size < 64_000, "events are stored twice"
