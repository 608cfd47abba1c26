"""How the cells of a branch differ from those of main."""

from collections.abc import Iterator

from media_assets.branches.changes import BranchChanges, ChangedColumn
from media_assets.columns import Column, SourceColumn
from media_assets.records.manifests import Manifest, Record, newest_manifest
from media_assets.trials.trial import TriedCell


def differing_cells(changes: BranchChanges) -> Iterator[tuple[str, TriedCell]]:
    """Yields the table and each cell that a branch changed, beside main's cell of now.

    Cells that main has taken, and rows that the branch no longer has, are left out.
    """
    for one in changes.columns():
        head = one.changed.newest.header
        ledger = changes.main.ledger(head.table, head.column, head.partition)
        standing: Manifest | None = newest_manifest(ledger)
        column = _column(one)
        cells = standing.records if standing else dict[str, Record]()
        for row, after in sorted(one.changed.beside(cells).items()):
            yield head.table, TriedCell(row, head.partition, column, cells.get(row), after)


def _column(one: ChangedColumn) -> Column:
    """Returns the column, or what stands for one that the code does not have."""
    head = one.changed.newest.header
    return one.column or SourceColumn(head.column, type=head.type)
