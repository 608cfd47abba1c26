"""The order in which columns are made: each after the columns that it reads."""

from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from media_assets.columns.annotations import type_to_read
from media_assets.columns.model import Column, ComputedColumn
from media_assets.columns.where import check_where
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.row_value import RowValue
from media_assets.values import ColumnType


def in_order(
    columns: Iterable[Column],
    values: Mapping[str, RowValue] | None = None,
    *,
    of_parent: Mapping[str, Column | RowValue] | None = None,
    derived: Iterable[str] = (),
) -> tuple[Column, ...]:
    """Returns the columns ordered so that each comes after all columns that it reads.

    Args:
        columns: The columns that have manifests.
        values: The row values by name, which columns may read as well.
        of_parent: For parts: what their parent has, by name, which they may read where they have
            nothing of that name. The first column, of the parts themselves, reads nothing else.
        derived: The tables of the rows' own parts, which columns may read as well.

    Raises:
        UnknownNameError: A row function has a parameter that names no column, or a condition names
            none.
        DeclarationError: Columns read each other in a cycle, a parameter's annotation is not the
            type of its column, a parameter names both a column and an asset in `ins`, or a
            condition does not fit the types of its columns.
    """
    given, outer = values or {}, of_parent or {}
    parts = {name: RowValue(name, ColumnType.PARTS) for name in derived}
    by_name = {column.name: column for column in columns}
    for position, column in enumerate(list(by_name.values())):
        if not isinstance(column, ComputedColumn):
            continue
        if of_parent is not None and position == 0:
            _refuse_same_names(column, {*by_name, *given})
            by_name[column.name] = _with_known_inputs(column, {}, {}, outer)
        else:
            by_name[column.name] = _with_known_inputs(column, by_name, {**given, **parts}, outer)
    own = {n: [i for i in c.inputs if i in by_name] for n, c in by_name.items()}
    try:
        names = tuple(TopologicalSorter(own).static_order())
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
        least = 0 if by_name[name].reads and (rank[name] or of_parent is None) else -1
        depth[name] = 1 + max((depth[i] for i in own[name]), default=least)
    return tuple(by_name[name] for name in sorted(names, key=lambda n: (depth[n], rank[n])))


def _refuse_same_names(column: ComputedColumn, own: AbstractSet[str]) -> None:
    """Refuses parts made from a column of the parent that has the name of one of theirs."""
    for name in sorted(own & set(column.reads)):
        raise DeclarationError(
            what=f"The parts {column.name!r} are made from column {name!r} of their parent, and "
            f"their own table has {name!r}, too.",
            accepted="Another name for one of the two.",
            fix="Name the column of the parts by source=, or rename the other one.",
        )


def _with_known_inputs(
    column: ComputedColumn,
    columns: Mapping[str, Column],
    values: Mapping[str, RowValue],
    outer: Mapping[str, Column | RowValue],
) -> ComputedColumn:
    """Returns a column that reads what the others hold, in the form that its function asks for.

    It also knows which of its inputs are row values.
    """
    by_name: dict[str, Column | RowValue] = {**outer, **columns, **values}
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
    types = {name: each.type for name, each in by_name.items()}
    found = types_to_read(column.name, column.input_types, types)
    where = column.where
    if where is not None:
        others = {
            name: kind
            for name, kind in types.items()
            if name != column.name and kind is not ColumnType.PARTS
        }
        where = check_where(where, others, column=column.name)
    given = {name for name, each in by_name.items() if isinstance(each, RowValue)}
    row_values = frozenset(given.intersection(column.reads))
    known = (column.input_types, column.row_values, column.where)
    if (found, row_values, where) == known:
        return column
    return replace(column, input_types=found, row_values=row_values, where=where)


def types_to_read(
    function: str, input_types: Mapping[str, ColumnType], types: Mapping[str, ColumnType]
) -> dict[str, ColumnType]:
    """Returns how a row function gets each column that it reads.

    Args:
        function: Its name.
        input_types: Its annotations, by column.
        types: What each column of the table holds.

    Raises:
        UnknownNameError: A parameter names no column.
        DeclarationError: An annotation is not the type of its column.
    """
    found: dict[str, ColumnType] = {}
    for name, expected in input_types.items():
        if name not in types:
            raise UnknownNameError(
                kind="column",
                name=name,
                known=types,
                where=f"parameter of row function {function!r}",
            )
        read = type_to_read(types[name], expected)
        if read is None:
            raise DeclarationError(
                what=f"Row function {function!r} annotates {name!r} as `{expected}`, but "
                f"column {name!r} holds `{types[name]}`.",
                accepted="The annotation of a parameter is the type of its column.",
                fix=f"Annotate {name!r} as `{types[name]}`.",
            )
        found[name] = read
    return found
