"""Published names of several columns: each is that of one file."""

from collections.abc import Iterable

from media_assets.columns.model import Column, ComputedColumn
from media_assets.errors import DeclarationError


def publishes_any(columns: Iterable[Column]) -> bool:
    """Whether a column publishes its files, under names that may have any row value."""
    return any(isinstance(column, ComputedColumn) and column.publish for column in columns)


def check_published_name(table: str, columns: Iterable[Column], added: ComputedColumn) -> None:
    """Refuses a column whose files would have the published names of another one's.

    Raises:
        DeclarationError: They would.
    """
    for other in columns:
        if (
            isinstance(other, ComputedColumn)
            and other.name != added.name
            and other.publish == added.publish is not None
            and other.destination == added.destination
        ):
            raise DeclarationError(
                what=f"Columns {other.name!r} and {added.name!r} of table {table!r} have "
                f"the same destination and publish={added.publish!r}.",
                accepted="A published name is that of one file.",
                fix=f"Write it like publish='{added.name}/{{row_stem}}.webp'.",
            )
