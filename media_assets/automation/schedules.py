"""Maintenance: a job that mends what is missing, by hand or every night."""

from collections.abc import Iterable
from datetime import timedelta
from time import sleep
from typing import cast

import dagster as dg
from pydantic import Field

from media_assets.automation.intake import Intake, Place
from media_assets.automation.local_runs import QUIET, register_partitions, run_partitions
from media_assets.automation.partition_selection import PartitionState
from media_assets.io_manager import MediaIOManager
from media_assets.run_processes import claim_run
from media_assets.tables.assets import IO_MANAGER_KEY
from media_assets.tables.listing import missing_folder, uploads_listing
from media_assets.tables.table import MediaTable
from media_assets.uploads.log import UploadLog

MOST_PARTITIONS = 200
"""Partitions that one run of the job makes by default: a night's work, also of large ones."""

SECOND_LOOK_AFTER = timedelta(seconds=3)
"""When a scan looks again at files that may still be written."""

_CHECKS = "checks"


class RepairConfig(dg.Config):
    """Run config of the step that materializes what is missing."""

    max_partitions: int = Field(
        default=MOST_PARTITIONS,
        ge=1,
        description="How many partitions are made at most, the oldest first; the next run of the "
        "job goes on.",
    )


def maintenance_job(table: MediaTable, assets: dg.AssetsDefinition) -> dg.JobDefinition:
    """Returns the job `<table>_maintenance`: scan, then repair, then run the checks.

    The repair makes a run of its own for every partition, in its own process: whoever looks at a
    partition sees the run that made it, and no daemon is needed.
    """
    scan, repair, check = _scan_op(table), _repair_op(table, assets), _check_op(table, assets)

    @dg.job(
        name=f"{table.op_name}_maintenance",
        description=f"Records uploads of {table.name} that nobody saw, tries error rows again, and "
        "makes what is missing in any batch, and runs the checks.",
        executor_def=dg.in_process_executor,
    )
    def maintenance() -> None:
        check(start=repair(start=scan()))

    return maintenance


def nightly_schedule(table: MediaTable, job: dg.JobDefinition) -> dg.ScheduleDefinition | None:
    """Returns the schedule of a table's maintenance, off until somebody turns it on."""
    if table.nightly is None:
        return None
    return dg.ScheduleDefinition(
        name=f"{table.op_name}_nightly",
        job=job,
        cron_schedule=table.nightly,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Runs {job.name}.",
    )


def _scan_op(table: MediaTable) -> dg.OpDefinition:
    @dg.op(
        name=f"{table.op_name}_scan",
        required_resource_keys={IO_MANAGER_KEY},
        out=dg.Out(dg.Nothing),
        description="Records uploads that are new or changed, from the first key to the last.",
    )
    def scan(context: dg.OpExecutionContext) -> None:
        claim_run(context.instance, context.run)
        manager = cast("MediaIOManager", context.resources.media_io_manager)
        if folder := missing_folder(manager, table):
            context.log.info("The uploads folder %r does not exist.", str(folder))
            return
        intake, listing = Intake(manager, table, looks_twice=True), uploads_listing(manager, table)
        look = intake.look(listing, Place())
        context.log.info("%s.", look)
        if look.unsettled:
            sleep(SECOND_LOOK_AFTER.total_seconds())
            context.log.info("%s.", intake.look(listing, look.place))
        register_partitions(context.instance, table, intake.log)

    return scan


def _repair_op(table: MediaTable, assets: dg.AssetsDefinition) -> dg.OpDefinition:
    keys = _resource_keys(table)

    @dg.op(
        name=f"{table.op_name}_repair",
        required_resource_keys=keys,
        ins={"start": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
        description="Materializes partitions with error rows, and with cells that were never made.",
    )
    def repair(context: dg.OpExecutionContext, config: RepairConfig) -> None:
        claim_run(context.instance, context.run)
        manager = cast("MediaIOManager", context.resources.media_io_manager)
        job = _definitions(context, assets, keys).resolve_implicit_global_asset_job_def()
        needy = needy_partitions(manager, table)
        chosen = needy[: config.max_partitions]
        outcomes = list(run_partitions(job, context.instance, table, chosen, table.columns))
        context.log.info(
            "%d of %d partitions materialized: %d cells made, %d reused.",
            len(outcomes),
            len(needy),
            sum(outcome.made for outcome in outcomes),
            sum(outcome.reused for outcome in outcomes),
        )
        failed = [outcome for outcome in outcomes if not outcome.succeeded]
        if failed:
            raise dg.Failure(
                description=f"{len(failed)} of {len(outcomes)} partitions failed. First: "
                f"{failed[0].partition}: {failed[0].failure}",
                allow_retries=False,
            )

    return repair


def _check_op(table: MediaTable, assets: dg.AssetsDefinition) -> dg.OpDefinition:
    keys = _resource_keys(table)

    @dg.op(
        name=f"{table.op_name}_check",
        required_resource_keys=keys,
        ins={"start": dg.In(dg.Nothing)},
        description="Runs the asset checks of all columns over what is stored.",
    )
    def check(context: dg.OpExecutionContext) -> None:
        job = _definitions(context, assets, keys).resolve_job_def(_CHECKS)
        result = job.execute_in_process(
            instance=context.instance, run_config=QUIET, raise_on_error=False
        )
        checks = result.get_asset_check_evaluations()
        names = (f"{c.asset_key.to_user_string()} {c.check_name}" for c in checks if not c.passed)
        failed = sorted(names)
        context.log.info(
            "%d of %d checks passed%s.",
            len(checks) - len(failed),
            len(checks),
            f"; the rows of others are shown with {', '.join(failed)}" if failed else "",
        )
        if not result.success:
            raise dg.Failure(description=f"Run {result.run_id} of the checks failed.")

    return check


def _definitions(
    context: dg.OpExecutionContext, assets: dg.AssetsDefinition, keys: Iterable[str]
) -> dg.Definitions:
    """The table's assets with the resources of this run, for runs of their own."""
    checks = dg.AssetSelection.checks_for_assets(*assets.keys)
    return dg.Definitions(
        assets=[assets],
        jobs=[dg.define_asset_job(_CHECKS, selection=checks)],
        resources={key: getattr(context.resources, key) for key in keys},
        executor=dg.in_process_executor,
    )


def _resource_keys(table: MediaTable) -> set[str]:
    return {IO_MANAGER_KEY}.union(*(column.resources for column in table.computed_columns))


def needy_partitions(manager: MediaIOManager, table: MediaTable) -> list[str]:
    """Returns the partitions with error rows or with cells that were never made, oldest first."""
    log = UploadLog(manager.catalog_root(), table.name)
    log.refresh()
    state = PartitionState(manager, table, table.columns, log)
    return [p for p in log.partitions() if state.has_errors(p) or state.is_missing(p)]
