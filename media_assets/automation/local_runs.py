"""Runs of partitions in this process, recorded on the instance; no daemon is needed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import dagster as dg

from media_assets import errors, metadata
from media_assets.columns import Column
from media_assets.interruption import in_foreground, received_signal
from media_assets.partition_keys import dynamic_keys
from media_assets.partitioning import dynamic_partitions_name
from media_assets.pool_slots import wait_for_slots
from media_assets.run_processes import end_dead_runs
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable

IN_PLACE = {"move": False}
"""Step config of runs that make what is new or stale, and do not move files."""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Run config of runs that log only to the instance."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The result of one run.

    Attributes:
        partition: The partition of the run.
        succeeded: Whether the run succeeded; error rows alone do not make it fail.
        made: Cells made, in all columns.
        equal: Cells among these that have the same content as before.
        moved: Cells whose file was moved to another address.
        reused: Cells that were up to date.
        errors: Cells of the partition with an error.
        failure: Why the run failed.
    """

    partition: str
    succeeded: bool
    made: int = 0
    moved: int = 0
    reused: int = 0
    errors: int = 0
    failure: str = ""
    equal: int = 0


def run_partitions(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    table: MediaTable,
    partitions: Sequence[str],
    columns: Sequence[Column],
    *,
    tags: Mapping[str, str],
    config: Mapping[str, object] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[RunOutcome]:
    """Materializes columns of partitions in one run each, and yields the outcomes.

    Args:
        job: A job that holds all assets of the table.
        instance: The Dagster instance that records the runs.
        table: The table.
        partitions: The partitions, in this order.
        columns: The columns.
        tags: Tags of the runs besides the table's, such as what starts them.
        config: Run config of the table's step, such as `{"force": True}`.
        say: Called with a line when a run has to wait.

    Raises:
        KeyboardInterrupt: A signal interrupted a run. It is recorded as canceled, and no other
            run is started.
    """
    end_dead_runs(instance)
    pools = {each.pool for each in table.made_with(columns) if each.pool is not None}
    for partition in partitions:
        wait_for_slots(instance, sorted(pools), say)
        if received_signal() is not None:
            raise KeyboardInterrupt
        run_id = str(uuid4())
        try:
            with in_foreground():
                result = job.execute_in_process(
                    instance=instance,
                    partition_key=partition if table.partitioning.definition else None,
                    asset_selection=list(assets_of_run(table, columns)),
                    tags={**table.run_tags, **tags},
                    run_config={**step_config(table.made_with(columns), config or {}), **QUIET},
                    raise_on_error=False,
                    run_id=run_id,
                )
        except KeyboardInterrupt:  # before Dagster handled signals
            _cancel(instance, run_id)
            raise
        raise_if_interrupted(instance, result)
        yield _outcome(partition, result)


def step_config(tables: Iterable[MediaTable], config: Mapping[str, object]) -> dict[str, Any]:
    """Returns the run config that gives the steps of tables the same config."""
    return {"ops": {table.op_name: {"config": dict(config)} for table in tables}}


def assets_of_run(table: MediaTable, columns: Sequence[Column]) -> Iterator[dg.AssetKey]:
    """Yields the assets that a run of columns makes, of the table and of those derived from it."""
    for column in (*columns, *table.values_with(columns)):
        yield table.asset_key(column.name)
    for derived in table.made_with(columns)[1:]:
        yield from (derived.asset_key(name) for name in derived.asset_names)


def raise_if_interrupted(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> None:
    """Raises KeyboardInterrupt if a signal ended the run, which is then marked as canceled.

    Raises:
        KeyboardInterrupt: A signal has come, or ended the run.
    """
    if received_signal() is None and not _was_interrupted(result):
        return
    if not result.success:
        _cancel(instance, result.run_id)
    raise KeyboardInterrupt


def _cancel(instance: dg.DagsterInstance, run_id: str) -> None:
    """Marks a run as canceled, with the signal that ended it."""
    run, by = instance.get_run_by_id(run_id), received_signal()
    if run is not None:
        name = by.name if by is not None else "a signal"
        instance.report_run_canceled(run, f"Interrupted by {name}.")


def register_partitions(
    instance: dg.DagsterInstance, table: MediaTable, stored: StoredTable
) -> None:
    """Adds partitions of a table that the Dagster instance does not have yet.

    Partitions of uploads that were added by hand have no rows, and are deleted.
    """
    standing = table.partitioning.among(stored.partitions())
    for name, keys in dynamic_keys(table.partitioning.definition, standing).items():
        known = set(instance.get_dynamic_partitions(name))
        if missing := [key for key in keys if key not in known]:
            instance.add_dynamic_partitions(name, missing)
        extra = known.difference(keys)
        if extra and name == dynamic_partitions_name(table.name):
            # The log is written first, so a key that it still does not hold is not a partition.
            stored.refresh()
            for key in sorted(extra.difference(stored.partitions())):
                instance.delete_dynamic_partition(name, key)


def _outcome(partition: str, result: dg.ExecuteInProcessResult) -> RunOutcome:
    made = moved = reused = failed = equal = 0
    for event in result.get_asset_materialization_events():
        values = event.materialization.metadata
        if metadata.MADE not in values:  # a row value: nothing is made of it
            continue
        made += cast("int", values[metadata.MADE].value)
        moved += cast("int", values[metadata.MOVED].value)
        reused += cast("int", values[metadata.REUSED].value)
        equal += cast("int", values[metadata.EQUAL].value)
        failed += cast("int", values[metadata.ERRORS].value)
    return RunOutcome(
        partition, result.success, made, moved, reused, failed, _failure(result), equal
    )


def _failure(result: dg.ExecuteInProcessResult) -> str:
    """Returns what the failed step said: the words of the error that says what to do."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            error = data.error
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            while error is not None and error.cause is not None and not _is_ours(error.cls_name):
                error = error.cause
            return _words(error.message.strip(), error.cls_name) if error else ""
    for event in result.all_events:
        if event.is_failure:
            return event.message or ""
    return ""


def _words(message: str, class_name: str | None) -> str:
    """What an error said; the path of its class, which Dagster sets before it, tells of others."""
    return (message.partition(f"{class_name}: ")[2] if _is_ours(class_name) else "") or message


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether Dagster raised because of a signal, in a step or not; it names its exception."""
    names = {"KeyboardInterrupt", "DagsterExecutionInterruptedError"}
    for event in result.all_events:
        error = None
        if event.is_step_failure:
            error = event.step_failure_data.error
        elif event.event_type is dg.DagsterEventType.RUN_FAILURE:
            error = event.job_failure_data.error
        while error is not None:
            if error.cls_name in names:
                return True
            error = error.cause
    return False


def _is_ours(class_name: str | None) -> bool:
    """Whether an error is of this package; what caused it says less than it does itself."""
    found = getattr(errors, class_name or "", None)
    return isinstance(found, type) and issubclass(found, errors.MediaAssetsError)
