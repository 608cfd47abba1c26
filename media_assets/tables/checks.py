"""A column's asset checks, as Dagster shows them before they ran."""

import dagster as dg

from media_assets.tables.table import MediaTable
from media_assets.values import ColumnType

FILES_EXIST = "files_exist"
NO_ERROR_ROWS = "no_error_rows"
_DESCRIPTIONS = {
    FILES_EXIST: "Every file that is recorded is stored, with the size that was recorded.",
    NO_ERROR_ROWS: "No row has an error; few of them are a warning.",
}


def check_specs(table: MediaTable) -> list[dg.AssetCheckSpec]:
    """Returns the checks of a table's columns: a value column has no files to look for."""
    return [
        dg.AssetCheckSpec(name, asset=table.asset_key(column.name), description=description)
        for column in table.columns
        for name, description in _DESCRIPTIONS.items()
        if name != FILES_EXIST or column.type is ColumnType.IMAGE
    ]
