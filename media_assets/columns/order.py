"""The order in which columns are made: each after the columns that it reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from media_assets.columns.annotations import type_to_read
from media_assets.columns.model import Column, ComputedColumn
from media_assets.columns.where import check_where
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.row_value import RowValue


def in_order(
    columns: Iterable[Column], values: Mapping[str, RowValue] | None = None
) -> tuple[Column, ...]:
    """Returns the columns ordered so that each comes after all columns that it reads.

    Args:
        columns: The columns that have manifests.
        values: The row values by name, which columns may read as well.

    Raises:
        UnknownNameError: A row function has a parameter that names no column, or a condition names
            none.
        DeclarationError: Columns read each other in a cycle, a parameter's annotation is not the
            type of its column, a parameter names both a column and an asset in `ins`, or a
            condition does not fit the types of its columns.
    """
    given = values or {}
    by_name = {column.name: column for column in columns}
    for column in list(by_name.values()):
        if isinstance(column, ComputedColumn):
            by_name[column.name] = _with_known_inputs(column, by_name, given)
    try:
        names = tuple(TopologicalSorter({n: c.inputs for n, c in by_name.items()}).static_order())
    except CycleError as error:
        circle: Sequence[str] = error.args[1]
        raise DeclarationError(
            what=f"Columns read each other in a cycle: {' -> '.join(reversed(circle))}.",
            accepted="A column may read the source column and columns that do not read it.",
            fix="Let one of them read something else.",
        ) from error
    # Independent columns stay in declaration order, which is the order that users wrote.
    rank = {name: position for position, name in enumerate(by_name)}
    depth: dict[str, int] = {}
    for name in names:
        # A column that reads row values alone comes after the source, too.
        least = 0 if by_name[name].reads else -1
        depth[name] = 1 + max((depth[i] for i in by_name[name].inputs), default=least)
    return tuple(by_name[name] for name in sorted(names, key=lambda n: (depth[n], rank[n])))


def _with_known_inputs(
    column: ComputedColumn, columns: Mapping[str, Column], values: Mapping[str, RowValue]
) -> ComputedColumn:
    """Returns a column that reads what the others hold, in the form that its function asks for.

    It also knows which of its inputs are row values.
    """
    by_name: dict[str, Column | RowValue] = {**columns, **values}
    found = dict(column.input_types)
    for name in by_name.keys() & column.ins.keys():
        raise DeclarationError(
            what=f"Parameter {name!r} of row function {column.name!r} names both a column and "
            "an asset in ins=.",
            accepted="A parameter receives either a column's cell or an asset's value.",
            fix="Rename the parameter in the function and in ins=, or drop it from ins=.",
        )
    for name in by_name.keys() & set(column.source_files) - {column.source}:
        raise DeclarationError(
            what=f"Parameter {name!r} of row function {column.name!r} is annotated as "
            f"`ma.SourceFile`, and names a column of the table.",
            accepted=f"It gets the file of column {column.source!r}, and has a name of its own.",
            fix="Write it like `source: ma.SourceFile`.",
        )
    for name, expected in column.input_types.items():
        if name not in by_name:
            raise UnknownNameError(
                kind="column",
                name=name,
                known=by_name,
                where=f"parameter of row function {column.name!r}",
            )
        actual = by_name[name].type
        read = type_to_read(actual, expected)
        if read is None:
            raise DeclarationError(
                what=f"Row function {column.name!r} annotates {name!r} as `{expected}`, but "
                f"column {name!r} holds `{actual}`.",
                accepted="The annotation of a parameter is the type of its column.",
                fix=f"Annotate {name!r} as `{actual}`.",
            )
        found[name] = read
    where = column.where
    if where is not None:
        types = {name: by_name[name].type for name in by_name if name != column.name}
        where = check_where(where, types, column=column.name)
    row_values = frozenset(values.keys() & set(column.reads))
    known = (column.input_types, column.row_values, column.where)
    if (found, row_values, where) == known:
        return column
    return replace(column, input_types=found, row_values=row_values, where=where)
