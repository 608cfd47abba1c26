"""A run of a table: its selected columns in its partitions, or only its checks."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from media_assets.columns import Column, ComputedColumn, RowValue
from media_assets.errors import NoMediaManagerError, PartitionNotChosenError
from media_assets.fan_out.resource import FanOut
from media_assets.installation import Installation
from media_assets.instances import instance_of_assets
from media_assets.interruption import ending_signal
from media_assets.io_manager import MediaIOManager
from media_assets.made_column import MadeColumn
from media_assets.metadata import ColumnOutput
from media_assets.partitioning import UNPARTITIONED
from media_assets.run_processes import claim_run, end_with
from media_assets.tables.asset_metadata import lineage_metadata
from media_assets.tables.asset_values import AssetValues
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.check_results import (
    check_in_step,
    check_stored_files,
    evaluations,
    is_blocking,
)
from media_assets.tables.derived_step import step_class
from media_assets.tables.ranges import Event, Made, RangeRun, value_made
from media_assets.tables.step import PartitionStep, StepOptions
from media_assets.tables.table import MediaTable
from media_assets.tables.tally import check_errors

if TYPE_CHECKING:
    from media_assets.records.manifests import Manifest
    from media_assets.tables.assets import TableConfig

AUTOMATED = "dagster/from_automation_condition"
"""The tag of runs that an automation condition requested."""
Result = Event | dg.AssetCheckResult


def materialize(
    table: MediaTable,
    context: dg.AssetExecutionContext,
    config: "TableConfig",
) -> Iterator[Result]:
    """Makes the selected columns of the run's partitions, or only the checks if none is selected.

    Raises:
        DestinationError: A column's destination cannot be understood.
        NoMediaManagerError: The resource `media_io_manager` is another IO manager.
        PartitionNotChosenError: The table has partitions, and the run names none.
        InputNotMaterializedError: A column reads one that is neither selected nor materialized.
        AssetValueError: The value of an asset that a column takes is not available.
        UnknownNameError: No upload was ever recorded in this partition.
        StoreFaultError: A destination accepts no files. Finished rows are kept for the next run.
        Failure: After the commit: more rows than `max_error_share` have an error, a row
            function raised on every row, or a storage refused every source.
    """
    end_with(claim_run(context.instance, context.run))
    # The same object that handles this step's outputs, with run config applied.
    manager = context.resources.media_io_manager
    if not isinstance(manager, MediaIOManager):
        raise NoMediaManagerError(table.name, manager)
    if not context.selected_asset_keys:
        yield from _checks_alone(manager.installation, table, context)
        return
    config = _config_of_table(table, context) or config
    partitions, columns = _partitions(table, context), _select_columns(table, context)
    given = [
        value
        for value in table.values.values()
        if table.asset_key(value.name) in context.selected_asset_keys
    ]
    others = instance_of_assets(context.instance, manager.installation)
    values = AssetValues(others, context.job_def, table.name)
    options = StepOptions(
        force=config.force,
        # A condition requests what is out of date; a changed destination does not count as that.
        moves=config.move and AUTOMATED not in context.run.tags,
        retries_unreadable=config.retry_unreadable,
        fan_out=manager.fan_out if isinstance(manager.fan_out, FanOut) else FanOut(),
    )

    def step_of(partition: str) -> PartitionStep:
        return step_class(table)(
            manager.installation,
            table,
            partition,
            values.given_to(columns, partition),
            run_id=context.run.run_id,
            options=options,
            log=context.log,
        )

    if len(partitions) > 1:
        yield from RangeRun(
            table,
            columns,
            given,
            context.instance,
            step_of,
            lambda column, output: _report(manager, table, context, column, output),
            config.max_error_share,
        ).events(partitions)
        return
    step, outputs = step_of(partitions[0]), list[ColumnOutput]()
    if not step.splits:
        yield from _results_of_values(table, given, step, context)
    for output in step.run():
        outputs.append(output)
        manifest = output.committed.manifest
        (column,) = table.select((manifest.header.column,))
        # Given with the result, or by the IO manager, Dagster would store it in two events.
        context.add_asset_metadata(
            _metadata_of(manager, table, column, output), table.asset_key(column.name)
        )
        yield dg.MaterializeResult(
            asset_key=table.asset_key(column.name),
            value=MadeColumn(output, manager.installation.reader),
            data_version=dg.DataVersion(manifest.data_version),
        )
        yield from _checked(manager.installation, table, manifest, context)
        if step.splits and len(outputs) == 1:  # the parts, and with them their index values
            yield from _results_of_values(table, given, step, context)
    check_errors(outputs, step.tally, max_error_share=config.max_error_share)


def _checked(
    installation: Installation,
    table: MediaTable,
    manifest: "Manifest",
    context: dg.AssetExecutionContext,
) -> Iterator[Result]:
    """Yields the check results of a column that was just recorded.

    Steps that follow wait for the result of a check that blocks. Of the others, Dagster stores only
    their event; of a result, it would store another event, an output that nobody reads.
    """
    checks = check_in_step(installation, table, manifest, context.selected_asset_check_keys)
    partition = context.partition_key if context.has_partition_key else None
    others = [check for check in checks if not is_blocking(table, check)]
    yield from evaluations(table, others, partition, context.instance)
    yield from (check for check in checks if is_blocking(table, check))


def _config_of_table(table: MediaTable, context: dg.AssetExecutionContext) -> "TableConfig | None":
    """Returns the table's run config for a further step of the table, which has none of its own.

    Dagster makes several steps of a table whose columns read a table that is derived from it.
    """
    from media_assets.tables.assets import TableConfig  # noqa: PLC0415  assets import this

    ops = cast("Mapping[str, Mapping[str, Any]]", context.run.run_config.get("ops", {}))
    name = context.op_execution_context.op_handle.name
    if name in ops or table.op_name not in ops:
        return None
    return TableConfig(**ops[table.op_name].get("config", {}))


def _results_of_values(
    table: MediaTable,
    values: Sequence[RowValue],
    step: PartitionStep,
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult[object]]:
    for value in values:
        made, key = value_made(table, value, step), table.asset_key(value.name)
        context.add_asset_metadata(made.metadata, key)
        yield dg.MaterializeResult(asset_key=key, data_version=dg.DataVersion(made.data_version))


@contextmanager
def end_on_signals() -> Generator[None]:
    """Lets a signal that ends the command line end the step too, whatever its retry policy.

    Dagster retries a step with a retry policy after any interruption.

    Raises:
        Failure: A signal interrupted the command line.
    """
    try:
        yield
    except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError) as error:
        by = ending_signal()
        if by is None:
            raise
        raise dg.Failure(description=f"Interrupted by {by.name}.", allow_retries=False) from error


def _checks_alone(
    installation: Installation, table: MediaTable, context: dg.AssetExecutionContext
) -> Iterator[Result]:
    """Runs the selected checks over the run's partitions; over all if it names none."""
    checks = context.selected_asset_check_keys
    versions = AssetVersions(lambda: context.instance)
    if table.partitioning.definition is None or context.has_partition_key:
        partitions = _partitions(table, context)
        found = check_stored_files(installation, table, checks, versions, partitions)
        yield from (result for _, results in found for result in results)
        return
    partitions = sorted(context.partition_keys) if context.has_partition_key_range else None
    for partition, results in check_stored_files(installation, table, checks, versions, partitions):
        yield from evaluations(table, results, partition, context.instance)


def _partitions(table: MediaTable, context: dg.AssetExecutionContext) -> Sequence[str]:
    """The partitions of the run, oldest first."""
    if table.partitioning.definition is None:
        return [UNPARTITIONED]
    if context.has_partition_key:
        return [context.partition_key]
    if not context.has_partition_key_range:
        raise PartitionNotChosenError(table.name)
    return sorted(context.partition_keys)


def _select_columns(table: MediaTable, context: dg.AssetExecutionContext) -> list[Column]:
    return [
        _with_resources(column, context)
        for column in table.columns
        if table.asset_key(column.name) in context.selected_asset_keys
    ]


def _report(
    manager: "MediaIOManager",
    table: MediaTable,
    context: dg.AssetExecutionContext,
    column: Column,
    output: ColumnOutput,
) -> Made:
    """Returns what Dagster records of a column in one of several partitions."""
    manifest = output.committed.manifest
    return Made(
        manifest.data_version,
        _metadata_of(manager, table, column, output),
        check_in_step(manager.installation, table, manifest, context.selected_asset_check_keys),
    )


def _metadata_of(
    manager: "MediaIOManager", table: MediaTable, column: Column, output: ColumnOutput
) -> Mapping[str, Any]:
    return {**manager.metadata_of(output), **lineage_metadata(table, column)}


def _with_resources(column: Column, context: dg.AssetExecutionContext) -> Column:
    """Binds the Dagster resources that the row function takes."""
    if not isinstance(column, ComputedColumn) or not column.resources:
        return column
    bound = {key: getattr(context.resources, key) for key in column.resources}
    return replace(column, function=partial(column.function, **bound))
