"""The kinds of media that a step reads and makes, and the limits on their files."""

from collections.abc import Sequence

from media_assets.columns import Column
from media_assets.installation import Installation
from media_assets.limits import Limits
from media_assets.media_types import MediaType
from media_assets.pipeline.plan import media_of
from media_assets.tables.table import MediaTable


def media_in(table: MediaTable, columns: Sequence[Column]) -> set[MediaType]:
    """Returns the kinds of media of the uploads, and of the cells that columns read and make."""
    return set(media_of(columns, {table.source.name: table.source.type}).values())


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
        for medium in media_in(table, columns)
    }
