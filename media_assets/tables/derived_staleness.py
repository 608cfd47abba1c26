"""What is stale about the parts of a partition because of their parents."""

from collections.abc import Mapping

from media_assets.errors import InputNotMaterializedError
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record
from media_assets.tables.parents import Parents, digest_of_inputs, part_column, split_plan
from media_assets.tables.table import MediaTable
from media_assets.uploads.parts import parent_of, standing_parts
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

Cells = dict[str, dict[str, Record]]
"""Cells by column and row."""


def cells_of_parents(parents: Parents, live: Mapping[str, Upload]) -> Cells:
    """Returns the cells of parents that parts read, by the rows of the parts."""
    found: Cells = {name: {} for name in parents.columns}
    by_parent: dict[str, dict[str, Record]] = {}
    for row, upload in live.items():
        parent = parent_of(upload)
        if parent not in by_parent:
            by_parent[parent] = parents.cells(parents.rows[parent])
        for name, record in by_parent[parent].items():
            found.setdefault(name, {})[row] = record
    return found


def read_parents(root: CatalogRoot, table: MediaTable, partition: str) -> Parents | None:
    """Reads what the columns of a table read of its parents; None if these were never made."""
    try:
        return Parents(root, table, partition, table.columns)
    except InputNotMaterializedError:
        return None


def parents_to_split(
    table: MediaTable, stored: StoredTable, parents: Parents, partition: str
) -> dict[str, bool]:
    """Returns the parents that a run would split, and whether they were split before.

    Those whose parts are made again one by one, and those with an error, are not among them.
    """
    plan, column = split_plan(table), part_column(table)
    found: dict[str, bool] = {}
    for row, standing in standing_parts(stored, partition, parents.rows).items():
        if row not in parents.rows:
            continue
        entry, decided_by = standing.split or (0, "")
        if entry != parents.entries[row]:
            found[row] = False
            continue
        of_inputs = digest_of_inputs(column, parents.cells(parents.rows[row]))
        if decided_by and of_inputs and decided_by != plan.digest(of_inputs):
            found[row] = True
    return found
