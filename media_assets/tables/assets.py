"""A table's Dagster assets: one subsettable multi-asset, one asset per column."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import dagster as dg
from pydantic import Field

from media_assets.columns import Column, ComputedColumn
from media_assets.io_manager import MediaIOManager
from media_assets.metadata import ColumnOutput
from media_assets.partitioning import UNPARTITIONED
from media_assets.run_processes import claim_run
from media_assets.tables.checks import check_specs, checked_alone, checked_in_step
from media_assets.tables.conditions import Condition, condition_of
from media_assets.tables.described import definition_metadata, lineage_metadata
from media_assets.tables.step import PartitionStep, check_errors
from media_assets.tables.table import MediaTable

IO_MANAGER_KEY = "media_io_manager"


class TableConfig(dg.Config):
    """Run config of a table's step."""

    force: bool = Field(
        default=False, description="Make every cell anew, also those that are right already."
    )
    max_error_share: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="Fail the step, after its commit, when more than this share of a column's "
        "rows have an error.",
    )


def table_assets(table: MediaTable) -> dg.AssetsDefinition:
    """Returns the assets of a table, computed together in one step and selectable one by one.

    Raises:
        DeclarationError: Its columns do not fit together.
        UnknownNameError: A row function reads a column that does not exist.
    """
    computed = table.computed_columns

    @dg.multi_asset(
        name=table.op_name,
        specs=[_spec(table, column) for column in table.columns],
        partitions_def=table.partitioning.definition,
        can_subset=True,
        description=table.description,
        required_resource_keys={IO_MANAGER_KEY}.union(*(c.resources for c in computed)),
        pool=table.pool,
        retry_policy=table.retry_policy,
        check_specs=check_specs(table),
    )
    def materialize(
        context: dg.AssetExecutionContext, config: TableConfig
    ) -> Iterator[dg.MaterializeResult[object] | dg.AssetCheckResult]:
        claim_run(context.instance, context.run)
        # The very object that handles this step's outputs, run config applied.
        manager = cast("MediaIOManager", context.resources.media_io_manager)
        if context.selected_asset_keys:
            yield from _materialized(table, manager, context, config)
        else:
            yield from checked_alone(manager, table, context.selected_asset_check_keys)

    return materialize


def _materialized(
    table: MediaTable,
    manager: MediaIOManager,
    context: dg.AssetExecutionContext,
    config: TableConfig,
) -> Iterator[dg.MaterializeResult[object]]:
    """Makes the selected columns of the run's partition."""
    step = PartitionStep(
        manager,
        table,
        context.partition_key if context.has_partition_key else UNPARTITIONED,
        [
            _with_resources(column, context)
            for column in table.columns
            if table.asset_key(column.name) in context.selected_asset_keys
        ],
        run_id=context.run.run_id,
        force=config.force,
        log=context.log,
    )
    outputs = list[ColumnOutput]()
    for output in step.run():
        outputs.append(output)
        manifest = output.committed.manifest
        (column,) = table.select((manifest.header.column,))
        yield dg.MaterializeResult(
            asset_key=table.asset_key(column.name),
            value=output,
            data_version=dg.DataVersion(manifest.data_version),
            metadata=lineage_metadata(table, column),
            check_results=checked_in_step(table, manifest, context.selected_asset_check_keys),
        )
    check_errors(outputs, step.tally, max_error_share=config.max_error_share)


def _with_resources(column: Column, context: dg.AssetExecutionContext) -> Column:
    """Binds the Dagster resources that a row function takes."""
    if not isinstance(column, ComputedColumn) or not column.resources:
        return column
    bound = {key: getattr(context.resources, key) for key in column.resources}
    return replace(column, function=partial(column.function, **bound))


def _condition(table: MediaTable, column: Column) -> Condition | None:
    """The condition by which a computed column follows its inputs, where the table wants that."""
    if not isinstance(column, ComputedColumn):
        return None
    return condition_of(table.automation)


def _spec(table: MediaTable, column: Column) -> dg.AssetSpec:
    options: dict[str, Any] = {}
    if isinstance(column, ComputedColumn):
        options = {k: value for k, value in column.asset_options.items() if value is not None}
    further = cast("Sequence[dg.AssetKey]", options.pop("deps", ()))
    kinds = {*table.kinds, *options.pop("kinds", ())}
    spec = dg.AssetSpec(
        table.asset_key(column.name),
        deps=[*(table.asset_key(name) for name in column.inputs), *further],
        description=column.description,
        group_name=table.op_name,
        code_version=column.code_version,
        automation_condition=_condition(table, column),
        metadata=definition_metadata(table, column),
        owners=list(dict.fromkeys([*table.owners, *options.pop("owners", ())])),
        tags={**table.tags, **options.pop("tags", {})},
        kinds=kinds or {column.type.value},
        **options,
    )
    return spec.with_io_manager_key(IO_MANAGER_KEY)
