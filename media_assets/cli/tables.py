"""Tables as verbs see them: those declared in code, and others in the catalog."""

from dataclasses import replace

from media_assets.catalog import Catalog, ColumnDescription, TableDescription
from media_assets.cli.location import Location
from media_assets.errors import UnknownNameError
from media_assets.tables.image_reading import describe_reading
from media_assets.tables.table import MediaTable


def describe_declared(location: Location, table: MediaTable) -> TableDescription:
    """Describes all declared columns of a table, whether or not they were ever materialized."""
    catalog = location.catalog
    found = TableDescription(name=table.name)
    if table.name in catalog.tables():
        found = catalog.describe(table.name)
    known = {column.name: column for column in found.columns}
    columns: list[ColumnDescription] = []
    for column in table.columns:
        if column.name in known:
            reading = describe_reading(table, column)
            columns.append(replace(known[column.name], inputs=column.reads, reading=reading))
            continue
        resolved = location.installation.decide(table.name, column)
        columns.append(
            ColumnDescription(
                name=column.name,
                type=column.type,
                inputs=column.reads,
                reading=describe_reading(table, column),
                destination=resolved.destination.uri if resolved else None,
                decided_by=resolved.decided_by.value if resolved else None,
                missing=found.rows,
            )
        )
    values = (
        known.get(name, ColumnDescription(name=name, type=value.type, missing=found.rows))
        for name, value in table.values.items()
    )
    return replace(found, columns=(*columns[:1], *values, *columns[1:]))


def find_table(location: Location, catalog: Catalog, name: str) -> MediaTable | None:
    """Returns a declared table, or None for one that is only in the catalog (a standalone asset).

    Raises:
        UnknownNameError: There is neither; the message lists both kinds.
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
