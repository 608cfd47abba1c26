"""SQL functions that turn the bytes of arrays and lists of numbers into DuckDB's own."""

from threading import Lock

import duckdb
from duckdb.func import ARROW, SPECIAL

from media_assets.arrays import tag_of
from media_assets.column_types import ColumnType
from media_assets.records.numbers import ArrowArray, numbers_in

_adding = Lock()
"""Two that add one function to the database at once would be in conflict."""


def add_array_function(connection: duckdb.DuckDBPyConnection, column_type: ColumnType) -> str:
    """Adds the function for a type, unless the database has it, and returns its name.

    It returns null for bytes that hold no value of the type.
    """
    tag, length = tag_of(column_type), column_type.length
    name = f"_numbers_{tag[-2:].decode()}_{length}"

    def function(values: ArrowArray) -> ArrowArray:
        return numbers_in(values, tag=tag, length=length)

    try:
        with _adding:
            connection.create_function(
                name, function, ["BLOB"], column_type.sql, type=ARROW, null_handling=SPECIAL
            )
    except (duckdb.CatalogException, duckdb.NotImplementedException) as error:
        if "already" not in str(error):
            raise
    return name
