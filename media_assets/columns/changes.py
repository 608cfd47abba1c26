"""Changes of a column that is declared again."""

from media_assets.columns.model import ComputedColumn


def describe_changes(before: ComputedColumn, after: ComputedColumn) -> str:
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
