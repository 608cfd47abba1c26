"""The description of a table: its columns, and the cells, bytes and errors of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from media_assets.catalog.views import TableSources, make_overviews
from media_assets.records.manifests import Header
from media_assets.values import ColumnType

_CELLS = """
    select "column", count(*) - count(error_class), count(error_class), sum(size_bytes)::bigint,
        list(distinct format order by format) filter (format is not null), epoch(max(written_at)),
        arg_max(run_id, written_at)
    from media_assets._cells group by "column"
"""
_ROWS = "select count(*), count(distinct partition) from live"
_GIVEN = """select count(*) from live where json_exists("values"::json, ?)"""
_ERROR_ROWS = "select count(distinct row) from media_assets._cells where error_class is not null"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDescription:
    """The current state of one column; replaced and deleted rows do not count.

    Attributes:
        name: The column's name.
        type: What it holds.
        inputs: The columns that it reads.
        reading: How it reads images: which frames, and what becomes of truncated files. None if it
            reads none, or the table's declaration is not at hand.
        destination: Where its last files were written; None for values and uploads left in place.
        decided_by: Who decided that.
        formats: The formats of its files, as Pillow names them.
        cells: How many rows have a file or a value.
        errors: How many rows have an error.
        missing: How many rows have not been materialized yet.
        size_bytes: The total size of its files.
        written_at: When its newest cell was made.
        run_id: The run that made it.
        object_options: How a declared column's files are kept as objects, as JSON.
        publish: The template of a declared column's published names.
    """

    name: str
    type: ColumnType
    inputs: tuple[str, ...] = ()
    reading: str | None = None
    destination: str | None = None
    decided_by: str | None = None
    formats: tuple[str, ...] = ()
    cells: int = 0
    errors: int = 0
    missing: int = 0
    size_bytes: int = 0
    written_at: datetime | None = None
    run_id: str | None = None
    object_options: str | None = None
    publish: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDescription:
    """The current state of a table.

    Attributes:
        name: The table's name.
        rows: How many rows it has.
        error_rows: How many of them have an error in any column.
        partitions: How many partitions hold its rows.
        columns: Its columns, in order.
    """

    name: str
    rows: int = 0
    error_rows: int = 0
    partitions: int = 0
    columns: tuple[ColumnDescription, ...] = ()

    @property
    def missing(self) -> int:
        """How many cells have not been materialized yet, over all columns."""
        return sum(column.missing for column in self.columns)

    @property
    def newest(self) -> ColumnDescription | None:
        """The column with the newest cell, whose run was the last; None if there are no cells."""
        written = [(c.written_at, n) for n, c in enumerate(self.columns) if c.written_at]
        return self.columns[max(written)[1]] if written else None


def describe_table(table: str, files: TableSources) -> TableDescription:
    """Describes a table, in one pass over its newest manifests."""
    with duckdb.connect() as connection:
        make_overviews(connection, {table: files})
        cells: dict[str, Sequence[Any]] = {
            column: facts for column, *facts in connection.execute(_CELLS).fetchall()
        }
        (error_rows,) = connection.execute(_ERROR_ROWS).fetchall()[0]
        files.live.make_view(connection, "live")
        rows, partitions = connection.execute(_ROWS).fetchall()[0]
        for name in files.row_values:
            (given,) = connection.execute(_GIVEN, [f"$.{name}"]).fetchall()[0]
            cells[name] = (given, 0, 0, None, None, None)
    return TableDescription(
        name=table,
        rows=rows,
        error_rows=error_rows,
        partitions=partitions,
        columns=tuple(_column(h, rows, cells.get(name)) for name, h in files.headers.items()),
    )


def _column(header: Header, rows: int, facts: Sequence[Any] | None) -> ColumnDescription:
    cells, errors, size_bytes, formats, written_at, run_id = facts or (0, 0, 0, None, None, None)
    return ColumnDescription(
        name=header.column,
        type=header.type,
        inputs=header.inputs,
        destination=header.destination,
        decided_by=header.decided_by,
        formats=tuple(formats or ()),
        cells=cells,
        errors=errors,
        missing=rows - cells - errors,
        size_bytes=size_bytes or 0,
        written_at=None if written_at is None else datetime.fromtimestamp(written_at, UTC),
        run_id=run_id,
    )
