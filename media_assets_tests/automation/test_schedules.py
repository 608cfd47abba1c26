"""The nightly schedule and the maintenance that it launches."""

from pathlib import Path

import dagster as dg
from PIL import Image

from media_assets.build import build_defs
from media_assets.run_processes import STARTED_BY_TAG
from media_assets.tables.table import MediaTable
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog, inserted, manifest, materialize


def maintained(instance: dg.DagsterInstance, table: MediaTable, **config: object) -> bool:
    """Runs a table's maintenance, as its schedule or a person does."""
    job = build_defs([table]).resolve_job_def("photos_maintenance")
    result = job.execute_in_process(
        instance=instance,
        run_config={
            "ops": {"photos_repair": {"config": config}},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
    )
    return result.success


def test_the_schedule_launches_the_maintenance_and_is_off() -> None:
    schedule = build_defs([photos_table(nightly="30 4 * * *")]).resolve_schedule_def(
        "photos_nightly"
    )

    assert schedule.job_name == "photos_maintenance"
    assert schedule.cron_schedule == "30 4 * * *"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_a_table_may_have_no_schedule_and_keeps_its_job() -> None:
    defs = build_defs([photos_table(nightly=None)])

    assert not defs.schedules
    assert defs.resolve_job_def("photos_maintenance")


def test_maintenance_makes_missing_columns_and_retries_error_rows(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table(rows_per_partition=3)
    photos = save_photos(home / "uploads" / "photos", 3)
    whole = photos[0].read_bytes()
    photos[0].write_bytes(b"")
    partition = inserted(instance, table, home / "uploads" / "photos")
    materialize(instance, table, partition, columns=["source_image"])
    photos[0].write_bytes(whole)
    before = manifest(table, "source_image", partition)
    assert before is not None
    assert len(before.errors) == 1

    assert maintained(instance, table)

    flipped, source = (manifest(table, c, partition) for c in ("flipped", "source_image"))
    assert flipped is not None
    assert len(flipped.records) == 3
    assert source is not None
    assert not catalog().error_rows("photos")


def test_maintenance_records_uploads_that_were_missed(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table()
    save_photos(home / "uploads" / "photos", 2)

    assert maintained(instance, table)

    shown = catalog().sql("select * from photos")
    assert len(shown.dropna()) == 2


def test_at_most_max_partitions_are_made_oldest_first(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table(rows_per_partition=1)
    partitions = [
        inserted(instance, table, save_photo(home / f"{n}.jpg", seed=n)) for n in range(3)
    ]

    assert maintained(instance, table, max_partitions=2)
    made = [manifest(table, "flipped", partition) is not None for partition in partitions]
    assert maintained(instance, table, max_partitions=2)

    assert made == [True, True, False]
    assert manifest(table, "flipped", partitions[2]) is not None


def test_every_partition_gets_its_own_run_and_the_checks_are_evaluated(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table(rows_per_partition=1)
    partitions = [
        inserted(instance, table, save_photo(home / f"{n}.jpg", seed=n)) for n in range(2)
    ]

    maintained(instance, table)

    runs = instance.get_runs()
    (parent,) = instance.get_runs(dg.RunsFilter(job_name="photos_maintenance"))
    made = [run for run in runs if run.run_id != parent.run_id]
    assert {run.tags[STARTED_BY_TAG] for run in made} == {f"photos_maintenance {parent.run_id}"}
    location_jobs = {job.name for job in build_defs([table]).resolve_all_job_defs()}
    assert {run.job_name for run in runs} <= location_jobs
    assert sorted(r.tags["dagster/partition"] for r in runs if r.is_success and r.asset_selection)[
        :2
    ] == sorted(partitions)


def test_the_maintenance_run_evaluates_the_checks_of_every_partition(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table(rows_per_partition=1)
    broken = home / "uploads" / "photos" / "broken.jpg"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"no photo")
    partitions = [inserted(instance, table, broken.parent)]
    partitions.append(inserted(instance, table, save_photo(home / "fine.jpg", seed=1)))

    assert maintained(instance, table)

    (run,) = instance.get_runs(dg.RunsFilter(job_name="photos_maintenance"))
    entries = instance.all_logs(run.run_id)
    evaluations = [
        entry.dagster_event.asset_check_evaluation_data
        for entry in entries
        if entry.dagster_event and entry.dagster_event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    passed = {
        (e.asset_key.path[-1], e.partition): e.passed
        for e in evaluations
        if e.check_name == "no_error_rows"
    }
    assert passed == {
        ("source_image", partitions[0]): False,
        ("flipped", partitions[0]): True,
        ("source_image", partitions[1]): True,
        ("flipped", partitions[1]): True,
    }
    for e in evaluations:
        filters = dg.AssetRecordsFilter(e.asset_key, asset_partitions=[str(e.partition)])
        (newest,) = instance.fetch_materializations(filters, limit=1).records
        assert e.target_materialization_data is not None
        assert e.target_materialization_data.storage_id == newest.storage_id
    told = [entry.user_message for entry in entries]
    failed = "photos/source_image no_error_rows (1)"
    assert any("11 of 12 evaluations passed" in text and failed in text for text in told)
    assert "checks" not in {run.job_name for run in instance.get_runs()}


def test_only_error_rows_are_computed_again(home: Path, instance: dg.DagsterInstance) -> None:
    calls: list[int] = []
    table = MediaTable("photos")

    @table.computed_column(code_version="1")
    def picky(source_image: Image.Image) -> int:
        calls.append(source_image.width)
        if source_image.width == 51 and calls.count(51) == 1:
            raise ValueError
        return source_image.width

    for width in (50, 51, 52):
        save_photo(home / "card" / f"{width}.png", seed=width, size=(width, 40))
    partition = inserted(instance, table, home / "card")
    materialize(instance, table, partition)
    calls.clear()

    assert maintained(instance, table)

    assert calls == [51]
