"""Changes of a column that a notebook declares again."""

from media_assets.columns.model import Column, ComputedColumn
from media_assets.errors import DeclarationError
from media_assets.interactive import is_interactive
from media_assets.standard_error import tell


def check_redeclared(before: Column | None, column: ComputedColumn, *, table: str) -> None:
    """Lets a notebook declare a column again, and reports what changed in its signature.

    Args:
        before: The column that has its name; None if a row value has.
        column: The column.
        table: Its table.

    Raises:
        DeclarationError: It is not declared in a notebook, or it is the source column or a row
            value.
    """
    if not is_interactive(column.function) or not isinstance(before, ComputedColumn):
        raise DeclarationError(
            what=f"Table {table!r} already has a column {column.name!r}.",
            accepted="Column names are unique within a table.",
            fix="Rename the function, or name the column with name=.",
        )
    if changes := _describe_changes(before, column):
        tell(f"Column {column.name!r} {changes}.")


def _describe_changes(before: ComputedColumn, after: ComputedColumn) -> str:
    """Returns what a column reads, takes and holds now, and before; empty if nothing changed."""
    changes = [
        f"{what} {_listed(new)} now (before: {_listed(old)})"
        for what, old, new in (
            ("reads", before.reads, after.reads),
            ("takes", _taken(before), _taken(after)),
            ("holds", (before.type.value,), (after.type.value,)),
        )
        if old != new
    ]
    return " and ".join(changes)


def _taken(column: ComputedColumn) -> tuple[str, ...]:
    return (*column.resources, *column.given, *column.source_files, *column.ins)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"
