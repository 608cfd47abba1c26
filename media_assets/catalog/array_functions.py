"""SQL functions that turn the bytes of arrays and lists of numbers into DuckDB's own."""

import duckdb
from duckdb.func import ARROW, SPECIAL

from media_assets.arrays import tag_of
from media_assets.column_types import ColumnType
from media_assets.records.numbers import ArrowArray, numbers_in


def needs_function(column_type: ColumnType) -> bool:
    """Whether values of a type are read with the function that `add_array_function` adds."""
    return column_type.is_binary and column_type is not ColumnType.BYTES


def add_array_function(connection: duckdb.DuckDBPyConnection, column_type: ColumnType) -> str:
    """Adds the function for a type, unless the connection has it, and returns its name.

    It returns null for bytes that hold no value of the type.

    Args:
        connection: The only one to its database: other connections, once this one is closed, would
            find the function in the database, and crash the process that calls it.
        column_type: An array, or a list of numbers.
    """
    tag, length = tag_of(column_type), column_type.length
    name = f"_numbers_{tag[-2:].decode()}_{length}"

    def function(values: ArrowArray) -> ArrowArray:
        return numbers_in(values, tag=tag, length=length)

    try:
        connection.create_function(
            name, function, ["BLOB"], column_type.sql, type=ARROW, null_handling=SPECIAL
        )
    except duckdb.NotImplementedException as error:
        if "already created" not in str(error):
            raise
    return name
