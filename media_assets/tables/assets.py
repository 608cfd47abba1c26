"""A table's Dagster assets: one subsettable multi-asset, one asset per column."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import dagster as dg
from pydantic import Field

from media_assets.code_location import IO_MANAGER_KEY
from media_assets.columns import Column, ComputedColumn, RowValue
from media_assets.errors import DeclarationError
from media_assets.tables.asset_metadata import definition_metadata
from media_assets.tables.checks import check_specs
from media_assets.tables.conditions import Condition, condition_of
from media_assets.tables.table import MediaTable


class TableConfig(dg.Config):
    """Run config of a table's step."""

    force: bool = Field(
        default=False, description="Make every cell again, including those that are up to date."
    )
    move: bool = Field(
        default=True,
        description="Move files that are not at their column's current destination there.",
    )
    retry_unreadable: bool = Field(
        default=False,
        description="Try to decode unreadable uploads again, even if neither the file nor this "
        "package has changed.",
    )
    max_error_share: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="Fail the step, after its commit, if more than this share of a column's "
        "rows have an error (0 to 1).",
    )


def table_assets(table: MediaTable) -> dg.AssetsDefinition:
    """Returns the assets of a table: computed together in one step, selectable one by one.

    Raises:
        DeclarationError: Its columns do not fit together.
        UnknownNameError: A row function reads a column that does not exist.
    """
    computed = table.computed_columns

    @dg.multi_asset(
        name=table.op_name,
        specs=[
            *(_spec(table, column) for column in table.columns),
            *(_value_spec(table, value) for value in table.values.values()),
        ],
        partitions_def=table.partitioning.definition,
        can_subset=True,
        description=table.description,
        required_resource_keys={IO_MANAGER_KEY}.union(*(c.resources for c in computed)),
        pool=table.pool,
        retry_policy=table.retry_policy,
        backfill_policy=table.backfill_policy,
        op_tags=table.op_tags,
        hooks=set(table.hooks),
        check_specs=check_specs(table),
    )
    def materialize(
        context: dg.AssetExecutionContext, config: TableConfig
    ) -> Iterator[
        dg.MaterializeResult[object]
        | dg.AssetCheckResult
        | dg.AssetMaterialization
        | dg.AssetCheckEvaluation
    ]:
        from media_assets.tables.runs import end_on_signals, materialize

        with end_on_signals():
            yield from materialize(table, context, config)

    return materialize


def _condition(table: MediaTable, column: Column) -> Condition | None:
    """The automation condition of a computed column, if the table has one."""
    if not isinstance(column, ComputedColumn):
        return None
    return condition_of(table.automation)


def _dependencies(table: MediaTable, column: Column) -> Iterable[dg.AssetKey]:
    """The assets of the columns that a column reads, and the outside assets whose values it takes.

    Raises:
        DeclarationError: One of the latter is a column of the same table.
    """
    outside = [v.key for v in column.ins.values()] if isinstance(column, ComputedColumn) else []
    for key in {table.asset_key(c.name) for c in table.columns}.intersection(outside):
        raise DeclarationError(
            what=f"Column {column.name!r} has asset {key.to_user_string()} in ins=, which is a "
            "column of the same table.",
            accepted="Assets outside the table, materialized before the step.",
            fix="To read that column's cells, name a parameter after it.",
        )
    read = (key for name in column.reads for key in table.keys_read(name, by=column))
    return dict.fromkeys([*read, *outside])


def _spec(table: MediaTable, column: Column) -> dg.AssetSpec:
    options: dict[str, Any] = {k: v for k, v in column.asset_options.items() if v is not None}
    further = cast("Sequence[dg.AssetKey]", options.pop("deps", ()))
    kinds = {*table.kinds, *options.pop("kinds", ())}
    spec = dg.AssetSpec(
        table.asset_key(column.name),
        deps=[*_dependencies(table, column), *further],
        description=column.description,
        group_name=table.group_name,
        code_version=column.code_version,
        automation_condition=options.pop("automation_condition", _condition(table, column)),
        metadata={**options.pop("metadata", {}), **definition_metadata(table, column)},
        owners=list(dict.fromkeys([*table.owners, *options.pop("owners", ())])),
        tags={**table.tags, **options.pop("tags", {})},
        kinds=kinds or {column.type.kind},
        **options,
    )
    return spec.with_io_manager_key(IO_MANAGER_KEY)


def _value_spec(table: MediaTable, value: RowValue) -> dg.AssetSpec:
    """A row value's asset: it has no files and no manifests, and its cells come with the rows."""
    parts = table.splitting and table.source
    return dg.AssetSpec(
        table.asset_key(value.name),
        deps=[table.asset_key(parts.name)] if parts else [],
        description="Of each part." if parts else "Given with each row.",
        group_name=table.group_name,
        code_version=value.code_version,
        metadata=definition_metadata(table, value),
        owners=list(table.owners),
        tags=table.tags,
        kinds=set(table.kinds) or {value.type.value},
    ).with_io_manager_key(IO_MANAGER_KEY)
