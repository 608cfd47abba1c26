"""The check of all destinations as a job."""

from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from media_assets.automation.destinations_check import JOB_NAME
from media_assets.build import build_defs
from media_assets.tables import built
from media_assets.tables.table import MediaTable
from media_assets_tests.servers.s3 import S3Server

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture(autouse=True)
def no_table_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job looks at all tables of its process: those of a test alone are a location's."""
    monkeypatch.setattr(built, "_built", {})


def checked(instance: dg.DagsterInstance, *tables: MediaTable) -> dg.ExecuteInProcessResult:
    job = build_defs(tables).resolve_job_def(JOB_NAME)
    return job.execute_in_process(instance=instance, run_config=QUIET, raise_on_error=False)


def test_a_run_of_the_job_tries_every_destination_and_leaves_nothing(
    instance: dg.DagsterInstance, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"job-{uuid4().hex}")
    photos = MediaTable("photos", destination=f"s3://{bucket}/photos/")
    scans = MediaTable("team/scans", destination=str(tmp_path / "scans"))

    assert checked(instance, photos, scans).success

    asked = s3_environment.requests(bucket)
    assert [line.split(" ")[0] for line in asked] == ["PUT", "GET", "POST"]
    assert list((tmp_path / "scans").iterdir()) == []


def test_a_destination_that_does_not_work_fails_the_run_with_a_fix(
    instance: dg.DagsterInstance, s3_environment: S3Server, tmp_path: Path
) -> None:
    photos = MediaTable("photos", destination=f"s3://no-such-bucket-{uuid4().hex}/")
    scans = MediaTable("scans", destination=str(tmp_path / "scans"))

    result = checked(instance, photos, scans)

    (failed,) = [e.step_failure_data for e in result.all_events if e.is_step_failure]
    told = failed.user_failure_data
    assert told is not None
    assert told.description == "1 of 3 destinations do not work."
    ((uri, text),) = told.metadata.items()
    assert uri == photos.source.destination
    assert "photos/source_image" in str(text.value)
    assert "Create the bucket" in str(text.value)


def test_a_schedule_may_run_it() -> None:
    defs = build_defs([MediaTable("photos")])
    nightly = dg.ScheduleDefinition(
        name="destinations", job_name=JOB_NAME, cron_schedule="0 2 * * *"
    )

    merged = dg.Definitions.merge(defs, dg.Definitions(schedules=[nightly]))

    dg.Definitions.validate_loadable(merged)
    assert merged.resolve_schedule_def("destinations").job_name == JOB_NAME
