"""The result of a query as Python values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import duckdb

from media_assets.catalog.python_values import rows_of


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows with Python's own values.

    A DataFrame would turn a column of integers with a missing value into floats, which round from
    2**53 on.

    Attributes:
        columns: The names of the columns, each once.
        rows: The values of each row.
    """

    columns: Sequence[str]
    rows: Sequence[tuple[object, ...]]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> Self:
        """Returns the result of the last query of a connection."""
        names = _each_once([str(column[0]) for column in connection.description or ()])
        return cls(names, rows_of(connection))

    @classmethod
    def of_records(
        cls, records: Sequence[Mapping[str, object]], columns: Sequence[str] | None = None
    ) -> Self:
        """Returns rows given as mappings, with these columns or those of the first row."""
        names = list(records[0] if records else ()) if columns is None else columns
        return cls(names, [tuple(record.get(name) for name in names) for record in records])


def _each_once(names: Sequence[str]) -> list[str]:
    """Numbers repeated names, as DuckDB does in a DataFrame."""
    found: list[str] = []
    for name in names:
        number, free = 0, name
        while free in found:
            number, free = number + 1, f"{name}_{number + 1}"
        found.append(free)
    return found
