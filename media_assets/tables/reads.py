"""What columns read: of their own table, of the parents of its rows, and of the rows' parts."""

from collections.abc import Collection, Iterable

import dagster as dg

from media_assets.columns import Column, RowValue
from media_assets.tables.table import MediaTable


def keys_read(table: MediaTable, name: str, *, by: Column | RowValue) -> list[dg.AssetKey]:
    """Returns the assets that a column reads by a name: of its table, its parent, its parts."""
    is_of_parts = table.splitting is not None and by.name == table.source.name
    if name in table.own_names and not is_of_parts:
        return [table.asset_key(name)]
    if name in table.derived and not is_of_parts:
        derived = table.derived[name]
        return [derived.asset_key(c.name) for c in columns_of_parts(table, name, [by.name])]
    if table.splitting is not None:
        return [table.splitting.parent.asset_key(name)]
    return [table.asset_key(name)]


def parts_read(table: MediaTable, column: Column) -> tuple[str, ...]:
    """Returns the derived tables whose parts of its row a column reads."""
    own = table.own_names
    return tuple(name for name in column.reads if name in table.derived and name not in own)


def columns_of_parts(table: MediaTable, name: str, readers: Iterable[str]) -> list[Column]:
    """Returns the columns of a derived table that columns may read: all not made from these."""
    made_here = set(readers)
    for column in table.columns:
        if made_here.intersection(column.reads):
            made_here.add(column.name)
    derived, from_here = table.derived[name], set[str]()
    for column in derived.columns:
        reads = set(column.reads)
        if (reads - derived.own_names) & made_here or reads & from_here:
            from_here.add(column.name)
    return [column for column in derived.columns if column.name not in from_here]


def reads_of_parent(table: MediaTable) -> frozenset[str]:
    """Returns what the columns of a derived table read of its parent."""
    first, *others = table.columns
    named = (name for column in others for name in column.reads)
    return frozenset({*first.reads, *named} - table.own_names)


def readers_of(table: MediaTable, values: Collection[str]) -> tuple[Column, ...]:
    """Returns the columns that depend on row values, and all that those are made from."""
    affected = set(values)
    for column in table.columns:
        if affected.intersection(column.reads):
            affected.add(column.name)
    needed = set(affected)
    for column in reversed(table.columns):
        if column.name in needed:
            needed.update(column.inputs)
    return tuple(column for column in table.columns if column.name in needed)
