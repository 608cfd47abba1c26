"""The removal of rows from a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from media_assets.amounts import amount
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.published import unpublish_rows
from media_assets.verbs.location import Location
from media_assets.verbs.report import Report


@dataclass(frozen=True, repr=False)
class Deleted(Report):
    """The report of a deletion.

    Attributes:
        table: The table's name.
        count: How many rows were deleted.
    """

    table: str
    count: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the report, the most important first."""
        whose = "Its" if self.count == 1 else "Their"
        return (
            f"Deleted {amount(self.count, 'row')} of {self.table}.",
            f"{whose} files can be deleted after 24 hours: media-assets gc {self.table}",
        )


def delete(location: Location, table: MediaTable, rows: Sequence[str]) -> Deleted:
    """Deletes rows, all or none, and the published copies of them and their parts at once.

    Raises:
        DerivedRowsError: The rows are parts of others.
        UnknownRowsError: A row does not exist; nothing was deleted.
    """
    table.refuse_parts("be deleted")
    root = location.installation.catalog
    stored = stored_table(root, table)
    deleted = Deleted(table.name, delete_rows(stored, table.source.name, rows))
    derived = [stored_table(root, each) for each in table.all_derived]
    unpublish_rows(stored, location.installation.storage, rows, derived=derived)
    return deleted
