"""The parents of a partition's parts: their rows, and the cells that parts are made from."""

from collections.abc import Callable, Collection, Mapping, Set as AbstractSet
from functools import cached_property

from media_assets.columns import Column, ComputedColumn, publishes_any
from media_assets.errors import InputFailedError, InputNotMaterializedError, StepDiedError
from media_assets.file_keys import partition_prefix
from media_assets.pipeline.plan import SplitPlan
from media_assets.pipeline.reuse import address_now, input_digest
from media_assets.records.manifests import Record
from media_assets.tables.derived import Splitting
from media_assets.tables.table import MediaTable
from media_assets.uploads.changes import is_made_from
from media_assets.uploads.row_cells import value_records
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

Cells = Callable[[str], Record | None]
"""The record of a column by row."""


WAITING = (InputFailedError.__name__, StepDiedError.__name__)
"""The errors of parents that are not tried again before something changes."""


class Parents:
    """The parents in one partition, as some columns of a derived table read them."""

    def __init__(
        self, stored: StoredTable, table: MediaTable, partition: str, columns: Collection[Column]
    ) -> None:
        """Reads the cells that the columns read.

        Raises:
            InputNotMaterializedError: A column of the parents was never materialized.
        """
        self._table, self._partition = table, partition
        self._splitting = splitting_of(table)
        self.stored = stored
        self._own = {*(c.name for c in table.columns), *table.values}
        self._cells: dict[str, Cells] = {}
        self._values: set[str] = set()
        for column in columns:
            outer = frozenset(column.reads) - self.own_reads(column)
            self._values |= outer & self._splitting.parent.values.keys()
            for name in outer.intersection(column.inputs) - self._cells.keys():
                self._cells[name] = self._read(name, by=column.name)
        if publishes_any(columns):
            self._values |= self._splitting.parent.values.keys() - self._own

    def _read(self, name: str, *, by: str) -> Cells:
        (column,) = self._splitting.parent.select((name,))
        manifest = self.stored.manifest_of(column, self._partition)
        if manifest is None:
            raise InputNotMaterializedError(
                column=f"{self._table.name}/{by}",
                reads=f"{self._splitting.parent.name}/{name}",
                partition=self._partition,
            )
        return manifest.records.get

    def own_reads(self, column: Column) -> AbstractSet[str]:
        """Returns the names that, read by a column, mean columns and values of the parts."""
        if column.name == self._table.source.name:
            return frozenset()
        return self._own

    @property
    def columns(self) -> AbstractSet[str]:
        """The columns of the parents that are read."""
        return self._cells.keys()

    @cached_property
    def rows(self) -> Mapping[str, Upload]:
        """The parents."""
        return self.stored.live_rows(self._partition)

    @cached_property
    def entries(self) -> Mapping[str, int]:
        """The number of the log's entry that gave each parent its content."""
        entries = self.stored.log.content_entries(self._partition)
        return {row: entries[row] for row in self.rows}

    def cells(self, parent: Upload) -> dict[str, Record]:
        """Returns the cells of a parent that are read; without a source of earlier content.

        An error of the source stays, so that the parts say where the reason is.
        """
        table = self._splitting.parent
        found = {name: cells(parent.row) for name, cells in self._cells.items()}
        source = None if table.splitting else found.get(table.source.name)
        is_made = source is None or source.error_class or is_made_from(source, parent)
        if not is_made:
            del found[table.source.name]
        values = value_records({name: table.values[name] for name in self._values}, parent)
        return {name: record for name, record in found.items() if record is not None} | values

    def address(self, parent: Upload) -> str:
        """Returns where the file of a parent is now."""
        table = self._splitting.parent
        record = self._cells[table.source.name](parent.row) if self._has_source else None
        if record is None or table.splitting is not None:
            return parent.uri if record is None else record.fileurl or ""
        kept = partition_prefix(table.name, table.source.name, self._partition)
        return address_now(record, parent, kept_below=kept)

    @property
    def _has_source(self) -> bool:
        return self._splitting.parent.source.name in self._cells


def splitting_of(table: MediaTable) -> Splitting:
    """Returns how a derived table's rows come from those of its parent."""
    assert table.splitting is not None  # noqa: S101  only then is it derived
    return table.splitting


def part_column(table: MediaTable) -> ComputedColumn:
    """Returns the column of a derived table that holds the parts' media."""
    column = table.columns[0]
    assert isinstance(column, ComputedColumn)  # noqa: S101  of a derived table
    return column


def split_plan(table: MediaTable) -> SplitPlan:
    """Returns the plan by which the parents of a derived table are split."""
    splitting = splitting_of(table)
    parent = splitting.parent
    return SplitPlan(
        splitter=splitting.splitter,
        column=part_column(table),
        values=table.values,
        table=parent.name,
        source="" if parent.splitting else parent.source.name,
        source_type=parent.source.type,
        max_parts=splitting.max_parts,
        has_own_format=splitting.has_own_format,
    )


def digest_of_inputs(column: ComputedColumn, cells: Mapping[str, Record]) -> str | None:
    """Returns the digest of what a parent is split from; None if that cannot be read."""
    digests: dict[str, str] = {}
    for name in column.reads:
        record = cells.get(name)
        if record is None or record.error_class is not None or record.digest is None:
            return None
        digests[name] = record.digest
    return input_digest(column, digests)
