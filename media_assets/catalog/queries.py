"""What a query reads: joins that it does not need cost more than all the rest of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import duckdb

_READS_ALL = {"STAR", "POSITIONAL_REFERENCE", "TABLE_FUNCTION", "PIVOT", "SHOW_REF"}
"""Kinds of nodes in DuckDB's syntax tree that may mean columns without naming them."""


@dataclass(slots=True)
class _Names:
    """The names in a query."""

    columns: set[str] = field(default_factory=set[str])
    tables: set[str] = field(default_factory=set[str])
    whole_rows: set[str] = field(default_factory=set[str])


def named_columns(connection: duckdb.DuckDBPyConnection, query: str) -> frozenset[str] | None:
    """Returns all column names that stand in a query, in lower case.

    Returns:
        None when the query may mean further columns: by `*` or by position, in a natural join, as
        a whole row (`select photos from photos`), or as anything but a plain `select`.
    """
    found = connection.execute("select json_serialize_sql(?)", [query]).fetchall()
    tree = cast("dict[str, object]", json.loads(found[0][0]))
    if tree.get("error") is not False:
        return None
    names = _Names()
    for node in _nodes(tree):
        if {node.get("class"), node.get("type")} & _READS_ALL or node.get("column_name_alias"):
            return None
        if node.get("ref_type") == "NATURAL":
            return None
        _add_names(names, node)
    return None if names.whole_rows & names.tables else frozenset(names.columns)


def named_tables(connection: duckdb.DuckDBPyConnection, query: str) -> frozenset[str]:
    """Returns the tables that a query reads; none when that cannot be told."""
    try:
        return frozenset(connection.get_table_names(query))
    except duckdb.Error:
        return frozenset()


def _add_names(names: _Names, node: Mapping[str, object]) -> None:
    if node.get("type") == "BASE_TABLE":
        names.tables |= {str(node.get("table_name")).lower(), str(node.get("alias")).lower()}
    path = [str(name).lower() for name in cast("Sequence[object]", node.get("column_names") or ())]
    names.columns.update(path)
    names.columns.update(
        str(name).lower() for name in cast("Sequence[object]", node.get("using_columns") or ())
    )
    if path:
        names.whole_rows.add(path[-1])


def _nodes(tree: object) -> Iterator[dict[str, object]]:
    if isinstance(tree, dict):
        node = cast("dict[str, object]", tree)
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(tree, list):
        for child in cast("list[object]", tree):
            yield from _nodes(child)
