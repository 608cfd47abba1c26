"""Dead runs are ended, and started again even where Dagster forgot to."""

import os
from datetime import timedelta

import dagster as dg

from media_assets.automation.dead_runs import ask_for_lost_retries, dead_runs
from media_assets.run_processes import PROCESS_TAG, RunProcess, end_dead_runs

AT_ONCE = timedelta(0)


def failed_run(instance: dg.DagsterInstance, *, has_table: bool = True, **tags: str) -> str:
    job = dg.job(name="failed")(lambda: None)
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(run)
    instance.add_run_tags(run.run_id, {f"dagster/{tag}": value for tag, value in tags.items()})
    if has_table:
        claim = f"{run.run_id} {RunProcess.at(os.getpid())}"
        instance.add_run_tags(run.run_id, {PROCESS_TAG: claim})
    return run.run_id


def test_a_lost_retry_is_requested_once(instance: dg.DagsterInstance) -> None:
    forgotten = failed_run(instance, will_retry="true")
    failed_run(instance, will_retry="true", auto_retry_run_id="another")
    failed_run(instance, will_retry="false")

    asked = [ask_for_lost_retries(instance, lost_after=AT_ONCE) for _ in range(2)]

    assert [[run.run_id for run in runs] for runs in asked] == [[forgotten], []]
    failures = instance.all_logs(forgotten, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert len(failures) == 2


def test_runs_that_hold_no_media_table_are_left_alone(instance: dg.DagsterInstance) -> None:
    foreign = failed_run(instance, has_table=False, will_retry="true")
    before = instance.get_run_by_id(foreign)

    assert ask_for_lost_retries(instance, lost_after=AT_ONCE) == []
    assert end_dead_runs(instance) == []

    failures = instance.all_logs(foreign, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert len(failures) == 1
    assert instance.get_run_by_id(foreign) == before


def test_a_retry_that_may_still_come_is_not_requested(instance: dg.DagsterInstance) -> None:
    failed_run(instance, will_retry="true")

    assert ask_for_lost_retries(instance) == []


def test_the_sensor_says_what_it_did(instance: dg.DagsterInstance) -> None:
    told = dead_runs(dg.build_sensor_context(instance))

    assert isinstance(told, dg.SkipReason)
    assert told.skip_message == "0 dead runs ended, 0 lost retries requested."
