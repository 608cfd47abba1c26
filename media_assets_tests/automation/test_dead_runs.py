"""Dead runs are ended, and started again even where Dagster forgot to."""

from datetime import timedelta
from pathlib import Path

import dagster as dg

from media_assets.automation.dead_runs import ask_for_lost_retries, dead_runs
from media_assets.run_processes import PROCESS_TAG, end_dead_runs
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted, materialize

AT_ONCE = timedelta(0)


def failed_run(instance: dg.DagsterInstance, **tags: str) -> str:
    job = dg.job(name="failed")(lambda: None)
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(run)
    instance.add_run_tags(run.run_id, {f"dagster/{tag}": value for tag, value in tags.items()})
    return run.run_id


def test_a_run_whose_process_is_gone_is_ended(home: Path, instance: dg.DagsterInstance) -> None:
    table = photos_table()
    save_photos(home / "uploads" / "photos", 1)
    partition = inserted(instance, table, home / "uploads" / "photos")
    run = materialize(instance, table, partition).dagster_run
    claimed = instance.get_run_by_id(run.run_id)
    assert claimed is not None
    dead = instance.create_run_for_job(
        dg.job(name="dead")(lambda: None), status=dg.DagsterRunStatus.STARTED
    )
    host = claimed.tags[PROCESS_TAG].split()[1]
    instance.add_run_tags(dead.run_id, {PROCESS_TAG: f"{dead.run_id} {host} 999999999-1"})
    retried = instance.create_run_for_job(
        dg.job(name="retried")(lambda: None),
        status=dg.DagsterRunStatus.STARTED,
        tags={PROCESS_TAG: f"{dead.run_id} {host} 999999999-1"},
    )

    ended = end_dead_runs(instance)

    assert [run.run_id for run in ended] == [dead.run_id]
    states = [instance.get_run_by_id(r.run_id) for r in (dead, retried)]
    assert [state.status for state in states if state] == [
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.STARTED,
    ]


def test_a_retry_that_was_forgotten_is_asked_for_once(instance: dg.DagsterInstance) -> None:
    forgotten = failed_run(instance, will_retry="true")
    failed_run(instance, will_retry="true", auto_retry_run_id="another")
    failed_run(instance, will_retry="false")

    asked = [ask_for_lost_retries(instance, lost_after=AT_ONCE) for _ in range(2)]

    assert [[run.run_id for run in runs] for runs in asked] == [[forgotten], []]
    failures = instance.all_logs(forgotten, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert len(failures) == 2


def test_a_retry_that_may_yet_come_is_not_asked_for(instance: dg.DagsterInstance) -> None:
    failed_run(instance, will_retry="true")

    assert ask_for_lost_retries(instance) == []


def test_the_sensor_says_what_it_did(instance: dg.DagsterInstance) -> None:
    told = dead_runs(dg.build_sensor_context(instance))

    assert isinstance(told, dg.SkipReason)
    assert told.skip_message == "0 dead runs ended, 0 lost retries asked for."
