"""The work of a table's maintenance job: scan, repair, and the checks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from time import sleep
from typing import cast

import dagster as dg

from media_assets.automation.local_runs import IN_PLACE, register_partitions, run_partitions
from media_assets.automation.partition_selection import describe_misplaced_rows, states_of_run
from media_assets.automation.uploads_scan import ScanPosition, UploadsScan
from media_assets.installation import Installation
from media_assets.run_processes import STARTED_BY_TAG, claim_run
from media_assets.tables.asset_values import assets_known
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.check_results import check_stored_files, evaluations
from media_assets.tables.checks import check_specs
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import missing_folder, uploads_listing

SECOND_LOOK_AFTER = timedelta(seconds=3)
"""When a scan checks files again that may still be being written."""


def scan(context: dg.OpExecutionContext, table: MediaTable) -> None:
    """Records all new and changed uploads."""
    installation = _begin(context)
    if folder := missing_folder(installation, table):
        context.log.info("The uploads folder %r does not exist.", str(folder))
        return
    scanner = UploadsScan(installation, table, looks_twice=True)
    listing = uploads_listing(installation, table)
    look = scanner.look(listing, ScanPosition())
    context.log.info("%s.", look)
    if look.unsettled:
        sleep(SECOND_LOOK_AFTER.total_seconds())
        context.log.info("%s.", scanner.look(listing, look.place))
    register_partitions(context.instance, table, scanner.stored)


def repair(
    context: dg.OpExecutionContext,
    table: MediaTable,
    assets: Sequence[dg.AssetsDefinition],
    *,
    resources: Iterable[str],
    max_partitions: int,
) -> None:
    """Materializes partitions with error rows or with cells that were never made.

    Raises:
        Failure: The run of a partition failed.
    """
    installation = _begin(context)
    job = _definitions(context, assets, resources).resolve_implicit_global_asset_job_def()
    stored = stored_table(installation.catalog, table)
    needy = needy_partitions(installation, table)
    if told := describe_misplaced_rows(table, stored):
        context.log.warning(told)
    chosen = needy[:max_partitions]
    tables = (table, *table.all_derived)
    takes_values = any(column.ins for each in tables for column in each.computed_columns)
    with assets_known(context.repository_def.assets_defs_by_key if takes_values else {}):
        outcomes = list(
            run_partitions(
                job,
                context.instance,
                table,
                chosen,
                table.columns,
                tags={STARTED_BY_TAG: f"{context.job_name} {context.run.run_id}"},
                config=IN_PLACE,
                say=context.log.info,
            )
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
    context: dg.OpExecutionContext, table: MediaTable
) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
    """Evaluates the checks of all columns in every partition, from the stored files.

    Raises:
        StoreFaultError: A storage cannot be reached.
    """
    installation = _begin(context)
    versions = AssetVersions(lambda: context.instance)
    is_partitioned = table.partitioning.definition is not None
    evaluated, failed = 0, Counter[str]()
    for each in (table, *table.all_derived):
        checks = [spec.key for spec in check_specs(each)]
        for partition, results in check_stored_files(installation, each, checks, versions):
            key = partition if is_partitioned else None
            for event in evaluations(each, results, key, context.instance, may_block=False):
                evaluated += 1
                if not event.passed:
                    failed[f"{event.asset_key.to_user_string()} {event.check_name}"] += 1
                yield event
    told = ", ".join(f"{name} ({times})" for name, times in sorted(failed.items()))
    context.log.info(
        "%d of %d evaluations passed%s.",
        evaluated - failed.total(),
        evaluated,
        f"; failed: {told}" if failed else "",
    )
    yield dg.Output(None)


def needy_partitions(installation: Installation, table: MediaTable) -> list[str]:
    """Returns the partitions with errors to retry or cells that were never made, oldest first.

    Those of the tables derived from it count as well.
    """
    stored = stored_table(installation.catalog, table)
    states = states_of_run(installation, table, table.columns, stored)
    partitions = table.partitioning.among(stored.partitions())
    return [
        partition
        for partition in partitions
        if any(state.errors_to_retry(partition) or state.is_missing(partition) for state in states)
    ]


def _begin(context: dg.OpExecutionContext) -> Installation:
    """Notes the run's process, and returns the installation of its IO manager."""
    claim_run(context.instance, context.run)
    return cast("Installation", context.resources.media_io_manager.installation)


def _definitions(
    context: dg.OpExecutionContext, assets: Sequence[dg.AssetsDefinition], resources: Iterable[str]
) -> dg.Definitions:
    """Returns the tables' assets with the resources of this run."""
    return dg.Definitions(
        assets=assets,
        resources={key: getattr(context.resources, key) for key in resources},
        executor=dg.in_process_executor,
    )
