"""The kinds of media that a step reads and makes, and the limits on their files."""

from collections.abc import Sequence

from media_assets.columns import Column, ComputedColumn
from media_assets.installation import Installation
from media_assets.limits import Limits
from media_assets.media_types import MediaType, medium_of
from media_assets.tables.table import MediaTable


def media_of(table: MediaTable, columns: Sequence[Column]) -> list[MediaType]:
    """Returns the kinds of media of the uploads, and of the cells that columns read and make."""
    types = {table.source.type, *(column.type for column in columns)}
    for column in columns:
        types |= set(column.input_types.values()) if isinstance(column, ComputedColumn) else set()
    return [medium_of(found) for found in types if found.is_medium]


def limits_on(
    installation: Installation, table: MediaTable, columns: Sequence[Column]
) -> dict[str, Limits]:
    """Returns the limits on the files that columns read and make, by the name of their kind.

    Those of the table itself are for uploads, and for other files of their kind.
    """
    uploaded = table.root
    return {
        medium.name: installation.limits_of(
            table.name, medium, uploaded.limits if medium == uploaded.medium else {}
        )
        for medium in media_of(table, columns)
    }
