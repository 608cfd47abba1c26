"""The metadata of a column's asset, before any run: type, inputs, destination."""

import dagster as dg

from media_assets import metadata
from media_assets.columns import Column, ComputedColumn, RowValue
from media_assets.destinations import DecidedBy
from media_assets.home import INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets.tables.table import MediaTable

COLUMN_SCHEMA = "dagster/column_schema"
COLUMN_LINEAGE = "dagster/column_lineage"

Shown = str | dg.TableSchema | dg.TableColumnLineage

_COMPUTED_BY_RULES = (
    f"output_media_dest of run config, the IO manager, {OUTPUT_VARIABLE} or the settings file, in "
    "this order; otherwise local storage, `media/files/` in DAGSTER_HOME"
)
_UPLOADS_BY_RULES = (
    f"input_media_dest of run config, the IO manager, {INPUT_VARIABLE} or the settings file, in "
    "this order; otherwise uploads stay where they are"
)


def definition_metadata(table: MediaTable, column: Column | RowValue) -> dict[str, Shown]:
    """Returns the metadata of a column's definition.

    Unless the column names a destination, each run decides it, so the rule is shown;
    `media-assets plan` shows the current result.
    """
    shown: dict[str, Shown] = {
        metadata.TABLE: table.name,
        metadata.COLUMN_TYPE: column.type.value,
        COLUMN_SCHEMA: dg.TableSchema(
            [dg.TableColumn(column.name, column.type.value, description=_description(column))]
        ),
    }
    if isinstance(column, ComputedColumn):
        if column.where is not None:
            shown[metadata.WHERE] = column.where.text
        if limits := column.calls.limits:
            shown[metadata.CALLS] = limits
    if isinstance(column, RowValue) or not column.type.is_medium:
        return shown
    if isinstance(column, ComputedColumn) and not column.is_stored:
        shown[metadata.DECIDED_BY] = "stored=False: parts are kept in the files of their parents"
        return shown
    if isinstance(column.destination, str):
        shown[metadata.DESTINATION] = column.destination
        shown[metadata.DECIDED_BY] = DecidedBy.COLUMN.value
    elif column.destination is not None:
        shown[metadata.DECIDED_BY] = "column, by a function called in each run"
    else:
        is_computed = isinstance(column, ComputedColumn)
        shown[metadata.DECIDED_BY] = _COMPUTED_BY_RULES if is_computed else _UPLOADS_BY_RULES
    return shown


def lineage_metadata(table: MediaTable, column: Column) -> dict[str, Shown]:
    """Returns the metadata of a materialization about the columns its column is computed from."""
    if not column.reads:
        return {}
    deps = [dg.TableColumnDep(table.asset_key(name), column_name=name) for name in column.reads]
    return {COLUMN_LINEAGE: dg.TableColumnLineage({column.name: deps})}


def _description(column: Column | RowValue) -> str | None:
    return None if isinstance(column, RowValue) else column.description
