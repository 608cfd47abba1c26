"""The rows that a table holds now, for queries in SQL."""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from media_assets.records.database import connect, quote_name
from media_assets.records.parquet import ArrowTable
from media_assets.uploads.entries import Entries

if TYPE_CHECKING:
    import duckdb

_CHANGED = """
    select row from log where action <> 'upload'
    union select row from log where supersedes <> ''
    union select row from log where supersedes is null
"""
"""With separate conditions, DuckDB skips almost all of the log."""
_STANDING = """
    select row, arg_max(partition, entry) filter (action <> 'change') as partition,
        arg_max({'given': "values"}, entry).given as "values"
    from log semi join _changed using (row) where action <> 'touch'
    group by row having arg_max(action, entry) filter (action <> 'change') = 'upload'
"""


@dataclass(frozen=True)
class LiveRows:
    """The rows that a table holds: those uploaded, without those replaced or deleted.

    Most rows have a single line in the log, which is read as it is. Only the other rows are ranked
    and kept in memory.

    Attributes:
        entries: The log's entries; None if there is no log.
        changed: The rows, as `row`, that were replaced, deleted or touched, or may have been, in an
            older log: their lines are skipped; None if there are none.
        standing: The rows among them that the table holds, as `row`, `partition` and
            `values`, or None.
    """

    entries: Entries | None
    changed: ArrowTable | None
    ranked: ArrowTable | None

    @classmethod
    def of_log(cls, connection: "duckdb.DuckDBPyConnection", entries: Entries) -> Self:
        """Ranks the changed rows of entries, which are the view `log` of a connection."""
        changed = connection.sql(_CHANGED).to_arrow_table()
        if not len(changed):
            return cls(entries, None, None)
        connection.register("_changed", changed)
        return cls(entries, changed, connection.sql(_STANDING).to_arrow_table())

    @classmethod
    def of_table(cls, table: ArrowTable) -> Self:
        """Returns rows found without a log, as `row`, `partition` and `values`."""
        return cls(None, None, table)

    def make_view(self, connection: "duckdb.DuckDBPyConnection", name: str) -> None:
        """Makes a view of the rows in a connection, as `row`, `partition` and `values`."""
        parts: list[str] = []
        if self.entries is not None:
            query = f'select row, partition, "values" from {self.entries.source()}'  # noqa: S608
            parts.append(query)
        if self.changed is not None:
            # Any other line is an upload, and the only line of its row.
            connection.register(f"{name} changed", self.changed)
            parts.append(f"anti join {quote_name(f'{name} changed')} using (row)")
        if self.ranked is not None:
            connection.register(f"{name} standing", self.ranked)
            parts.append("union all" * bool(parts) + f" from {quote_name(f'{name} standing')}")
        query = " ".join(parts)
        connection.execute(f"create or replace temp view {quote_name(name)} as {query}")

    def paths(self) -> list[str]:
        """Returns the paths of the files that the view reads."""
        return [] if self.entries is None else self.entries.paths()

    @cached_property
    def table(self) -> ArrowTable:
        """The rows in memory, sorted by row.

        Raises:
            ManifestFormatError: An entry is damaged.
        """
        telling = nullcontext() if self.entries is None else self.entries.naming_damage()
        with connect() as connection, telling:
            self.make_view(connection, "live")
            return connection.sql("from live order by row").to_arrow_table()
