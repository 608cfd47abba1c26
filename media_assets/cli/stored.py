"""Tables that verbs only look at: those that are declared, and all else that the catalog holds."""

from media_assets.catalog import Catalog
from media_assets.cli.location import Location
from media_assets.errors import UnknownNameError
from media_assets.tables.table import MediaTable


def find_table(location: Location, catalog: Catalog, name: str) -> MediaTable | None:
    """Returns a declared table; None for one of the catalog alone, such as an asset outside tables.

    Raises:
        UnknownNameError: There is neither; the text lists all of both.
    """
    if name in location.tables:
        return location.tables[name]
    known = catalog.tables()
    if name not in known:
        where = "in this code location and its catalog"
        raise UnknownNameError(
            kind="table", name=name, known={*location.tables, *known}, where=where
        )
    return None
