"""A run over a range makes each of its partitions, and Dagster has events for each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.build import build_defs
from media_assets.io_manager import MediaIOManager
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog, manifest

DAYS = [f"2026-01-0{day}" for day in range(1, 4)]
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def table_of_days(home: Path, **options: object) -> MediaTable:
    table = MediaTable(
        "days",
        uploads=f"{home}/uploads/{{partition_key}}/",
        partitions=dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-02-01"),
        **options,  # pyright: ignore[reportArgumentType]
    )

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column(code_version="1")
    def width(flipped: Image.Image) -> int:
        return flipped.width

    return table


@pytest.fixture
def days(home: Path) -> MediaTable:
    for n, day in enumerate(DAYS):
        for photo in range(n + 1):
            save_photo(home / "uploads" / day / f"{photo}.jpg", seed=10 * n + photo)
    return table_of_days(home)


def run_over(
    instance: dg.DagsterInstance,
    table: MediaTable,
    first: str,
    last: str,
    *,
    columns: Sequence[str] | None = None,
    run_config: Mapping[str, object] | None = None,
) -> dg.ExecuteInProcessResult:
    chosen = columns or [column.name for column in table.columns]
    return (
        build_defs([table])
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            asset_selection=[table.asset_key(name) for name in chosen],
            tags={
                "dagster/asset_partition_range_start": first,
                "dagster/asset_partition_range_end": last,
            },
            run_config={**QUIET, **(run_config or {})},
            raise_on_error=False,
        )
    )


def newest(
    instance: dg.DagsterInstance, table: MediaTable, column: str, partition: str
) -> tuple[int, dg.AssetMaterialization]:
    """The latest event of a column's partition, and its number."""
    key = table.asset_key(column)
    chosen = dg.AssetRecordsFilter(key, asset_partitions=[partition])
    (record,) = instance.fetch_materializations(chosen, limit=1).records
    assert record.asset_materialization is not None
    return record.storage_id, record.asset_materialization


def test_every_partition_of_a_range_is_made(days: MediaTable, instance: dg.DagsterInstance) -> None:
    result = run_over(instance, days, DAYS[0], DAYS[-1])

    assert result.success
    rows = catalog().sql("select partition, count(width) as rows from days group by all order by 1")
    assert rows.to_numpy().tolist() == [[day, n + 1] for n, day in enumerate(DAYS)]


def test_the_newest_event_of_each_partition_says_what_is_in_it(
    days: MediaTable, instance: dg.DagsterInstance
) -> None:
    run_over(instance, days, DAYS[0], DAYS[-1])

    for n, day in enumerate(DAYS):
        for column in days.columns:
            _, event = newest(instance, days, column.name, day)
            stored = manifest(days, column.name, day)
            assert stored is not None
            assert event.metadata[metadata.ROWS].value == n + 1
            assert event.tags is not None
            assert event.tags["dagster/data_version"] == stored.data_version
            assert event.tags["dagster/code_version"] == column.code_version
            for read in column.inputs:
                number, upstream = newest(instance, days, read, day)
                assert upstream.tags is not None
                version = upstream.tags["dagster/data_version"]
                assert event.tags[f"dagster/input_data_version/days/{read}"] == version
                assert event.tags[f"dagster/input_event_pointer/days/{read}"] == str(number)


def test_checks_are_reported_for_each_partition(
    days: MediaTable, instance: dg.DagsterInstance, home: Path
) -> None:
    (home / "uploads" / DAYS[1] / "broken.jpg").write_bytes(b"no image")

    result = run_over(instance, days, DAYS[0], DAYS[-1])

    told = {
        (check.asset_key.path[-1], check.partition): check.passed
        for check in result.get_asset_check_evaluations()
        if check.check_name == "no_error_rows"
    }
    assert len(result.get_asset_check_evaluations()) == 8 * len(DAYS)
    assert [told["source_image", day] for day in DAYS] == [True, False, True]
    assert all(told["width", day] for day in DAYS)
    for check in result.get_asset_check_evaluations():
        number, _ = newest(instance, days, check.asset_key.path[-1], str(check.partition))
        assert check.target_materialization_data is not None
        assert check.target_materialization_data.storage_id == number


def test_a_range_reads_unselected_columns_from_the_catalog(
    days: MediaTable, instance: dg.DagsterInstance
) -> None:
    run_over(instance, days, DAYS[0], DAYS[-1], columns=["source_image", "flipped"])

    assert run_over(instance, days, DAYS[0], DAYS[-1], columns=["width"]).success

    number, upstream = newest(instance, days, "flipped", DAYS[1])
    _, event = newest(instance, days, "width", DAYS[1])
    assert event.tags is not None
    assert upstream.tags is not None
    assert event.tags["dagster/input_event_pointer/days/flipped"] == str(number)
    assert (
        event.tags["dagster/input_data_version/days/flipped"]
        == upstream.tags["dagster/data_version"]
    )


def test_a_partition_with_too_many_errors_fails_the_run_at_its_end(
    days: MediaTable, instance: dg.DagsterInstance, home: Path
) -> None:
    (home / "uploads" / DAYS[1] / "broken.jpg").write_bytes(b"no image")
    strict = {"ops": {"days": {"config": {"max_error_share": 0.0}}}}

    result = run_over(instance, days, DAYS[0], DAYS[-1], run_config=strict)

    (failed,) = [e.step_failure_data for e in result.all_events if e.is_step_failure]
    assert failed.user_failure_data is not None
    told = failed.user_failure_data.description or ""
    assert told.startswith("1 of 3 partitions failed. Partition 2026-01-02: 1 of 3 rows of column")
    assert manifest(days, "width", DAYS[2]) is not None
    newest(instance, days, "width", DAYS[2])


def test_partitions_made_before_a_fault_are_reported(
    days: MediaTable, instance: dg.DagsterInstance, home: Path
) -> None:
    files = home / "files"
    table = table_of_days(home, destination=str(files))
    (files / "days" / "source_image").mkdir(parents=True)
    # A file blocks the folder, so the third day's files cannot be stored.
    (files / "days" / "source_image" / DAYS[2]).touch()

    result = run_over(instance, table, DAYS[0], DAYS[-1])

    assert not result.success
    for day in DAYS[:2]:
        _, event = newest(instance, table, "width", day)
        assert event.metadata[metadata.ROWS].value == DAYS.index(day) + 1
    chosen = dg.AssetRecordsFilter(table.asset_key("width"), asset_partitions=[DAYS[2]])
    assert not instance.fetch_materializations(chosen, limit=1).records


def test_a_run_over_no_partition_says_how_to_choose_some(
    days: MediaTable, instance: dg.DagsterInstance
) -> None:
    job = build_defs([days]).resolve_implicit_global_asset_job_def()

    result = job.execute_in_process(instance=instance, run_config=QUIET, raise_on_error=False)

    (failed,) = [e.step_failure_data for e in result.all_events if e.is_step_failure]
    assert "No partition was chosen" in str(failed.error)
    assert MediaIOManager().installation.catalog is not None
    assert manifest(days, "width", "_") is None
