"""All tables in definitions that were built in this process."""

from media_assets.tables.table import MediaTable

_built: dict[str, MediaTable] = {}


def list_built() -> dict[str, MediaTable]:
    """Returns the tables by name; of two with the same name, the one built last."""
    return dict(_built)


def note_built(table: MediaTable) -> None:
    """Adds a table to those that `list_built` returns."""
    _built[table.name] = table
