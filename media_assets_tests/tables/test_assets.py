"""A table's assets in real Dagster runs: destinations, selection, and failures."""

import os
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.home import INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.tables.assets import table_assets
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import globals_of_run, inserted, manifest, materialize, shown

IMAGE_COLUMNS = ("flipped", "gray")


@pytest.fixture
def calls() -> list[str]:
    """The columns whose functions were called."""
    return []


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The destination that the column `gray` names."""
    return tmp_path / "own"


@pytest.fixture
def photos(calls: list[str], own: Path) -> MediaTable:
    """A column without a destination, one with its own, and a value that reads the first."""
    table = MediaTable("photos", description="Photos.")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        """Mirrored."""
        calls.append("flipped")
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column(destination=str(own), tags={"team": "media"}, owners=["team:media"])
    def gray(source_image: Image.Image) -> Image.Image:
        calls.append("gray")
        return source_image.convert("L")

    @table.computed_column()
    def width(flipped: Image.Image) -> int:
        calls.append("width")
        return flipped.width

    return table


def decided(result: dg.ExecuteInProcessResult, table: MediaTable, column: str) -> tuple[str, str]:
    """Where a column's files went, and who decided it."""
    values = shown(result, table, column)
    return str(values[metadata.RESOLVED_DESTINATION]), str(values[metadata.DECIDED_BY])


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """The error of the one failed step, with its causes and the description of a `Failure`."""
    (data,) = [e.step_failure_data for e in result.all_events if e.is_step_failure]
    description = data.user_failure_data.description if data.user_failure_data else None
    return f"{description or ''} {data.error.to_string() if data.error else ''}"


def test_columns_are_assets_of_one_group_that_depend_on_what_they_read(photos: MediaTable) -> None:
    assets = table_assets(photos)

    specs = {spec.key.to_user_string(): spec for spec in assets.specs}
    assert list(specs) == ["photos/source_image", "photos/flipped", "photos/gray", "photos/width"]
    assert {spec.group_name for spec in specs.values()} == {"photos"}
    assert [d.asset_key.to_user_string() for d in specs["photos/width"].deps] == ["photos/flipped"]
    assert specs["photos/flipped"].description == "Mirrored."
    assert specs["photos/gray"].metadata[metadata.DESTINATION].endswith("/own")
    assert specs["photos/gray"].tags["team"] == "media"
    assert list(specs["photos/gray"].owners) == ["team:media"]
    assert assets.can_subset


def test_without_any_choice_files_go_to_local_storage(
    instance: dg.DagsterInstance, home: Path, photos: MediaTable, own: Path, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))

    result = materialize(instance, photos, partition)

    assert result.success
    local_storage = f"{home.as_uri()}/media/files/"
    assert decided(result, photos, "flipped") == (local_storage, "local storage")
    assert decided(result, photos, "gray") == (f"{own.as_uri()}/", "column")
    stored = list((home / "media/files/photos/flipped" / partition).iterdir())
    assert len(stored) == 2
    assert metadata.RESOLVED_DESTINATION not in shown(result, photos, "source_image")
    assert metadata.RESOLVED_DESTINATION not in shown(result, photos, "width")


def test_each_level_of_the_precedence_wins_over_those_below_it(
    instance: dg.DagsterInstance,
    home: Path,
    photos: MediaTable,
    own: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partition = inserted(instance, photos, save_photo(tmp_path / "uploads" / "a.jpg"))
    places = {n: tmp_path / n for n in ("file", "dotenv", "environment", "in_code", "run_config")}
    found: list[tuple[str, str]] = []

    def run(manager: MediaIOManager | None = None, **settings: str) -> None:
        config = globals_of_run(**settings)
        result = materialize(instance, photos, partition, manager=manager, run_config=config)
        found.append(decided(result, photos, "flipped"))
        assert decided(result, photos, "gray") == (f"{own.as_uri()}/", "column")

    (home / "media_assets.toml").write_text(f"output_media_dest = '{places['file']}'\n")
    run()
    (home / ".env").write_text(f"{OUTPUT_VARIABLE}={places['dotenv']}\n")
    run()
    monkeypatch.setenv(OUTPUT_VARIABLE, str(places["environment"]))
    run()
    run(MediaIOManager(output_media_dest=str(places["in_code"])))
    run(
        MediaIOManager(output_media_dest=str(places["in_code"])),
        output_media_dest=str(places["run_config"]),
    )

    assert found == [
        (f"{places['file'].as_uri()}/", "settings file"),
        (f"{places['dotenv'].as_uri()}/", "environment"),
        (f"{places['environment'].as_uri()}/", "environment"),
        (f"{places['in_code'].as_uri()}/", "code"),
        (f"{places['run_config'].as_uri()}/", "run config"),
    ]


def test_a_bad_value_that_loses_is_never_looked_at(
    instance: dg.DagsterInstance,
    photos: MediaTable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partition = inserted(instance, photos, save_photo(tmp_path / "uploads" / "a.jpg"))
    monkeypatch.setenv(OUTPUT_VARIABLE, "ftp://nowhere/")
    config = globals_of_run(output_media_dest=str(tmp_path / "run_config"))

    gray_alone = materialize(
        instance,
        photos,
        partition,
        columns=["gray"],
        run_config=globals_of_run(output_media_dest="also relative"),
    )
    result = materialize(instance, photos, partition, run_config=config)

    assert gray_alone.success
    assert result.success
    assert decided(result, photos, "flipped")[1] == "run config"


@pytest.mark.parametrize(
    ("bad", "problem"),
    [("processed/", "output_media_dest"), ("ftp://host/x", "ftp://host/x")],
)
def test_a_bad_value_that_applies_fails_before_any_work(
    instance: dg.DagsterInstance,
    photos: MediaTable,
    tmp_path: Path,
    calls: list[str],
    bad: str,
    problem: str,
) -> None:
    partition = inserted(instance, photos, save_photo(tmp_path / "uploads" / "a.jpg"))

    result = materialize(
        instance, photos, partition, run_config=globals_of_run(output_media_dest=bad)
    )

    assert not result.success
    assert "DestinationError" in failure_of(result)
    assert problem in failure_of(result)
    assert calls == []
    assert not list(tmp_path.rglob("processed"))


def test_run_config_sets_one_global_and_leaves_the_other_alone(
    instance: dg.DagsterInstance,
    photos: MediaTable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partition = inserted(instance, photos, save_photo(tmp_path / "uploads" / "a.jpg"))
    monkeypatch.setenv(INPUT_VARIABLE, str(tmp_path / "environment"))
    in_code = MediaIOManager(output_media_dest=str(tmp_path / "in_code"))
    config = globals_of_run(input_media_dest=str(tmp_path / "kept"))

    result = materialize(instance, photos, partition, manager=in_code, run_config=config)

    kept, processed = tmp_path / "kept", tmp_path / "in_code"
    assert decided(result, photos, "source_image") == (f"{kept.as_uri()}/", "run config")
    assert decided(result, photos, "flipped") == (f"{processed.as_uri()}/", "code")


def test_run_config_keeps_the_catalog_set_in_code(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path, home: Path
) -> None:
    manager = MediaIOManager(catalog=str(tmp_path / "catalog"))
    partition = inserted(
        instance, photos, save_photo(tmp_path / "uploads" / "a.jpg"), manager=manager
    )
    config = globals_of_run(output_media_dest=str(tmp_path / "run_config"))

    result = materialize(instance, photos, partition, manager=manager, run_config=config)

    assert result.success
    assert list((tmp_path / "catalog" / "photos" / "flipped").rglob("*.parquet"))
    assert not (home / "media" / "catalog").exists()


def test_a_callable_destination_is_called_in_the_run_and_may_return_none(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = MediaTable("photos")

    @table.computed_column(destination=lambda: os.environ.get("FLIPPED_DEST"))
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    partition = inserted(instance, table, save_photo(tmp_path / "uploads" / "a.jpg"))
    left_to_globals = materialize(instance, table, partition)
    monkeypatch.setenv("FLIPPED_DEST", str(tmp_path / "asked"))
    asked = materialize(instance, table, partition)

    assert decided(left_to_globals, table, "flipped")[1] == "local storage"
    assert decided(asked, table, "flipped") == (f"{(tmp_path / 'asked').as_uri()}/", "column")


def test_a_subset_is_made_by_one_step_and_touches_no_other_column(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))

    result = materialize(instance, photos, partition, columns=["flipped", "gray"])

    assert result.success
    assert sorted(calls) == ["flipped", "flipped", "gray", "gray"]
    keys = {
        e.asset_key.to_user_string()
        for e in result.get_asset_materialization_events()
        if e.asset_key
    }
    assert keys == {"photos/flipped", "photos/gray"}
    assert manifest(photos, "source_image", partition) is None
    assert manifest(photos, "width", partition) is None


def test_a_column_whose_input_was_never_materialized_fails_with_what_to_do(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))

    result = materialize(instance, photos, partition, columns=["width"])

    assert not result.success
    assert "Select photos/flipped too, or materialize it first" in failure_of(result)


def test_columns_materialize_in_the_order_in_which_they_read_each_other(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, save_photo(tmp_path / "uploads" / "a.jpg"))

    result = materialize(instance, photos, partition)

    keys = [e.asset_key.path[-1] for e in result.get_asset_materialization_events() if e.asset_key]
    assert keys == ["source_image", "flipped", "gray", "width"]
    assert len({e.step_key for e in result.get_asset_materialization_events()}) == 1


def test_error_rows_alone_do_not_fail_a_run(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"no image")
    partition = inserted(instance, photos, *paths)

    result = materialize(instance, photos, partition)

    assert result.success
    for column in ("source_image", "flipped", "gray", "width"):
        assert shown(result, photos, column)[metadata.ERRORS] == 1


def test_too_many_error_rows_fail_the_run_after_its_commit(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"no image")
    partition = inserted(instance, photos, *paths)

    result = materialize(
        instance,
        photos,
        partition,
        run_config={"ops": {"photos": {"config": {"max_error_share": 0.3}}}},
    )

    assert not result.success
    assert len(result.get_asset_materialization_events()) == 4
    committed = manifest(photos, "flipped", partition)
    assert committed is not None
    assert len(committed.records) == 3


def test_a_function_that_always_raises_fails_after_commit_without_retry(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = MediaTable("photos", retry_policy=dg.RetryPolicy(max_retries=3))
    calls: list[str] = []

    @table.computed_column()
    def broken(source_image: Image.Image) -> Image.Image:
        calls.append("broken")
        message = f"no {source_image.mode}"
        raise ValueError(message)

    @table.computed_column()
    def fine(source_image: Image.Image) -> int:
        return source_image.width

    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 3))
    result = materialize(instance, table, partition)

    assert not result.success
    assert len(calls) == 3
    assert "'broken' raised on all of its 3 rows" in failure_of(result)
    fine_rows = manifest(table, "fine", partition)
    assert fine_rows is not None
    assert fine_rows.errors == []
    broken_rows = manifest(table, "broken", partition)
    assert broken_rows is not None
    assert {record.error_class for record in broken_rows.errors} == {"ValueError"}


def test_a_fault_of_the_storage_is_retried_as_the_table_says(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("in the way")
    asked: list[str] = []

    def destination() -> str:
        asked.append("destination")
        if len(asked) > 1:
            blocked.unlink(missing_ok=True)
        return str(blocked / "deeper")

    table = MediaTable("photos", retry_policy=dg.RetryPolicy(max_retries=1))

    @table.computed_column(destination=destination)
    def copied(source_image: Image.Image) -> Image.Image:
        return source_image

    partition = inserted(instance, table, save_photo(tmp_path / "uploads" / "a.jpg"))
    result = materialize(instance, table, partition)

    assert result.success
    assert asked == ["destination"] * 2


def test_force_in_run_config_makes_every_cell_again(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))
    materialize(instance, photos, partition)
    unforced = materialize(instance, photos, partition)
    calls.clear()

    forced = materialize(
        instance, photos, partition, run_config={"ops": {"photos": {"config": {"force": True}}}}
    )

    assert len(calls) == 6
    assert shown(unforced, photos, "flipped")[metadata.REUSED] == 2
    assert shown(forced, photos, "flipped")[metadata.REUSED] == 0
    assert shown(forced, photos, "flipped")[metadata.MADE] == 2


def test_the_data_version_that_dagster_records_is_that_of_the_manifest(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 2)
    partition = inserted(instance, photos, *paths)

    def recorded() -> dict[str, str]:
        result = materialize(
            instance, photos, partition, run_config={"ops": {"photos": {"config": {"force": True}}}}
        )
        return {
            event.materialization.asset_key.path[-1]: (event.materialization.tags or {})[
                "dagster/data_version"
            ]
            for event in result.get_asset_materialization_events()
        }

    first, again = recorded(), recorded()
    save_photo(paths[0], seed=50)
    inserted(instance, photos, *paths)
    changed = recorded()

    assert first == again
    for column in ("source_image", "flipped", "gray"):
        assert changed[column] != first[column]
    committed = manifest(photos, "flipped", partition)
    assert committed is not None
    assert committed.data_version == changed["flipped"]


def test_a_table_whose_name_is_a_path_keeps_its_prefix_everywhere(
    instance: dg.DagsterInstance, home: Path, tmp_path: Path
) -> None:
    table = MediaTable("team/photos")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    partition = inserted(instance, table, save_photo(tmp_path / "uploads" / "a.jpg"))
    result = materialize(
        instance,
        table,
        partition,
        run_config={"ops": {"team__photos": {"config": {"force": True}}}},
    )

    assert result.success
    assert (home / "media/files/team/photos/flipped" / partition).is_dir()
    assert instance.get_dynamic_partitions("media_assets/team/photos") == [partition]
