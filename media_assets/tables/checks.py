"""A column's asset checks, as Dagster shows them before they ran."""

import warnings

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
    with warnings.catch_warnings():
        # The option works, and its users cannot do anything about its being new.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name,
                asset=table.asset_key(column.name),
                description=description,
                partitions_def=table.partitioning.definition,
            )
            for column in table.columns
            for name, description in _DESCRIPTIONS.items()
            if name != FILES_EXIST or column.type is ColumnType.IMAGE
        ]
