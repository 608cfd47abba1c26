"""Tables as verbs see them: those declared in code, and others in the catalog."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from media_assets.catalog import Catalog, ColumnDescription, TableDescription
from media_assets.cli.location import Location
from media_assets.errors import LocationError, UnknownNameError

if TYPE_CHECKING:
    from media_assets.tables.table import MediaTable


def describe_declared(location: Location, table: "MediaTable") -> TableDescription:
    """Describes all declared columns of a table, whether or not they were ever materialized."""
    from media_assets.columns import ComputedColumn  # noqa: PLC0415  slow to import
    from media_assets.tables.image_reading import describe_reading  # noqa: PLC0415  likewise

    catalog = location.catalog
    found = TableDescription(name=table.name)
    if table.name in catalog.tables():
        found = catalog.describe(table.name)
    known = {column.name: column for column in found.columns}
    columns: list[ColumnDescription] = []
    for column in table.columns:
        resolved = location.installation.decide(table.name, column)
        destination = resolved.destination if resolved else None
        options = location.installation.options_of(table.name, column, destination).text
        publish = column.publish if isinstance(column, ComputedColumn) else None
        if column.name in known:
            one = known[column.name]
            columns.append(
                replace(
                    one,
                    inputs=column.reads,
                    object_options=options,
                    publish=publish,
                    reading=describe_reading(table, column),
                )
            )
            continue
        columns.append(
            ColumnDescription(
                name=column.name,
                type=column.type,
                inputs=column.reads,
                reading=describe_reading(table, column),
                destination=resolved.destination.uri if resolved else None,
                decided_by=resolved.decided_by.value if resolved else None,
                missing=found.rows,
                object_options=options,
                publish=publish,
            )
        )
    values = (
        known.get(name, ColumnDescription(name=name, type=value.type, missing=found.rows))
        for name, value in table.values.items()
    )
    return replace(found, columns=(*columns[:1], *values, *columns[1:]))


def find_table(location: Location, catalog: Catalog, name: str) -> "MediaTable | None":
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


def find_columns(
    location: Location, catalog: Catalog, table: str, names: tuple[str, ...] | None
) -> list[str]:
    """Returns the named columns of a table, by default all that stand in the catalog.

    Code is loaded only if the catalog lacks the table or a named column.

    Raises:
        UnknownNameError: The code lacks it, too, or there is no code; the message lists the known.
    """
    try:
        return list(catalog.columns(table, names))
    except UnknownNameError:
        with suppress(LocationError):
            declared = find_table(location, catalog, table)
            if declared is not None:
                return declared.select_names(names)
        raise
