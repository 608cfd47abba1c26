"""What is stale about the parts of a partition because of their parents."""

from collections.abc import Mapping

from media_assets.errors import InputNotMaterializedError
from media_assets.records.manifests import Record
from media_assets.tables.parents import (
    WAITING,
    Parents,
    digest_of_inputs,
    part_column,
    split_plan,
)
from media_assets.tables.table import MediaTable
from media_assets.uploads.parts import live_parts, standing_parts
from media_assets.uploads.stored_table import StoredTable

Cells = dict[str, dict[str, Record]]
"""Cells by column and row."""


class PartsOfParents:
    """The parts of the parents in one partition, and what their columns read of these.

    All of it is read once, so that parents that leave meanwhile are there for all or for none.
    """

    def __init__(
        self, table: MediaTable, stored: StoredTable, parents: Parents, partition: str
    ) -> None:
        self._table, self._parents = table, parents
        self._standing = standing_parts(stored, partition, parents.rows)
        self.live = live_parts(self._standing, parents.entries)

    def cells(self) -> Cells:
        """Returns the cells of parents that parts read, by the rows of the parts."""
        found: Cells = {name: {} for name in self._parents.columns}
        for parent, upload in self._parents.rows.items():
            for name, record in self._parents.cells(upload).items():
                found.setdefault(name, {}).update(
                    dict.fromkeys(self._standing[parent].uploads, record)
                )
        return found

    def waiting(self, media: Mapping[str, Record]) -> set[str]:
        """Returns the rows of parents that could not be split, and are as they were then.

        A run keeps all their cells, whatever the code is.

        Args:
            media: The cells that hold the parts.
        """
        plan, column = split_plan(self._table), part_column(self._table)
        found: set[str] = set()
        for row, upload in self._parents.rows.items():
            standing = self._standing[row]
            cells = [media.get(part) for part in standing.uploads]
            if standing.split is None or any(
                cell is None or cell.error_class not in WAITING for cell in cells
            ):
                continue
            of_inputs = digest_of_inputs(column, self._parents.cells(upload))
            if standing.split[1] == (plan.digest(of_inputs) if of_inputs else ""):
                found.update(standing.uploads)
        return found

    def to_split(self) -> dict[str, bool]:
        """Returns the parents that a run would split, and whether they were split before.

        Those whose parts are made again one by one, and those with an error, are not among them.
        """
        plan, column = split_plan(self._table), part_column(self._table)
        found: dict[str, bool] = {}
        for row, upload in self._parents.rows.items():
            entry, decided_by = self._standing[row].split or (0, "")
            if entry != self._parents.entries[row]:
                found[row] = False
                continue
            of_inputs = digest_of_inputs(column, self._parents.cells(upload))
            if decided_by and of_inputs and decided_by != plan.digest(of_inputs):
                found[row] = True
        return found


def parts_of_parents(
    table: MediaTable, stored: StoredTable, partition: str
) -> PartsOfParents | None:
    """Reads the parts of a derived table's parents; None if what they read was never made."""
    assert stored.parent is not None  # noqa: S101  it is derived
    try:
        parents = Parents(stored.parent, table, partition, table.columns)
    except InputNotMaterializedError:
        return None
    return PartsOfParents(table, stored, parents, partition)
