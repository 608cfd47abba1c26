"""Marks of the tables in which an evaluation found stale cells.

Which cells these are stands in Dagster's event log. Readers ask it only about marked tables.
"""

from media_assets.errors import StoredFileMissingError
from media_assets.records.ledger import CatalogRoot


def mark_stale(root: CatalogRoot, table: str) -> None:
    """Notes that an evaluation found stale cells in a table."""
    root.store.put(root.stale_key(table), table.encode("utf-8", "surrogateescape"))


def clear_mark(root: CatalogRoot, table: str) -> None:
    """Notes that an evaluation of a whole table found no stale cells."""
    root.store.delete([root.stale_key(table)])


def is_marked(root: CatalogRoot, table: str) -> bool:
    """Whether an evaluation found stale cells in a table, and no later one of all of it none."""
    try:
        root.store.head(root.stale_key(table))
    except StoredFileMissingError:
        return False
    return True
