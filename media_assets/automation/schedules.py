"""The maintenance job of a table, and its nightly schedule."""

from collections.abc import Iterator, Sequence

import dagster as dg
from pydantic import Field

from media_assets.run_processes import STARTED_BY_TAG
from media_assets.tables.assets import IO_MANAGER_KEY
from media_assets.tables.table import MediaTable

MOST_PARTITIONS = 200
"""The most partitions that one run of the job makes by default: one night's work."""


class RepairConfig(dg.Config):
    """Run config of the step that materializes what is missing."""

    max_partitions: int = Field(
        default=MOST_PARTITIONS,
        ge=1,
        description="The most partitions to make in one run, oldest first; the next run of the job "
        "makes the rest.",
    )


def maintenance_job(table: MediaTable, assets: Sequence[dg.AssetsDefinition]) -> dg.JobDefinition:
    """Returns the job `<table>_maintenance`: scan, then repair, then run the checks.

    It is of the tables derived from it, too; `assets` are of all of them.

    The repair starts a separate run for every partition, so that the UI shows which run made it.
    These runs are in the job's process and need no daemon.
    """
    scan, repair, check = _scan_op(table), _repair_op(table, assets), _check_op(table)

    @dg.job(
        name=f"{table.op_name}_maintenance",
        description=f"Records uploads of {table.name} that were missed, retries error rows, makes "
        "missing cells in all partitions, and runs the checks.",
        executor_def=dg.in_process_executor,
        run_tags=table.run_tags,
    )
    def maintenance() -> None:
        check(start=repair(start=scan()))

    return maintenance


def nightly_schedule(table: MediaTable, job: dg.JobDefinition) -> dg.ScheduleDefinition | None:
    """Returns the schedule of a table's maintenance, which is off by default."""
    if table.nightly is None:
        return None
    return dg.ScheduleDefinition(
        name=f"{table.op_name}_nightly",
        job=job,
        cron_schedule=table.nightly,
        tags={STARTED_BY_TAG: f"{table.op_name}_nightly"},
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Runs {job.name}.",
    )


def _scan_op(table: MediaTable) -> dg.OpDefinition:
    @dg.op(
        name=f"{table.op_name}_scan",
        required_resource_keys={IO_MANAGER_KEY},
        out=dg.Out(dg.Nothing),
        description="Records all new and changed uploads.",
    )
    def scan(context: dg.OpExecutionContext) -> None:
        from media_assets.automation import maintenance

        maintenance.scan(context, table)

    return scan


def _repair_op(table: MediaTable, assets: Sequence[dg.AssetsDefinition]) -> dg.OpDefinition:
    keys = _resource_keys(table)

    @dg.op(
        name=f"{table.op_name}_repair",
        required_resource_keys=keys,
        ins={"start": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
        description="Materializes partitions with error rows or with cells that were never made.",
    )
    def repair(context: dg.OpExecutionContext, config: RepairConfig) -> None:
        from media_assets.automation import maintenance

        most = config.max_partitions
        maintenance.repair(context, table, assets, resources=keys, max_partitions=most)

    return repair


def _check_op(table: MediaTable) -> dg.OpDefinition:
    @dg.op(
        name=f"{table.op_name}_check",
        required_resource_keys={IO_MANAGER_KEY},
        ins={"start": dg.In(dg.Nothing)},
        description="Evaluates the asset checks of all columns in every partition, from the stored "
        "files.",
    )
    def check(
        context: dg.OpExecutionContext,
    ) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
        from media_assets.automation import maintenance

        yield from maintenance.check(context, table)

    return check


def _resource_keys(table: MediaTable) -> set[str]:
    columns = (c for each in (table, *table.all_derived) for c in each.computed_columns)
    return {IO_MANAGER_KEY}.union(*(column.resources for column in columns))
