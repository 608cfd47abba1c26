"""The columns of a trial: those that a table declares, and functions in their place."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from media_assets.columns import ColumnOptions, ComputedColumn, declare_column, in_order
from media_assets.errors import DeclarationError
from media_assets.tables.table import MediaTable

RowFunction = Callable[..., object]


def columns_with(
    table: MediaTable, given: Sequence[str | RowFunction]
) -> tuple[tuple[ComputedColumn, ...], frozenset[str]]:
    """Returns a table's computed columns with functions in their place, and the names given.

    Args:
        table: The table.
        given: Names of columns, and functions: one that the table has is its column; any other
            takes the place of the column with its name, with that column's options, or is a new
            column.

    Raises:
        UnknownNameError: A column does not exist, or a function reads one that does not.
        DeclarationError: Nothing is given, or a function cannot be a row function.
    """
    columns = {column.name: column for column in table.computed_columns}
    table.select(tuple(each for each in given if isinstance(each, str)))
    written = [_column(table, columns, each) for each in given if not isinstance(each, str)]
    names = [*(each for each in given if isinstance(each, str)), *(c.name for c in written)]
    if not names or table.source.name in names:
        raise DeclarationError(
            what=f"A trial of {', '.join(map(repr, names)) or 'no column'} was asked for.",
            accepted=f"Computed columns of table {table.name!r}: {', '.join(columns)}; or row "
            "functions.",
            fix="Name one of them.",
        )
    columns |= {column.name: column for column in written}
    ordered = in_order([table.source, *columns.values()], table.values, derived=table.derived)
    return tuple(c for c in ordered if isinstance(c, ComputedColumn)), frozenset(names)


def _column(
    table: MediaTable, columns: dict[str, ComputedColumn], function: RowFunction
) -> ComputedColumn:
    declared = next((c for c in columns.values() if c.function is function), None)
    if declared is not None:
        return declared
    like = columns.get(getattr(function, "__name__", ""))
    if like is None:
        return declare_column(function, ColumnOptions(row_timeout=table.row_timeout))
    options = ColumnOptions(
        name=like.name,
        batch_size=like.batch_size,
        decode_size=like.decode_size,
        processes=like.processes,
        row_timeout=like.row_timeout,
        ins={name: value.key for name, value in like.ins.items()},
    )
    made = declare_column(function, options)
    is_kept_like = made.type == like.type
    return replace(
        made,
        encoding=like.encoding if is_kept_like else made.encoding,
        where=like.where,
        calls=like.calls,
    )
