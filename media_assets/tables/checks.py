"""A column's asset checks, as Dagster shows them before they run."""

import warnings
from collections.abc import Iterator

import dagster as dg

from media_assets.columns import Column
from media_assets.tables.table import MediaTable

FILES_EXIST = "files_exist"
NO_ERROR_ROWS = "no_error_rows"
UP_TO_DATE = "up_to_date"
_DESCRIPTIONS = {
    FILES_EXIST: "Every recorded file is stored, with its recorded size.",
    NO_ERROR_ROWS: "No row has an error; a small share of error rows is only a warning.",
    UP_TO_DATE: "Every cell was up to date with the code and its inputs at the last evaluation.",
}


def check_specs(table: MediaTable) -> list[dg.AssetCheckSpec]:
    """Returns the checks of a table's columns; a value column has no files to check.

    Raises:
        UnknownNameError: A check reads a column that does not exist.
        DeclarationError: A check's annotation is not the type of its column.
    """
    with warnings.catch_warnings():
        # The option works, and users cannot do anything about it being new.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [spec for column in table.columns for spec in _specs_of(table, column)]


def _specs_of(table: MediaTable, column: Column) -> Iterator[dg.AssetCheckSpec]:
    key, partitions = table.asset_key(column.name), table.partitioning.definition
    for name, description in _DESCRIPTIONS.items():
        if name != FILES_EXIST or column.type.is_medium:
            yield dg.AssetCheckSpec(
                name, asset=key, description=description, partitions_def=partitions
            )
    for check in table.checks_of(column.name):
        yield dg.AssetCheckSpec(
            check.name,
            asset=key,
            description=check.description,
            blocking=check.blocking,
            partitions_def=partitions,
        )
