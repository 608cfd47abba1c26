"""The IO manager for assets of any kind: images in, images and frames out."""

import shutil
import weakref
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from PIL import Image

from media_assets.build import build_defs
from media_assets.columns import SourceColumn
from media_assets.errors import DestinationError, ManyPartitionsError, NoMediaManagerError
from media_assets.home import INPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.media_column import MediaColumn
from media_assets.tables.assets import table_assets
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import picture, save_photo, save_photos
from media_assets_tests.runs import inserted, materialize

KEY = "media_io_manager"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run(
    instance: dg.DagsterInstance,
    assets: Sequence[dg.AssetsDefinition],
    *,
    partition: str | None = None,
    manager: MediaIOManager | None = None,
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets,
        instance=instance,
        resources={KEY: manager or MediaIOManager()},
        partition_key=partition,
        run_config=QUIET,
        raise_on_error=False,
    )


def values_of(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, object]:
    (event,) = result.asset_materializations_for_node(asset)
    return {key: value.value for key, value in event.metadata.items()}


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (data,) = [e.step_failure_data for e in result.all_events if e.is_step_failure]
    return data.error.to_string() if data.error else ""


def test_an_asset_may_return_one_image_and_a_downstream_one_gets_it(
    instance: dg.DagsterInstance, home: Path
) -> None:
    sizes: list[tuple[int, int]] = []

    @dg.asset(io_manager_key=KEY)
    def poster() -> Image.Image:
        return picture()

    @dg.asset
    def report(poster: Image.Image) -> None:
        sizes.append(poster.size)

    result = run(instance, [poster, report])

    assert result.success
    assert sizes == [picture().size]
    assert values_of(result, "poster")["media_assets/rows"] == 1
    assert list((home / "media/files/poster").rglob("*.jpg"))


def test_an_assets_own_destination_wins_over_the_global_one(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    @dg.asset(
        io_manager_key=KEY,
        metadata={"media_assets/destination": str(tmp_path / "own"), "media_assets/format": "png"},
    )
    def poster() -> Image.Image:
        return picture()

    manager = MediaIOManager(output_media_dest=str(tmp_path / "global"))
    result = run(instance, [poster], manager=manager)

    assert values_of(result, "poster")["media_assets/decided_by"] == "column"
    (stored,) = (tmp_path / "own").rglob("*.png")
    with Image.open(stored) as image:
        assert image.tobytes() == picture().tobytes()


@pytest.mark.parametrize("returned", ["mapping", "iterable"])
def test_an_asset_may_return_many_images_by_row(
    instance: dg.DagsterInstance, returned: str
) -> None:
    loaded: list[MediaColumn] = []

    @dg.asset(io_manager_key=KEY)
    def posters() -> dg.MaterializeResult[object]:
        rows = {f"{n}.jpg": picture(n) for n in range(5)}
        return dg.MaterializeResult(
            value=rows if returned == "mapping" else (pair for pair in rows.items())
        )

    @dg.asset
    def report(posters: MediaColumn) -> None:
        loaded.append(posters)

    result = run(instance, [posters, report])

    assert result.success
    (column,) = loaded
    assert column.rows == [f"{n}.jpg" for n in range(5)]
    assert {image.size for _, image in column.items()} == {picture().size}
    assert values_of(result, "posters")["media_assets/made"] == 5


def test_images_of_an_iterable_are_taken_a_few_at_a_time(instance: dg.DagsterInstance) -> None:
    alive, most = set[int](), 0

    def counted(seed: int) -> Image.Image:
        nonlocal most
        image = picture(seed)
        alive.add(seed)
        weakref.finalize(image, alive.discard, seed)
        most = max(most, len(alive))
        return image

    @dg.asset(io_manager_key=KEY)
    def posters() -> dg.MaterializeResult[object]:
        return dg.MaterializeResult(value=((f"{n}.jpg", counted(n)) for n in range(60)))

    result = run(instance, [posters])

    assert result.success, failure_of(result)
    assert most < 20


def test_a_row_that_does_not_come_again_is_gone(instance: dg.DagsterInstance) -> None:
    names = ["a.jpg", "b.jpg"]
    frames: list[pd.DataFrame] = []

    @dg.asset(io_manager_key=KEY)
    def posters() -> dict[str, Image.Image]:
        return {name: picture() for name in names}

    @dg.asset
    def report(posters: pd.DataFrame) -> None:
        frames.append(posters)

    run(instance, [posters, report])
    names.remove("a.jpg")
    run(instance, [posters, report])

    assert [frame["row"].tolist() for frame in frames] == [["a.jpg", "b.jpg"], ["b.jpg"]]


def test_each_partition_of_an_asset_has_files_of_its_own(
    instance: dg.DagsterInstance, home: Path
) -> None:
    days = dg.StaticPartitionsDefinition(["2026-11-21", "2026-11-22"])

    @dg.asset(io_manager_key=KEY, partitions_def=days)
    def poster(context: dg.AssetExecutionContext) -> Image.Image:
        return picture(int(context.partition_key[-2:]))

    for day in days.get_partition_keys():
        assert run(instance, [poster], partition=day).success

    folders = sorted(path.name for path in (home / "media/files/poster/image").iterdir())
    assert folders == ["2026-11-21", "2026-11-22"]
    location = dg.Definitions([poster], resources={KEY: MediaIOManager()})
    latest = location.load_asset_value("poster", instance=instance)
    assert isinstance(latest, MediaColumn)
    assert "/2026-11-22/" in latest.fileurl["poster"]


def test_one_value_for_several_partitions_is_refused(instance: dg.DagsterInstance) -> None:
    days = dg.StaticPartitionsDefinition(["2026-11-21", "2026-11-22"])

    @dg.asset(io_manager_key=KEY, partitions_def=days)
    def poster() -> Image.Image:
        return picture()

    ends = {"start": "2026-11-21", "end": "2026-11-22"}
    tags = {f"dagster/asset_partition_range_{end}": key for end, key in ends.items()}
    manager = {KEY: MediaIOManager()}
    with pytest.raises(ManyPartitionsError, match=r"for 2 partitions, from '2026-11-21' to"):
        dg.materialize([poster], instance=instance, resources=manager, tags=tags)


def test_a_table_names_an_io_manager_that_is_none_of_ours(home: Path) -> None:
    del home
    with pytest.raises(NoMediaManagerError, match=r"got InMemoryIOManager .* ma\.testing\.io_man"):
        dg.materialize_to_memory([table_assets(MediaTable("photos", partitions=None))])


def test_a_non_image_is_refused_with_the_accepted_types(instance: dg.DagsterInstance) -> None:
    @dg.asset(io_manager_key=KEY)
    def poster() -> object:
        return 42

    result = run(instance, [poster])

    assert not result.success
    assert "'poster' returned int" in failure_of(result)


def test_a_column_of_several_rows_cannot_be_loaded_as_an_image(
    instance: dg.DagsterInstance,
) -> None:
    @dg.asset(io_manager_key=KEY)
    def posters() -> dict[str, Image.Image]:
        return {"a.jpg": picture(), "b.jpg": picture()}

    @dg.asset
    def report(posters: Image.Image) -> None:
        del posters

    result = run(instance, [posters, report])

    assert not result.success
    assert "InputTypeError" in failure_of(result)


def test_a_tables_column_loads_in_a_downstream_asset_of_the_same_partition(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table, frames = MediaTable("photos"), list[pd.DataFrame]()

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    definition = table.partitioning.definition

    @dg.asset(
        partitions_def=definition,
        ins={
            "widths": dg.AssetIn(table.asset_key("width")),
            "images": dg.AssetIn(table.asset_key("source_image")),
        },
    )
    def report(widths: pd.DataFrame, images: MediaColumn) -> None:
        frames.append(widths)
        assert {image.width for _, image in images.items()} == {48}

    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 3))
    materialize(instance, table, partition)
    location = dg.Definitions([table_assets(table)], resources={KEY: MediaIOManager()})
    loaded = location.load_asset_value(table.asset_key("width"), instance=instance)
    assert isinstance(loaded, MediaColumn)
    assert len(loaded) == 3
    result = dg.materialize(
        [table_assets(table), report],
        instance=instance,
        resources={KEY: MediaIOManager()},
        partition_key=partition,
        selection=[report],
        run_config=QUIET,
    )

    assert result.success
    assert frames[0]["value"].tolist() == [48, 48, 48]
    assert frames[0]["row"].tolist() == ["photo-000.jpg", "photo-001.jpg", "photo-002.jpg"]


def test_files_are_read_from_their_manifest_after_a_new_destination(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, sizes = MediaTable("photos"), list[tuple[int, int]]()

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    @dg.asset(
        partitions_def=table.partitioning.definition,
        ins={"flipped": dg.AssetIn(table.asset_key("flipped"))},
    )
    def report(flipped: Image.Image) -> None:
        sizes.append(flipped.size)

    partition = inserted(instance, table, save_photo(tmp_path / "uploads" / "a.jpg"))
    materialize(instance, table, partition)
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", str(tmp_path / "elsewhere"))
    dg.materialize(
        [table_assets(table), report],
        instance=instance,
        resources={KEY: MediaIOManager()},
        partition_key=partition,
        selection=[report],
        run_config=QUIET,
    )

    assert sizes == [picture().size]


def test_uploads_stay_in_place_by_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    column = SourceColumn("source_image")
    unset = MediaIOManager().installation.decide("photos", column)
    monkeypatch.setenv(INPUT_VARIABLE, "/data/uploads")
    of_environment = MediaIOManager().installation.decide("photos", column)
    own = MediaIOManager().installation.decide("photos", SourceColumn("source_image", "/data/own"))

    assert unset is None
    assert of_environment is not None
    assert of_environment.destination.uri == "file:///data/uploads/"
    assert own is not None
    assert (own.destination.uri, own.decided_by.value) == ("file:///data/own/", "column")


def test_a_manager_follows_the_home_of_its_process(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = MediaIOManager()
    first = manager.installation
    shutil.copytree(home, tmp_path / "other")

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "other"))

    assert first.home.folder == home
    assert manager.installation.home.folder == tmp_path / "other"


def test_an_error_names_the_column_or_the_setting_that_it_is_about(home: Path) -> None:
    own = SourceColumn("source_image", lambda: "relative/own")

    with pytest.raises(DestinationError, match="from column photos/source_image"):
        MediaIOManager().installation.decide("photos", own)
    with pytest.raises(DestinationError, match="from `input_media_dest` of the IO manager in code"):
        MediaIOManager(input_media_dest="relative").installation.decide(
            "photos", SourceColumn("source_image")
        )


def test_the_object_in_the_step_is_the_one_that_handles_its_outputs(
    instance: dg.DagsterInstance,
) -> None:
    seen: list[int] = []

    class Seen(MediaIOManager):
        def handle_output(self, context: dg.OutputContext, obj: object) -> None:
            seen.append(id(self))
            super().handle_output(context, obj)

    @dg.asset(io_manager_key=KEY)
    def poster(media_io_manager: dg.ResourceParam[MediaIOManager]) -> Image.Image:
        seen.append(id(media_io_manager))
        return picture()

    run(instance, [poster], manager=Seen())

    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_run_config_keeps_the_networks_allowed_in_code(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    allowed: list[object] = []

    @dg.asset
    def report(media_io_manager: dg.ResourceParam[MediaIOManager]) -> None:
        allowed.extend(map(str, media_io_manager.installation.reader.fetch_limits.allow_networks))

    config = {"resources": {KEY: {"config": {"output_media_dest": str(tmp_path)}}}}
    dg.materialize(
        [report],
        instance=instance,
        resources={KEY: MediaIOManager(allow_networks=["10.1.0.0/16", "::1"])},
        run_config={**QUIET, **config},
    )

    assert allowed == ["10.1.0.0/16", "::1/128"]


def test_the_resource_page_shows_current_globals_and_who_decided_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(INPUT_VARIABLE, "s3://key:secret@kept/")
    table = MediaTable("photos")
    manager = MediaIOManager(output_media_dest="/tmp/made/")  # noqa: S108  nothing is written

    defs = build_defs([table], {KEY: manager})
    resources = defs.get_repository_def().get_top_level_resources()
    told = resources[KEY].description or ""

    assert told.startswith("Puts every file where the rules say")
    assert "- `output_media_dest`: `/tmp/made/`, from `output_media_dest` of the IO manager" in told
    assert f"from environment variable {INPUT_VARIABLE}" in told
    assert "secret" not in told
    assert f"- `catalog`: `{home / 'media/catalog'}" in told
    assert manager == MediaIOManager(output_media_dest="/tmp/made/")  # noqa: S108  the same


def test_an_invalid_setting_is_shown_there_and_the_code_still_loads(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_CACHE_BYTES", "many")

    told = MediaIOManager().get_resource_definition().description

    assert "MEDIA_ASSETS_CACHE_BYTES" in told
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.chdir(tmp_path)
    assert "In effect" not in MediaIOManager().get_resource_definition().description


def test_the_launchpad_describes_current_globals_and_fills_in_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(INPUT_VARIABLE, "s3://key:secret@kept/")
    manager = MediaIOManager(output_media_dest="/tmp/made/")  # noqa: S108  nothing is written

    definition = manager.get_resource_definition()

    config = definition.config_schema.as_field()
    told = {name: field.description or "" for name, field in config.config_type.fields.items()}
    of_code = "In effect: `/tmp/made/`, from `output_media_dest` of the IO manager in code."
    assert told["output_media_dest"].startswith(of_code)
    assert f"from environment variable {INPUT_VARIABLE}. Where uploads" in told["input_media_dest"]
    assert "secret" not in told["input_media_dest"]
    assert told["catalog"].startswith(f"In effect: `{home / 'media/catalog'}")
    assert config.default_value == {"output_media_dest": "/tmp/made/"}  # noqa: S108
    assert manager.get_resource_definition() is definition
