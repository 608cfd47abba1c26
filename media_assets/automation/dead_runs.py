"""The sensor that finds killed runs; it launches nothing, so it is on by default."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from media_assets.automation.location_definitions import SharedSensor
from media_assets.pool_slots import free_slots_of_killed_runs
from media_assets.run_processes import end_dead_runs, process_of

SENSOR_NAME = "media_assets_dead_runs"
_INTERVAL_SECONDS = 30
_WILL_RETRY_TAG, _RETRIED_TAG = "dagster/will_retry", "dagster/auto_retry_run_id"
_ASKED_TAG = "media_assets/retry_asked_for"
_LOST_AFTER = timedelta(seconds=30)
"""A retry that was not launched by then never will be: Dagster checks every 5 seconds."""
_LOOKS_BACK = timedelta(days=1)
_RUNS_CHECKED = 100


def _evaluate(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Ends runs whose process has died, and has Dagster retry them."""
    ended, asked = end_dead_runs(context.instance), ask_for_lost_retries(context.instance)
    free_slots_of_killed_runs(context.instance)
    return dg.SkipReason(f"{len(ended)} dead runs ended, {len(asked)} lost retries requested.")


dead_runs = SharedSensor(
    name=SENSOR_NAME,
    evaluation_fn=_evaluate,
    minimum_interval_seconds=_INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Marks runs of media tables as failed when their process on this machine has died, "
    "even after a restart of the machine or its code server, so that run retries start them again. "
    "Frees their slots in pools. Launches nothing, and does not touch other runs.",
)


def ask_for_lost_retries(
    instance: dg.DagsterInstance, *, lost_after: timedelta = _LOST_AFTER
) -> list[dg.DagsterRun]:
    """Reports runs of media tables as failed again if their retry was never launched.

    Dagster stores a failure first as an event, then as the state of the run. If its daemon reads
    the event in between, it takes the run for one that is still going on and never checks it again.
    Another event makes it check again. Runs without a media table are left alone.

    Args:
        instance: The Dagster instance of the runs.
        lost_after: How long ago a run must have failed.
    """
    now = datetime.now(UTC)
    failed = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.FAILURE],
        tags={_WILL_RETRY_TAG: "true"},
        updated_after=now - _LOOKS_BACK,
        updated_before=now - lost_after,
    )
    asked: list[dg.DagsterRun] = []
    for run in instance.get_runs(failed, limit=_RUNS_CHECKED):
        # A retry has the tags of the run before it.
        is_retried = _RETRIED_TAG in run.tags or run.tags.get(_ASKED_TAG) == run.run_id
        if not is_retried and process_of(run) is not None:
            instance.add_run_tags(run.run_id, {_ASKED_TAG: run.run_id})
            instance.report_run_failed(
                run, "The retry of this run was never launched; requesting it again."
            )
            asked.append(run)
    return asked
