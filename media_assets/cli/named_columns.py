"""The columns that a verb names, and the table that has them."""

from collections.abc import Sequence

from media_assets.cli.location import Location
from media_assets.errors import AmbiguousColumnError, UnknownNameError
from media_assets.tables.table import MediaTable


def named_columns(
    location: Location, columns: Sequence[str], table: str | None
) -> tuple[MediaTable, tuple[str, ...]]:
    """Returns the table that has columns of these names, and the names.

    Raises:
        UnknownNameError: No table has these columns, or there is no such table.
        AmbiguousColumnError: Several tables have them.
    """
    named = {table} if table else {each.rpartition("/")[0] for each in columns if "/" in each}
    names = tuple(each.rpartition("/")[2] for each in columns)
    if len(named) > 1:
        raise AmbiguousColumnError(names, sorted(named))
    candidates = location.select(next(iter(named), None))
    having = [t for t in candidates if {*names} <= {column.name for column in t.columns}]
    if len(having) > 1:
        raise AmbiguousColumnError(names, [each.name for each in having])
    if not having and len(candidates) > 1:
        known = [column.name for each in candidates for column in each.computed_columns]
        where = "in these tables: " + ", ".join(each.name for each in candidates)
        raise UnknownNameError(kind="column", name=", ".join(names), known=known, where=where)
    found = having[0] if having else candidates[0]
    found.select(names)
    return found, names
