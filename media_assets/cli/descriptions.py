"""What stands of a table as it is declared: what was never materialized is shown as missing."""

from dataclasses import replace

from media_assets.catalog import ColumnDescription, TableDescription
from media_assets.cli.location import Location
from media_assets.tables.table import MediaTable


def describe_declared(location: Location, table: MediaTable) -> TableDescription:
    """Describes the columns that a table declares, whether or not they were ever materialized."""
    catalog = location.catalog
    stands = TableDescription(name=table.name)
    if table.name in catalog.tables():
        stands = catalog.describe(table.name)
    known = {column.name: column for column in stands.columns}
    columns: list[ColumnDescription] = []
    for column in table.columns:
        if column.name in known:
            columns.append(replace(known[column.name], inputs=column.inputs))
            continue
        resolved = location.io_manager.decide(table.name, column)
        columns.append(
            ColumnDescription(
                name=column.name,
                type=column.type,
                inputs=column.inputs,
                destination=resolved.destination.uri if resolved else None,
                decided_by=resolved.decided_by.value if resolved else None,
                missing=stands.rows,
            )
        )
    return replace(stands, columns=tuple(columns))
