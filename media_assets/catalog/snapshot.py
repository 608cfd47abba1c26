"""The cells of some columns of all rows at one moment, for a dataset."""

from collections.abc import Iterable, Mapping

import duckdb

from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.views import source_of, text_of, value_of_text
from media_assets.exports.dataset import OF_VALUE, DatasetColumn, schema_of
from media_assets.records.database import connect, quote_name, quote_text
from media_assets.records.manifests import Header
from media_assets.records.parquet import SQL_TYPES, ArrowTable
from media_assets.row_value import RowValue, read_declared
from media_assets.values import ColumnType

_NULL, _MISSING, _ERROR = 1, 2, 3
_REASONS = {_ERROR: "with an error", _MISSING: "not made yet", _NULL: "with a null"}
"""Why a row is left out, by the worst of its cells; 0 stands for a cell that is there."""


def columns_of(headers: Mapping[str, Header]) -> dict[str, DatasetColumn]:
    """Returns the columns of a dataset by their newest headers."""
    return {
        name: DatasetColumn(header.type, is_computed=bool(header.inputs))
        for name, header in headers.items()
    }


def take_snapshot(
    files: CatalogFiles,
    table: str,
    headers: Mapping[str, Header],
    *,
    among: ArrowTable | None,
    nulls: bool,
) -> tuple[ArrowTable, dict[str, int]]:
    """Returns the cells of all rows, sorted by row, and how many rows were left out, by reason.

    Args:
        files: The catalog's files.
        table: The table's name.
        headers: The newest header of each column.
        among: Take only these rows, as `row`; None for all.
        nulls: Whether rows with a null are taken, too.

    Raises:
        ManifestFormatError: An entry of the upload log is damaged.
    """
    values = read_declared(files.log(table).value_types())
    live = files.live(table)
    stored = [name for name in headers if name not in values]
    cells = files.cells(table, {name: files.newest_of(table, name) for name in stored})
    selected, states, joins = ["live.row as row"], list[str](), ""
    for place, (name, column) in enumerate(columns_of(headers).items()):
        if name in values:
            parts, state = _of_row_value(values[name])
        elif cells.get(name):
            parts, state = _of_cell(column, cell := f"c{place}")
            joins += (
                f" left join {source_of(cells[name], has_bytes=True)} {cell}"
                f" on {cell}.row = live.row and {cell}.partition = live.partition"
            )
        else:
            parts, state = {}, str(_MISSING)
        selected += _selected(name, column, parts)
        states.append(state)
    joins += "" if among is None else " semi join among on among.row = live.row"
    with connect() as connection:
        live.make_view(connection, "live rows")
        if among is not None:
            connection.register("among", among)
        query = (
            f'select {", ".join(selected)}, greatest({", ".join(states)}) as ".state" '  # noqa: S608  quoted
            f'from "live rows" live{joins}'
        )
        try:
            found = connection.sql(query).to_arrow_table()
        except duckdb.Error as error:
            files.check_after(error, [table])
            raise
        return _complete(connection, found, columns_of(headers), nulls=nulls)


def _complete(
    connection: duckdb.DuckDBPyConnection,
    found: ArrowTable,
    columns: Mapping[str, DatasetColumn],
    *,
    nulls: bool,
) -> tuple[ArrowTable, dict[str, int]]:
    """Returns the rows that have all their cells, and how many have not, by reason."""
    worst = _NULL if nulls else 0
    connection.register("found", found)
    counted = connection.execute(
        'select ".state", count(*) from found where ".state" > ? group by all', [worst]
    ).fetchall()
    counts: dict[int, int] = dict(counted)
    names = ", ".join(map(quote_name, schema_of(columns)))
    query = f'select {names} from found where ".state" <= {worst} order by row'  # noqa: S608  quoted
    complete = connection.sql(query).to_arrow_table()
    return complete, {_REASONS[state]: counts[state] for state in _REASONS if state in counts}


def _selected(name: str, column: DatasetColumn, parts: Mapping[str, str]) -> Iterable[str]:
    for part, kind in column.schema.items():
        value = parts.get(part, f"null::{SQL_TYPES[kind]}")
        yield f"{value} as {quote_name(f'{name}.{part}')}"


def _of_cell(column: DatasetColumn, cell: str) -> tuple[dict[str, str], str]:
    """Returns the parts of a cell in a manifest, and its state.

    A cell that an earlier version of the function made, of another type, counts as not made.
    """
    parts = {part: f"{cell}.{part}" for part in column.schema}
    is_there = f"{cell}.fileurl is not null"
    if column.type is not ColumnType.IMAGE:
        is_there = f"{value_of_text(f'{cell}.value', column.type)} is not null"
    if column.type.is_binary:
        is_there += f" or {cell}.value_bytes is not null"
    is_empty = " and ".join(f"{cell}.{name} is null" for name in ("fileurl", *OF_VALUE))
    state = (
        f"case when {cell}.error_class is not null then {_ERROR} when {is_there} then 0 "
        f"when {cell}.row is not null and {is_empty} then {_NULL} else {_MISSING} end"
    )
    return parts, state


def _of_row_value(value: RowValue) -> tuple[dict[str, str], str]:
    """Returns the parts of a row value, and its state: an error if it was never given."""
    text = text_of(value.name)
    is_given = f'(live."values"::json -> {quote_text("$." + value.name)}) is not null'
    may_be_null = f"{text} is null and {is_given}" if value.is_nullable else "false"
    state = (
        f"case when {value_of_text(text, value.type)} is not null then 0 "
        f"when {may_be_null} then {_NULL} else {_ERROR} end"
    )
    return {"value": text}, state
