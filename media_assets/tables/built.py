"""All tables in definitions that were built in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from media_assets.interactive import in_session
from media_assets.tables.table import MediaTable


@dataclass(frozen=True, slots=True)
class Built:
    """Tables that were built together.

    Attributes:
        tables: The tables.
        resources: Their resources by key; None if these are defined elsewhere.
    """

    tables: Sequence[MediaTable]
    resources: Mapping[str, object] | None


_built: dict[str, MediaTable] = {}
_with: WeakKeyDictionary[MediaTable, Built] = WeakKeyDictionary()


def list_built() -> dict[str, MediaTable]:
    """Returns the tables by name; of two with the same name, the one built last."""
    return dict(_built)


def note_built(table: MediaTable, built: Built) -> None:
    """Adds a table to those that `list_built` returns, and notes what it was built with."""
    _built[table.name] = table
    _with[table] = built


def built_with(table: MediaTable) -> Built | None:
    """Returns what a table was last built with, or None if it never was built.

    A table that a notebook declares again has what its predecessor was built with.
    """
    known = _built.get(table.name)
    if table not in _with and in_session() and known is not None:
        return _with.get(known)
    return _with.get(table)
