"""Rows of a query, held in memory for other connections of DuckDB."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

from media_assets.records.database import quote_name
from media_assets.records.parquet import ArrowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_FEW = 2_000
"""Rows for which Python's values take less time than the import of pyarrow."""


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Rows as Python values if they are few, and else as a table of pyarrow.

    Attributes:
        columns: The names and types of the columns; none for a table of pyarrow.
        held: The values of each column, or the table.
    """

    columns: "Sequence[tuple[str, str]]"
    held: "Sequence[Sequence[object]] | ArrowTable"

    @classmethod
    def of(cls, found: "duckdb.DuckDBPyRelation", *, rows: int) -> Self:
        """Holds the rows of a query that has this many."""
        if rows > _FEW:
            return cls.of_table(found.to_arrow_table())
        columns = [(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True)]
        lines = cast("list[tuple[object, ...]]", found.fetchall())
        return cls(columns, [[line[n] for line in lines] for n in range(len(columns))])

    @classmethod
    def of_table(cls, table: ArrowTable) -> Self:
        """Holds a table of pyarrow."""
        return cls((), table)

    def show_in(self, connection: "duckdb.DuckDBPyConnection", name: str) -> None:
        """Lets a connection read the rows by a name."""
        if not self.columns:
            connection.register(name, cast("Any", self.held))
            return
        shown = (f"unnest(?::{kind}[]) as {quote_name(column)}" for column, kind in self.columns)
        query = f"create or replace temp table {quote_name(name)} as select {', '.join(shown)}"
        connection.execute(query, list(cast("Sequence[object]", self.held)))
