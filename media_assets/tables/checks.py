"""A column's asset checks, as Dagster shows them before they ran."""

import warnings
from collections.abc import Iterator

import dagster as dg

from media_assets.columns import Column
from media_assets.tables.table import MediaTable
from media_assets.values import ColumnType

FILES_EXIST = "files_exist"
NO_ERROR_ROWS = "no_error_rows"
UP_TO_DATE = "up_to_date"
_DESCRIPTIONS = {
    FILES_EXIST: "Every file that is recorded is stored, with the size that was recorded.",
    NO_ERROR_ROWS: "No row has an error; few of them are a warning.",
    UP_TO_DATE: "Every cell was made by today's code from today's inputs, when last evaluated.",
}


def check_specs(table: MediaTable) -> list[dg.AssetCheckSpec]:
    """Returns the checks of a table's columns: a value column has no files to look for.

    Raises:
        UnknownNameError: A check reads a column that does not exist.
        DeclarationError: A check takes a column as something that it does not hold.
    """
    with warnings.catch_warnings():
        # The option works, and its users cannot do anything about its being new.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [spec for column in table.columns for spec in _specs_of(table, column)]


def _specs_of(table: MediaTable, column: Column) -> Iterator[dg.AssetCheckSpec]:
    key, partitions = table.asset_key(column.name), table.partitioning.definition
    for name, description in _DESCRIPTIONS.items():
        if name != FILES_EXIST or column.type is ColumnType.IMAGE:
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
