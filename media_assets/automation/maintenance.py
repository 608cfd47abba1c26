"""The work of a table's maintenance job: scan, repair, and the checks."""

from collections.abc import Iterable
from datetime import timedelta
from time import sleep
from typing import cast

import dagster as dg

from media_assets.automation.intake import Intake, Place
from media_assets.automation.local_runs import (
    IN_PLACE,
    QUIET,
    raise_if_interrupted,
    register_partitions,
    run_partitions,
)
from media_assets.automation.partition_selection import PartitionState
from media_assets.io_manager import MediaIOManager
from media_assets.run_processes import claim_run
from media_assets.tables.listing import missing_folder, uploads_listing
from media_assets.tables.table import MediaTable
from media_assets.uploads.log import UploadLog

SECOND_LOOK_AFTER = timedelta(seconds=3)
"""When a scan looks again at files that may still be written."""
_CHECKS = "checks"


def scan(context: dg.OpExecutionContext, table: MediaTable) -> None:
    """Records uploads that are new or changed, from the first key to the last."""
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


def repair(
    context: dg.OpExecutionContext,
    table: MediaTable,
    assets: dg.AssetsDefinition,
    *,
    resources: Iterable[str],
    max_partitions: int,
) -> None:
    """Materializes partitions with error rows, and with cells that were never made.

    Raises:
        Failure: The run of a partition failed.
    """
    claim_run(context.instance, context.run)
    manager = cast("MediaIOManager", context.resources.media_io_manager)
    job = _definitions(context, assets, resources).resolve_implicit_global_asset_job_def()
    needy = needy_partitions(manager, table)
    chosen = needy[:max_partitions]
    outcomes = list(
        run_partitions(job, context.instance, table, chosen, table.columns, config=IN_PLACE)
    )
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


def check(
    context: dg.OpExecutionContext, assets: dg.AssetsDefinition, *, resources: Iterable[str]
) -> None:
    """Runs the asset checks of all columns over what is stored.

    Raises:
        Failure: Their run failed, which no failed check makes it do.
    """
    job = _definitions(context, assets, resources).resolve_job_def(_CHECKS)
    result = job.execute_in_process(
        instance=context.instance, run_config=QUIET, raise_on_error=False
    )
    raise_if_interrupted(context.instance, result)
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


def needy_partitions(manager: MediaIOManager, table: MediaTable) -> list[str]:
    """Returns the partitions with errors to retry or cells that were never made, oldest first."""
    log = UploadLog(manager.catalog_root(), table.name)
    log.refresh()
    state = PartitionState(manager, table, table.columns, log)
    return [p for p in log.partitions() if state.errors_to_retry(p) or state.is_missing(p)]


def _definitions(
    context: dg.OpExecutionContext, assets: dg.AssetsDefinition, resources: Iterable[str]
) -> dg.Definitions:
    """The table's assets with the resources of this run, for runs of their own."""
    checks = dg.AssetSelection.checks_for_assets(*assets.keys)
    return dg.Definitions(
        assets=[assets],
        jobs=[dg.define_asset_job(_CHECKS, selection=checks)],
        resources={key: getattr(context.resources, key) for key in resources},
        executor=dg.in_process_executor,
    )
