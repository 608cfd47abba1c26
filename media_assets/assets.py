"""A table's Dagster assets: one subsettable multi-asset, one asset per column."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from media_assets import metadata
from media_assets.columns import Column, ComputedColumn
from media_assets.io_manager import MediaIOManager
from media_assets.step import PartitionStep, check_errors
from media_assets.table import MediaTable

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
    columns = table.columns

    @dg.multi_asset(
        name=table.op_name,
        specs=[_spec(table, column) for column in columns],
        partitions_def=table.partitions_def,
        can_subset=True,
        description=table.description,
    )
    def materialize(
        context: dg.AssetExecutionContext,
        config: TableConfig,
        media_io_manager: dg.ResourceParam[MediaIOManager],
    ) -> Iterator[dg.MaterializeResult[object]]:
        selected = [c for c in columns if table.asset_key(c.name) in context.selected_asset_keys]
        step = PartitionStep(
            media_io_manager,
            table,
            context.partition_key,
            selected,
            run_id=context.run_id,
            force=config.force,
            log=context.log,
        )
        outputs: list[metadata.ColumnOutput] = []
        for output in step.run():
            outputs.append(output)
            manifest = output.committed.manifest
            yield dg.MaterializeResult(
                asset_key=table.asset_key(manifest.header.column),
                value=output,
                data_version=dg.DataVersion(manifest.data_version),
            )
        check_errors(outputs, step.tally, max_error_share=config.max_error_share)

    return materialize


def _spec(table: MediaTable, column: Column) -> dg.AssetSpec:
    static: dict[str, object] = {metadata.TABLE: table.name, metadata.COLUMN_TYPE: column.type.value}
    if isinstance(column.destination, str):
        static[metadata.DESTINATION] = column.destination
    options = column.asset_options if isinstance(column, ComputedColumn) else {}
    spec = dg.AssetSpec(
        table.asset_key(column.name),
        deps=[table.asset_key(name) for name in column.inputs],
        description=column.description,
        group_name=table.op_name,
        code_version=column.code_version,
        metadata=static,
        **{name: value for name, value in options.items() if value is not None},
    )
    return spec.with_io_manager_key(IO_MANAGER_KEY)
