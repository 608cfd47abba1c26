"""The statements and tables of a query, as parsed by DuckDB without running it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import duckdb

SCHEMA = "media_assets"
"""The schema of the overviews."""
_NAMES = {
    *(duckdb.token_type.identifier, duckdb.token_type.string_const, duckdb.token_type.keyword)
}
"""Kinds of tokens that may be the name of a table, since few keywords are reserved."""
_READS_ALL = {"STAR", "POSITIONAL_REFERENCE", "TABLE_FUNCTION", "PIVOT", "SHOW_REF"}
"""Kinds of nodes in DuckDB's syntax tree that may mean columns without naming them."""
_READING_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
"""Kinds of queries that only read: since DuckDB 2.0 a `with` may hold INSERT, DELETE or COPY."""
_WRITING_WORDS = {"copy", "insert", "update", "delete", "merge"}
_EXPLAIN = re.compile(
    r"[ \t\r\n]*(?P<word>explain)\b([ \t\r\n]+analyze\b|[ \t\r\n]*\([\w \t\r\n,]*\))?",
    re.IGNORECASE | re.ASCII,
)
"""Without comments, whose end is ambiguous."""
_PATH = re.compile(r'(?:(?:"(?:[^"]|"")*"|\w+)\.?)+')
"""A table as DuckDB writes it, without its alias."""
_TABLE_FUNCTIONS = {
    *("generate_series", "range", "repeat", "repeat_row", "unnest", "json_each", "json_tree"),
    *("histogram", "histogram_values", "query_table", "summary", "test_all_types"),
    *("duckdb_columns", "duckdb_functions", "duckdb_keywords", "duckdb_settings"),
    *("duckdb_tables", "duckdb_types", "duckdb_views", "icu_calendar_names", "pg_timezone_names"),
    *("pragma_collations", "pragma_table_info", "pragma_version"),
}
"""The table functions that compute or describe. Others read files, change settings, take addresses
in memory, or run a query given as a text, which the syntax tree does not show."""


@dataclass(frozen=True, slots=True)
class Query:
    """The effects and sources of the statements of a query.

    Attributes:
        refused: Why it is more than a read of its tables; None if it only reads.
        tables: The tables that it reads, as schema (usually empty) and name.
        columns: All column names in it, in lower case; None if it may refer to other columns: by
            `*` or by position, in a natural join, or as a whole row (`select photos from photos`).
        is_empty: Whether there is no statement.
    """

    refused: str | None
    tables: frozenset[tuple[str, str]]
    columns: frozenset[str] | None
    is_empty: bool = False


def parse_query(
    connection: duckdb.DuckDBPyConnection, query: str, *, external_access: bool = False
) -> Query:
    """Parses a query, and returns its effects and sources.

    Args:
        connection: Any connection; the query is not run on it.
        query: The query.
        external_access: Whether it may do more than read. If not, the tables of a refused query
            are left out, since DuckDB may open files to find them.

    Raises:
        duckdb.Error: It is not SQL.
    """
    statements = connection.extract_statements(query)
    trees: list[Mapping[str, Any]] = []
    without_tree: list[duckdb.Statement] = []
    refused: str | None = None
    for statement in statements:
        if tree := _tree_of(connection, statement):
            trees.append(tree)
        else:
            without_tree.append(statement)
            refused = refused or _why_refused(connection, statement)
    refused = refused or _find_refused_part(trees)
    nothing: frozenset[str] = frozenset()
    if refused and not external_access:
        return Query(refused, frozenset(), None)
    tables = frozenset(table for tree in trees for table in _tables(tree, nothing))
    if without_tree:
        return Query(refused, tables | set(_tables_without_tree(connection, without_tree)), None)
    return Query(refused, tables, _columns(trees, tables), is_empty=not statements)


def _tree_of(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement
) -> Mapping[str, Any] | None:
    """Returns the syntax tree of a SELECT, or of an explained one; None for anything else."""
    text = statement.query
    if statement.type == duckdb.StatementType.SELECT:
        return _serialize(connection, text)
    explain = _EXPLAIN.match(text) if statement.type == duckdb.StatementType.EXPLAIN else None
    if explain is None:
        return None
    # In `explain (select 1)`, the parentheses are not options.
    explained = (text[explain.end() :], text[explain.end("word") :])
    trees = (_serialize(connection, select) for select in explained)
    return next((tree for tree in trees if tree), None)


def _serialize(connection: duckdb.DuckDBPyConnection, select: str) -> Mapping[str, Any] | None:
    """Returns the syntax tree of exactly one SELECT; None for any other text."""
    found = connection.execute("select json_serialize_sql(?)", [select]).fetchall()
    tree = cast("dict[str, Any]", json.loads(found[0][0]))
    if tree.get("error") is not False or len(tree["statements"]) != 1:
        return None
    for node in list(_nodes(tree)):
        text = _query_in_text(node)
        if text is not None and (subquery := _serialize(connection, text)):
            node.clear()
            node["subquery"] = subquery
    return tree


def _query_in_text(node: Mapping[str, Any]) -> str | None:
    """Returns the text of `from query('select ...')`, which is a subquery."""
    is_function = node.get("type") == "TABLE_FUNCTION"
    function = cast("dict[str, Any]", node["function"] if is_function else {})
    if str(function.get("function_name")).lower() != "query":
        return None
    parts = [part for part in _nodes(function) if "class" in part]
    if [part["class"] for part in parts] != ["FUNCTION", "CONSTANT"]:
        return None
    # DuckDB before 2.0 has `value` instead of `literal`.
    literal: dict[str, Any] = parts[1].get("literal") or parts[1].get("value") or {}
    return str(literal.get("text") or literal.get("value") or "")


def _why_refused(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> str | None:
    """Returns why a statement without a syntax tree is refused; None if it only reads."""
    kind = statement.type
    if kind == duckdb.StatementType.EXPLAIN:
        return "it explains a statement other than SELECT."
    if kind != duckdb.StatementType.MULTI:
        return f"it runs {kind.name.replace('_', ' ')}."
    # A PIVOT without a list of values has no syntax tree, so it must not hold a suspicious word.
    try:
        connection.extract_statements(f"from (\n{statement.query.strip().rstrip(';')}\n)")
    except duckdb.ParserException:
        return "it does something other than read the result of a PIVOT."
    known = connection.execute(
        "select distinct lower(function_name) from duckdb_functions() "
        "where function_type in ('table', 'table_macro', 'pragma')"
    ).fetchall()
    words = {*_WRITING_WORDS, *(name for (name,) in known)} - _TABLE_FUNCTIONS
    found = sorted(words & set(re.findall(r"\w+", statement.query.lower())))
    if not found:
        return None
    return (
        f"it has a PIVOT without a list of values, and contains {found[0]}. List the values: "
        "`pivot ... on label in ('cat', 'dog')`."
    )


def _find_refused_part(trees: Iterable[Mapping[str, Any]]) -> str | None:
    for node in _nodes(trees):
        kind = str(node.get("type"))
        if kind.endswith("_NODE") and kind not in _READING_NODES:
            return f"it contains {kind.removesuffix('_NODE').partition('_')[0]}."
        if kind == "TABLE_FUNCTION":
            name = str(node["function"]["function_name"]).lower()
            if name not in _TABLE_FUNCTIONS:
                return f"it calls the table function {name}."
    return None


def _tables(tree: object, hidden: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yields the tables below a node, except the names defined by a surrounding `with`."""
    if not isinstance(tree, dict):
        children = cast("list[object]", tree) if isinstance(tree, list) else ()
        for child in children:
            yield from _tables(child, hidden)
        return
    node = cast("dict[str, Any]", tree)
    if name := node.get("cte_name"):
        hidden |= {str(name).lower()}
    for entry in (node.get("cte_map") or {"map": ()})["map"]:
        yield from _tables(entry["value"], hidden)
        hidden |= {str(entry["key"]).lower()}
    for schema, name in _tables_of(node):
        if schema or name.lower() not in hidden:
            yield schema, name
    for key, child in node.items():
        if key != "cte_map":
            yield from _tables(child, hidden)


def _tables_of(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    is_shown = node.get("type") == "SHOW_REF" and node.get("show_type") != "SHOW_SPECIAL"
    if (is_shown or node.get("type") == "BASE_TABLE") and node.get("table_name"):
        yield str(node.get("schema_name") or ""), str(node["table_name"])
    elif node.get("function_name") == "query_table":
        for constant in _nodes(node):
            yield from (("", text) for text in constant.values() if isinstance(text, str))


def _tables_without_tree(
    connection: duckdb.DuckDBPyConnection, statements: Iterable[duckdb.Statement]
) -> Iterator[tuple[str, str]]:
    """Yields the tables of statements other than SELECT, at worst all names in them.

    DuckDB does not list those of a PIVOT without values, nor the tables that are written.
    """
    for statement in statements:
        try:
            tables = connection.get_table_names(statement.query, qualified=True)
        except duckdb.Error:
            names = _names_in(statement.query)
            is_of_overviews = SCHEMA in (name.lower() for name in names)
            schemas = ("", SCHEMA) if is_of_overviews else ("",)
            yield from ((schema, name) for schema in schemas for name in names)
        else:
            for table in tables:
                path = _PATH.match(table)
                *schemas, name = _names_in(path[0] if path else table)
                yield schemas[-1] if schemas else "", name


def _names_in(text: str) -> list[str]:
    """Returns all names that may be tables, without quotes."""
    encoded = text.encode()
    found = duckdb.tokenize(text)
    ends = [*(start for start, _ in found[1:]), len(encoded)]
    names: list[str] = []
    for (start, kind), end in zip(found, ends, strict=True):
        if kind in _NAMES:
            name = encoded[start:end].decode().strip()
            quote = name[0]
            is_quoted = quote in "\"'"
            names.append(name[1:-1].replace(quote * 2, quote) if is_quoted else name)
    return names


@dataclass(slots=True)
class _Names:
    """The names in a query."""

    columns: set[str] = field(default_factory=set[str])
    tables: set[str] = field(default_factory=set[str])
    whole_rows: set[str] = field(default_factory=set[str])


def _columns(
    trees: Iterable[Mapping[str, Any]], tables: Iterable[tuple[str, str]]
) -> frozenset[str] | None:
    names = _Names(tables={name.lower() for _, name in tables})
    for node in _nodes(trees):
        if {str(node.get("class")), str(node.get("type"))} & _READS_ALL or node.get(
            "column_name_alias"
        ):
            return None
        if node.get("ref_type") == "NATURAL":
            return None
        _add_names(names, node)
    return None if names.whole_rows & names.tables else frozenset(names.columns)


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


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        node = cast("dict[str, Any]", tree)
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(tree, (list, tuple)):
        for child in cast("Sequence[object]", tree):
            yield from _nodes(child)
