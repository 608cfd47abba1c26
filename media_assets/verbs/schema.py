"""The declared schema of a table, as text and as HTML; no storage is read."""

from html import escape

from media_assets.columns import Column, declared_types
from media_assets.masking import make_printable, mask_secrets
from media_assets.tables.table import MediaTable

_TITLES = ("column", "type", "reads", "destination", "description")


def schema_text(table: MediaTable) -> str:
    """Returns a line for each column, below the table's name."""
    lines = [_TITLES, *_lines(table)]
    used = [n for n in range(len(_TITLES)) if n < 3 or any(line[n] for line in lines[1:])]  # noqa: PLR2004
    widths = {n: max(len(line[n]) for line in lines) for n in used}
    rows = ["  ".join(line[n].ljust(widths[n]) for n in used).rstrip() for line in lines]
    return "\n".join([f"MediaTable {table.name!r}", *rows])


def schema_html(table: MediaTable) -> str:
    """Returns a table with a line for each column, below the table's name."""
    head = "".join(f"<th>{title}</th>" for title in _TITLES)
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(fact)}</td>' for fact in facts)}</tr>"
        for facts in _lines(table)
    )
    return (
        f"<p><b>MediaTable {escape(repr(table.name))}</b></p><table><tr>{head}</tr>{lines}</table>"
    )


def _lines(table: MediaTable) -> list[tuple[str, ...]]:
    """Returns the facts of each column and row value, in the order in which they are shown."""
    columns = {column.name: _facts(column) for column in table.columns}
    values = {name: (name, kind, "", "", "") for name, kind in declared_types(table.values).items()}
    return [(columns | values)[name] for name in table.select_names(None)]


def _facts(column: Column) -> tuple[str, ...]:
    destination = column.destination
    where = "decided when a run starts" if callable(destination) else destination or ""
    first, *_ = (column.description or "").splitlines() or [""]
    facts = column.name, column.type.value, ", ".join(column.reads), where, first
    return tuple(make_printable(mask_secrets(fact)) for fact in facts)
