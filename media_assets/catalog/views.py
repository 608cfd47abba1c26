"""The SQL behind the catalog: one wide view per table, and the overviews over all of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from typing import cast

import duckdb

from media_assets.catalog.array_functions import add_array_function, needs_function
from media_assets.catalog.cell_files import Cells
from media_assets.media_types import all_facts
from media_assets.records.database import quote_name, quote_text
from media_assets.records.manifests import SCHEMA, Header
from media_assets.records.parquet import ArrowTable, no_rows
from media_assets.uploads.live_rows import LiveRows
from media_assets.values import ColumnType

_CELL = [name for name in SCHEMA if name not in ("row", "partition")]


@dataclass(frozen=True, slots=True)
class TableSources:
    """The sources of the views of one table.

    Attributes:
        live: The rows that it holds now.
        headers: The newest header of each column, in the order in which columns are shown.
        cells: The cells of the newest manifest of each partition, by column.
        row_values: The columns that are row values; their cells are in the upload log.
        parent: The table whose rows these are parts of, if they are.
    """

    live: LiveRows
    headers: Mapping[str, Header]
    cells: Mapping[str, Sequence[Cells]]
    row_values: Collection[str] = ()
    parent: "TableSources | None" = None

    def paths(self) -> Iterator[str]:
        """Yields the paths of all these files."""
        yield from self.live.paths()
        if self.parent is not None:
            yield from self.parent.paths()
        yield from (cells.path for of_column in self.cells.values() for cells in of_column)


def make_table_view(connection: duckdb.DuckDBPyConnection, table: str, files: TableSources) -> None:
    """Makes the view of a media table: row, partition, and the table's columns.

    That of parts has the columns of their parents as well, where it has none of that name.

    The newest manifest is known by its number, and the live rows by the upload log, so a query
    joins complete listings and never ranks rows.
    """
    files.live.make_view(connection, _live(table))
    selected, joins = _columns(connection, files, "live", frozenset())
    if files.parent is not None:
        parents = f"{_live(table)} of"
        files.parent.live.make_view(connection, parents)
        joins += (
            f" left join {quote_name(parents)} parent"
            f" on parent.row = {text_of('parent')} and parent.partition = live.partition"
        )
        of_parent = _columns(connection, files.parent, "parent", files.headers.keys())
        selected, joins = selected + of_parent[0], joins + of_parent[1]
    selected = ["live.row", "live.partition", *selected]
    connection.execute(
        f"create temp view {quote_name(table)} as select {', '.join(selected)} "  # noqa: S608  quoted
        f"from {quote_name(_live(table))} live{joins}"
    )


def _columns(
    connection: duckdb.DuckDBPyConnection,
    files: TableSources,
    rows: str,
    left_out: AbstractSet[str],
) -> tuple[list[str], str]:
    """Returns a table's columns as selected of its `rows`, and the joins that give their cells."""
    selected, joins = list[str](), ""
    for position, (column, header) in enumerate(files.headers.items()):
        if column in left_out:
            continue
        cell = f"{rows}{position}" if files.cells.get(column) else None
        value = (
            value_of_text(text_of(column, rows), header.type)
            if column in files.row_values
            else _value(connection, header.type, cell)
        )
        selected.append(f"{value} as {quote_name(column)}")
        if cell:
            source = source_of(files.cells[column], has_bytes=header.type.is_binary)
            joins += (
                f" left join {source} {cell}"
                f" on {cell}.row = {rows}.row and {cell}.partition = {rows}.partition"
            )
    return selected, joins


def text_of(value: str, rows: str = "live") -> str:
    """The text of a row value in SQL; null also where it was never given."""
    return f'({rows}."values"::json ->> {quote_text("$." + value)})'


def _value(connection: duckdb.DuckDBPyConnection, column_type: ColumnType, cell: str | None) -> str:
    """Returns the expression of a value, null where a cell is of another type.

    Lists of numbers that an older version of the package kept as JSON are read as well.
    """
    if cell is None:
        return f"null::{column_type.sql}"
    if column_type.is_medium:
        return f"{cell}.fileurl"
    if column_type is ColumnType.BYTES:
        return f"{cell}.value_bytes"
    of_text = value_of_text(f"{cell}.value", column_type)
    if not needs_function(column_type):
        return of_text
    of_bytes = f"{add_array_function(connection, column_type)}({cell}.value_bytes)"
    if column_type.kind != "array":
        return f"coalesce({of_bytes}, {of_text})"
    # As lists: half the time, and before DuckDB 2 the only way.
    return f"coalesce({of_bytes}::float[], ({of_text})::float[])::{column_type.sql}"


def value_of_text(text: str, column_type: ColumnType) -> str:
    """Returns the expression of a value by that of its text, null where it is of another type."""
    is_json = column_type.kind in ("array", "struct") or column_type.item is not None
    as_json = f"try_cast({text} as json)" if is_json else text
    return f"try_cast({as_json} as {column_type.sql})"


def make_overviews(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, TableSources]
) -> None:
    """Makes `media_assets.files`, `media_assets.errors` and `media_assets.materializations`."""
    parts: list[str] = []
    for table, files in tables.items():
        files.live.make_view(connection, _live(table))
        for column, cells in files.cells.items():
            parts.append(
                f'select {quote_text(table)} as "table", {quote_text(column)} as "column", '  # noqa: S608
                f"cell.* from {source_of(cells)} cell semi join {quote_name(_live(table))} live "
                f"on live.row = cell.row and live.partition = cell.partition"
            )
    shown = 'null::varchar as "table", null::varchar as "column"'
    nothing = f"select {shown}, * from ({no_rows(SCHEMA)})"  # noqa: S608  quoted
    cells = " union all by name ".join([nothing, *parts])
    connection.execute("create schema media_assets")
    connection.execute(f"create view media_assets._cells as {cells}")
    names = f'"table", "column", partition, row, {", ".join(_CELL)}'
    kept = names.replace(", error_class, error_message", "").replace(", value_bytes", "")
    facts = ", ".join(
        f"try_cast(facts::json ->> {quote_text(name)} as {kind}) as {quote_name(name)}"
        for name, kind in all_facts().items()
    )
    connection.execute(
        f"create view media_assets.files as select {kept}, {facts} from media_assets._cells "  # noqa: S608
        "where fileurl is not null"
    )
    connection.execute(
        'create view media_assets.errors as select "table", "column", partition, row, '
        "error_class, error_message, written_at, run_id from media_assets._cells "
        "where error_class is not null"
    )
    connection.execute(
        'create view media_assets.materializations as select "table", "column", partition, '
        "count(*) as rows, count(error_class) as errors, sum(size_bytes)::bigint as size_bytes, "
        "max(written_at) as written_at, arg_max(run_id, written_at) as run_id "
        "from media_assets._cells group by all"
    )


def rows_in_manifests(
    connection: duckdb.DuckDBPyConnection, cells: Mapping[str, Sequence[Cells]]
) -> ArrowTable:
    """Returns all rows in manifests as `row` and `partition`, sorted by row."""
    shown = 'row, partition, null::varchar as "values"'
    parts = [f"select {shown} from ({no_rows(SCHEMA)})"]  # noqa: S608
    parts += [f"select {shown} from {source_of(files)}" for files in cells.values()]  # noqa: S608
    return connection.sql(f"{' union '.join(parts)} order by row").to_arrow_table()


def error_places(
    connection: duckdb.DuckDBPyConnection, cells: Mapping[str, Sequence[Cells]]
) -> list[tuple[str, str]]:
    """Returns the row and partition of each cell in manifests that has an error."""
    listed = [cell for of_column in cells.values() for cell in of_column]
    if not listed:
        return []
    query = f"select row, partition from {source_of(listed)} where error_class is not null"  # noqa: S608
    return cast("list[tuple[str, str]]", connection.execute(query).fetchall())


def error_messages(
    connection: duckdb.DuckDBPyConnection, live: ArrowTable, cells: Mapping[str, Sequence[Cells]]
) -> dict[tuple[str, str], str]:
    """Returns the message of each cell of live rows that has an error, by row and column."""
    connection.register("_shown", live)
    parts = [
        f"select row, {quote_text(column)}, error_message from {source_of(of_column)} cell "  # noqa: S608
        "semi join _shown using (row, partition) where error_class is not null"
        for column, of_column in cells.items()
    ]
    found = connection.execute(" union all ".join(parts)).fetchall() if parts else []
    return {(row, column): message or "" for row, column, message in found}


def errors_of_rows(
    connection: duckdb.DuckDBPyConnection, sources: TableSources, rows: Iterable[str]
) -> dict[tuple[str, str], str]:
    """Returns the message of each cell of these rows that has an error, by row and column."""
    sources.live.make_view(connection, "_shown")
    parts = [
        f"select row, {quote_text(column)}, error_message from {source_of(of_column)} cell "  # noqa: S608
        "semi join _shown using (row, partition) where error_class is not null "
        "and row in (select unnest($1::varchar[]))"
        for column, of_column in sources.cells.items()
        if of_column
    ]
    if not parts:
        return {}
    found = connection.execute(" union all ".join(parts), [list(rows)]).fetchall()
    return {(row, column): message or "" for row, column, message in found}


def digests_of(
    connection: duckdb.DuckDBPyConnection, cells: Iterable[Sequence[Cells]]
) -> dict[str, str]:
    """Returns the digests of files as recorded in the manifests of columns, by fileurl."""
    listed = [cell for of_column in cells for cell in of_column]
    if not listed:
        return {}
    query = f"select fileurl, digest from {source_of(listed)} where fileurl is not null"  # noqa: S608
    return dict(connection.execute(query).fetchall())


def _live(table: str) -> str:
    """A name for the rows of a table, distinct even if table names differ only by case."""
    return f"_live {table.encode().hex()}"


def source_of(cells: Iterable[Cells], *, has_bytes: bool = False) -> str:
    """Returns the text after `from` that reads cells.

    Args:
        cells: The cells.
        has_bytes: Whether `value_bytes` is needed, which files of older versions lack.
    """
    whole: list[str] = []
    partly: list[str] = []
    for file in cells:
        if file.without:
            left_out = ", ".join(quote_text(partition) for partition in file.without)
            partly.append(f"from {_read([file.path])} where partition not in ({left_out})")
        else:
            whole.append(file.path)
    if has_bytes:
        partly.append("select null::blob as value_bytes where false")
    if not partly:
        return _read(whole)
    # By name: files of older versions lack some columns.
    return f"({' union all by name '.join([f'from {_read(whole)}'] * bool(whole) + partly)})"


def _read(paths: Iterable[str]) -> str:
    listed = ", ".join(quote_text(path) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
