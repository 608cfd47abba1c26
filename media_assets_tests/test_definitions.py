"""The contents of the shipped code location, typed by hand."""

import dagster as dg

from media_assets.definitions import defs
from media_assets.io_manager import MediaIOManager


def test_the_shipped_tables_columns_are_these_assets() -> None:
    keys = {key.to_user_string() for key in defs.resolve_all_asset_keys()}

    assert keys == {
        "photos/source_image",
        "photos/flipped",
        "photos/rotated",
        "photos/thumbnail",
        "photos/large_thumbnail",
        "photos/brightness",
    }


def test_assets_are_in_the_group_and_partitions_of_their_table() -> None:
    specs = list(defs.resolve_all_asset_specs())

    assert {spec.group_name for spec in specs} == {"photos"}
    assert {spec.partitions_def for spec in specs} == {
        dg.DynamicPartitionsDefinition(name="media_assets/photos")
    }


def test_the_lineage_is_what_the_row_functions_read() -> None:
    lineage = {
        spec.key.path[-1]: [dep.asset_key.path[-1] for dep in spec.deps]
        for spec in defs.resolve_all_asset_specs()
    }

    assert lineage == {
        "source_image": [],
        "flipped": ["source_image"],
        "rotated": ["source_image"],
        "thumbnail": ["source_image"],
        "large_thumbnail": ["source_image"],
        "brightness": ["thumbnail"],
    }


def test_one_step_makes_them_all() -> None:
    assert len(list(defs.assets or [])) == 1


def test_there_are_jobs_for_columns_maintenance_and_destinations() -> None:
    assert [job.name for job in defs.jobs or []] == [
        "media_assets_check_destinations",
        "photos_job",
        "photos_maintenance",
    ]


def test_only_the_search_for_dead_runs_is_on_by_default() -> None:
    sensor = defs.resolve_sensor_def("photos_uploads")
    dead_runs = defs.resolve_sensor_def("media_assets_dead_runs")
    schedule = defs.resolve_schedule_def("photos_nightly")

    assert {one.name for one in defs.sensors or []} == {"photos_uploads", "media_assets_dead_runs"}
    assert [one.name for one in defs.schedules or []] == ["photos_nightly"]
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert dead_runs.default_status is dg.DefaultSensorStatus.RUNNING
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_no_column_runs_by_a_condition_unless_its_table_says_so() -> None:
    assert {spec.automation_condition for spec in defs.resolve_all_asset_specs()} == {None}


def test_the_io_manager_is_a_resource_under_the_promised_key() -> None:
    resources = defs.resources or {}

    assert set(resources) == {"media_io_manager"}
    assert isinstance(resources["media_io_manager"], MediaIOManager)


def test_runs_of_this_location_stay_in_one_process() -> None:
    assert defs.executor is dg.in_process_executor


def test_dagster_finds_nothing_wrong_with_the_definitions() -> None:
    dg.Definitions.validate_loadable(defs)
