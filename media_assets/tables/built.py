"""The tables of all definitions that were built in this process."""

from media_assets.tables.table import MediaTable

_built: dict[str, MediaTable] = {}


def list_built() -> dict[str, MediaTable]:
    """Returns the tables by name; of two with one name, the one that was built last."""
    return dict(_built)


def note_built(table: MediaTable) -> None:
    """Adds a table to those that what serves all of them finds."""
    _built[table.name] = table
