"""Other values for rows of a table, as a project's code and the command line give them."""

from collections.abc import Mapping
from dataclasses import dataclass

from media_assets.columns import declared_types, encode_by_row
from media_assets.installation import Installation
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.uploads.row_values import update_rows


@dataclass(frozen=True, slots=True)
class RowsUpdated:
    """What an update came to.

    Attributes:
        rows: How many rows have other values now.
        partitions: The partitions of all rows that were named: each row stays in its own. A run
            over them makes what is missing, also where an earlier update was interrupted.
        names: The values that were named.
    """

    rows: int
    partitions: tuple[str, ...]
    names: frozenset[str]


def update_values(
    installation: Installation, table: MediaTable, changes: Mapping[str, Mapping[str, object]]
) -> RowsUpdated:
    """Records other values of rows, all or none; nothing is computed.

    Args:
        installation: Where the table's records are.
        table: The table.
        changes: The new values of each row, by name; values that are not named stay.

    Raises:
        UnknownRowsError: There is no such row.
        UnknownNameError: The table has no such row value.
        RowValueError: A value is not of its type, or is null where that is not declared.
    """
    texts = encode_by_row(table.values, changes, table=table.name)
    types = declared_types(table.values)
    count, partitions = update_rows(stored_table(installation.catalog, table), texts, types=types)
    names = frozenset(name for given in texts.values() for name in given)
    return RowsUpdated(count, tuple(sorted(partitions)), names)
