"""The sensor that looks for killed runs: it launches nothing, so it is on from the start."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from media_assets.automation.shared import SharedSensor
from media_assets.pool_slots import free_slots_of_killed_runs
from media_assets.run_processes import end_dead_runs, process_of

SENSOR_NAME = "media_assets_dead_runs"
_INTERVAL_SECONDS = 30
_WILL_RETRY_TAG, _RETRIED_TAG = "dagster/will_retry", "dagster/auto_retry_run_id"
_ASKED_TAG = "media_assets/retry_asked_for"
_LOST_AFTER = timedelta(seconds=30)
"""When a retry that was not launched never will be: Dagster looks for them every 5 seconds."""
_LOOKS_BACK = timedelta(days=1)
_RUNS_CHECKED = 100


def _evaluate(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Ends runs that nobody would end for hours, and sees to it that they are started again."""
    ended, asked = end_dead_runs(context.instance), ask_for_lost_retries(context.instance)
    free_slots_of_killed_runs(context.instance)
    return dg.SkipReason(f"{len(ended)} dead runs ended, {len(asked)} lost retries asked for.")


dead_runs = SharedSensor(
    name=SENSOR_NAME,
    evaluation_fn=_evaluate,
    minimum_interval_seconds=_INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Marks runs of media tables failed whose process on this machine is gone, so that "
    "run retries start them again: also after this machine, or the code server that started them, "
    "went down; frees their slots of pools. It launches nothing, and leaves all other runs alone.",
)


def ask_for_lost_retries(
    instance: dg.DagsterInstance, *, lost_after: timedelta = _LOST_AFTER
) -> list[dg.DagsterRun]:
    """Reports failed runs of media tables once more that were to be retried and were not.

    Dagster stores that a run failed first as an event, then as the state of the run. Where its
    daemon reads the event in between, it takes the run for one that goes on, and never looks again.
    A further event is all that it looks at. Runs that hold no media table are left alone.

    Args:
        instance: Where the runs are recorded.
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
        # A retry carries the tags of the run before it.
        is_retried = _RETRIED_TAG in run.tags or run.tags.get(_ASKED_TAG) == run.run_id
        if not is_retried and process_of(run) is not None:
            instance.add_run_tags(run.run_id, {_ASKED_TAG: run.run_id})
            instance.report_run_failed(run, "This run was to be retried and was not: once more.")
            asked.append(run)
    return asked
