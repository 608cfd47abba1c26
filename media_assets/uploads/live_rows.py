"""The rows that a table holds now, for queries in SQL."""

from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self, cast

from media_assets.records.database import connect, quote_name
from media_assets.records.held_rows import HeldRows
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
        arg_max({'given': "values"}, entry).given as "values",
        max(entry) filter (action = 'upload') as entry, arg_max(version, entry) as version
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
        ranked: The rows among them that the table holds, as the view has them, or None.
        parents: The rows that they are parts of; a part leaves with the content that it was made
            from. None for rows that were uploaded.
    """

    entries: Entries | None
    changed: HeldRows | None
    ranked: HeldRows | None
    parents: "LiveRows | None" = None

    @classmethod
    def of_log(cls, connection: "duckdb.DuckDBPyConnection", entries: Entries) -> Self:
        """Ranks the changed rows of entries, which are the view `log` of a connection."""
        counted = connection.execute(f"create temp table _changed as {_CHANGED}").fetchone()
        changed = cast("tuple[int]", counted)[0]
        if not changed:
            return cls(entries, None, None)
        standing = HeldRows.of(connection.sql(_STANDING), rows=changed)
        return cls(entries, HeldRows.of(connection.table("_changed"), rows=changed), standing)

    @classmethod
    def of_table(cls, table: ArrowTable) -> Self:
        """Returns rows found without a log, as `row`, `partition` and `values`."""
        return cls(None, None, HeldRows.of_table(table))

    def below(self, parents: "LiveRows") -> Self:
        """Returns the rows as parts of others: those whose parent has the content it had."""
        return replace(self, parents=parents)

    def make_view(self, connection: "duckdb.DuckDBPyConnection", name: str) -> None:
        """Makes a view of the rows in a connection.

        It has `row`, `partition` and `values`; for a log also `version`, and `entry`, the number of
        the entry that gave the row its content.
        """
        parts: list[str] = []
        if self.entries is not None:
            shown = 'row, partition, "values", entry, version'
            parts.append(f"select {shown} from {self.entries.source()}")  # noqa: S608
        if self.changed is not None:
            # Any other line is an upload, and the only line of its row.
            self.changed.show_in(connection, f"{name} changed")
            parts.append(f"anti join {quote_name(f'{name} changed')} using (row)")
        if self.ranked is not None:
            self.ranked.show_in(connection, f"{name} standing")
            parts.append("union all" * bool(parts) + f" from {quote_name(f'{name} standing')}")
        query = " ".join(parts)
        if self.parents is not None:
            self.parents.make_view(connection, f"{name} parents")
            query = f"""
                from ({query}) part semi join {quote_name(f"{name} parents")} parent
                on parent.row = part."values"::json ->> '$.parent'
                and parent.partition = part.partition
                and parent.entry = try_cast(part.version as bigint)
            """
        connection.execute(f"create or replace temp view {quote_name(name)} as {query}")

    def paths(self) -> list[str]:
        """Returns the paths of the files that the view reads."""
        own = [] if self.entries is None else self.entries.paths()
        return own if self.parents is None else [*own, *self.parents.paths()]

    def partitions(self) -> set[str]:
        """Returns the partitions that hold rows.

        Raises:
            ManifestFormatError: An entry is damaged.
        """
        with self._connect() as connection:
            found = connection.execute("select distinct partition from live").fetchall()
        return {partition for (partition,) in found}

    @cached_property
    def table(self) -> ArrowTable:
        """The rows in memory, sorted by row.

        Raises:
            ManifestFormatError: An entry is damaged.
        """
        query = 'select row, partition, "values" from live order by row'
        with self._connect() as connection:
            return connection.sql(query).to_arrow_table()

    @contextmanager
    def _connect(self) -> Generator["duckdb.DuckDBPyConnection"]:
        """Gives a connection that has the rows as the view `live`."""
        telling = nullcontext() if self.entries is None else self.entries.naming_damage()
        with connect() as connection, telling:
            self.make_view(connection, "live")
            yield connection
