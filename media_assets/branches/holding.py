"""Which cells of a branch hold on main: those made from what main has by now."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from media_assets.branches.partition_rows import PartitionRows
from media_assets.columns import Column, ComputedColumn
from media_assets.pipeline.reuse import input_digest
from media_assets.records.manifests import Record
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.derived_staleness import parts_of_parents
from media_assets.tables.parts_read import parts_of
from media_assets.tables.staleness import add_given_cells, digest_in
from media_assets.tables.table import MediaTable
from media_assets.uploads.changes import is_made_from
from media_assets.uploads.upload import Upload

Cells = Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Holding:
    """One column of a table in one partition, on main and on a branch.

    Attributes:
        table: The table, as declared; None if the code has no such table.
        column: The column, as declared; None if the code has no such column.
        main: The partition's rows on main.
        branch: The same, as the branch sees them.
        versions: The versions of the assets whose values columns take.
    """

    table: MediaTable | None
    column: Column | None
    main: PartitionRows
    branch: PartitionRows
    versions: AssetVersions

    def live(self) -> Collection[str]:
        """Returns main's rows; a standalone asset has those of its manifest."""
        return self.main.live().keys()

    def rows(self, pending: Cells, standing: Cells, base: Cells) -> Collection[str]:
        """Returns the rows of those cells of the branch that hold on main.

        A cell whose inputs cannot be compared, such as an error, holds if main has changed neither
        the cell nor the row since the branch was made.
        """
        live, on_branch = self.main.live(), self.branch.live()
        if self.main.is_without_log and self.branch.is_without_log:
            return [row for row in pending if standing.get(row) == base.get(row)]
        is_right = self._comparison(live)
        return [
            row
            for row, record in pending.items()
            if row in live
            and (
                standing.get(row) == base.get(row) and _is_same(live[row], on_branch.get(row))
                if is_right is None or record.error_class
                else is_right(record)
            )
        ]

    def _comparison(self, live: Mapping[str, Upload]) -> Callable[[Record], bool] | None:
        """Returns whether a cell is made from what main has; None if that cannot be known."""
        if self.table is None or self.column is None:
            return None
        if not isinstance(self.column, ComputedColumn):
            return lambda record: is_made_from(record, live[record.row])
        (column,) = self.versions.known_to([self.column], self.main.partition)
        assert isinstance(column, ComputedColumn)  # noqa: S101  as before
        of_parents = None
        if self.table.splitting:
            of_parents = parts_of_parents(self.table, self.main.stored, self.main.partition)
        cells = of_parents.cells() if of_parents else dict[str, dict[str, Record]]()
        parts = parts_of(self.main.stored.root, self.table, self.main.partition)
        add_given_cells(cells, self.table, live, parts)
        read: dict[str, Cells | None] = {name: cells.get(name) for name in column.reads}
        for name in column.inputs:
            if read[name] is None:
                read[name] = self.main.stored.cells(name, self.main.partition)

        def is_right(record: Record) -> bool:
            digests = {n: digest_in((found or {}).get(record.row)) for n, found in read.items()}
            return record.input_digest == input_digest(column, digests)

        return is_right


def _is_same(mine: Upload, theirs: Upload | None) -> bool:
    return theirs is not None and mine.identity == theirs.identity and mine.values == theirs.values
