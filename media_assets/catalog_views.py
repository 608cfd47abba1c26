"""The SQL behind the catalog: one wide view per table, and the overviews over all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from media_assets.manifests import SCHEMA, Header
from media_assets.upload_log import UploadLog
from media_assets.values import ColumnType

_SQL_TYPES = {
    ColumnType.FLOAT: "double",
    ColumnType.INT: "bigint",
    ColumnType.STR: "varchar",
    ColumnType.BOOL: "boolean",
    ColumnType.DICT: "json",
    ColumnType.LIST: "json",
}
_CELL = [name for name in SCHEMA.names if name not in ("row", "partition")]


@dataclass(frozen=True, slots=True)
class TableFiles:
    """What the views of one table read.

    Attributes:
        log: Its upload log, refreshed.
        headers: The newest header of each column, in the order in which columns are shown.
        paths: The newest manifest of each partition, by column.
    """

    log: UploadLog
    headers: Mapping[str, Header]
    paths: Mapping[str, Sequence[str]]


def make_table_view(connection: duckdb.DuckDBPyConnection, table: str, files: TableFiles) -> None:
    """Makes the view of a media table: row, partition, and a column per column.

    Which manifest is the newest was decided by its number, so that a query joins complete
    listings and never ranks rows. Rows that were replaced by a newer partition, or deleted, are
    few and taken away by an anti-join.
    """
    _make_live_view(connection, table, files.log)
    selected, joined = ["live.row", "live.partition"], ""
    for position, (column, header) in enumerate(files.headers.items()):
        cell = f"c{position}"
        shown = f"{cell}.fileurl"
        if header.type is not ColumnType.IMAGE:
            shown = f"try_cast({cell}.value as {_SQL_TYPES[header.type]})"
        selected.append(f"{shown} as {quoted(column)}")
        joined += (
            f" left join {_manifests(files.paths[column])} {cell}"
            f" on {cell}.row = live.row and {cell}.partition = live.partition"
        )
    connection.execute(
        f"create view {quoted(table)} as select {', '.join(selected)} "  # noqa: S608  quoted
        f"from {_live(table)} live{joined}"
    )


def make_overviews(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, TableFiles]
) -> None:
    """Makes `media_assets.files`, `media_assets.errors` and `media_assets.materializations`."""
    parts: list[str] = []
    for table, files in tables.items():
        _make_live_view(connection, table, files.log)
        for column, paths in files.paths.items():
            parts.append(
                f"select {literal(table)} as \"table\", {literal(column)} as \"column\", "  # noqa: S608
                f"cell.* from {_manifests(paths)} cell semi join {_live(table)} live "
                f"on live.row = cell.row and live.partition = cell.partition"
            )
    empty = ", ".join(f"null as {quoted(name)}" for name in ("table", "column", *SCHEMA.names))
    cells = " union all ".join(parts) or f"select {empty} where false"  # noqa: S608  no input
    connection.execute("create schema media_assets")
    connection.execute(f"create view media_assets._cells as {cells}")
    names = f'"table", "column", partition, row, {", ".join(_CELL)}'
    kept = names.replace(", error_class, error_message", "")
    connection.execute(
        f"create view media_assets.files as select {kept} from media_assets._cells "  # noqa: S608
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


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _live(table: str) -> str:
    return quoted(f"_live {table}")


def _make_live_view(connection: duckdb.DuckDBPyConnection, table: str, log: UploadLog) -> None:
    """Rows that were uploaded and neither replaced by a newer partition nor deleted since."""
    uploads = quoted(f"_log {table}")
    log.scan_into(connection, uploads)
    connection.execute(
        f"""
        create or replace temp view {_live(table)} as
        with gone as (
            select row, supersedes as partition, entry from {uploads}
            where action = 'upload' and supersedes is not null
            union all
            select row, partition, entry from {uploads} where action = 'delete'
        ), uploaded as (
            select row, partition, max(entry) as entry from {uploads}
            where action = 'upload' group by row, partition
        )
        select row, partition from uploaded anti join gone
        on gone.row = uploaded.row and gone.partition = uploaded.partition
            and gone.entry >= uploaded.entry
        """  # noqa: S608  quoted
    )


def _manifests(paths: Iterable[str]) -> str:
    return f"read_parquet([{', '.join(literal(path) for path in paths)}])"
