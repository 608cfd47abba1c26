"""The step of a derived table: rows that are parts of another table's rows.

A parent is opened only if its parts are not known, or have media to make: the log says what decided
the parts that are there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from media_assets.columns import Column, ComputedColumn, declared_types
from media_assets.errors import InputFailedError, StepDiedError, UnknownNameError
from media_assets.pipeline import (
    ParentPlan,
    Result,
    RowPlan,
    SplitPlan,
    SplitResult,
    Work,
)
from media_assets.pipeline.reuse import is_right, stays
from media_assets.records.column_writer import ColumnWriter
from media_assets.tables.parents import (
    Cells,
    Parents,
    digest_of_inputs,
    part_column,
    split_plan,
    splitting_of,
)
from media_assets.tables.step import PartitionStep
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.uploads.parts import (
    Parts,
    StandingParts,
    parent_of,
    part_upload,
    record_parts,
    standing_parts,
)
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

_WAITING = (InputFailedError.__name__, StepDiedError.__name__)
"""The errors of parents that are not tried again before something changes."""


class DerivedStep(PartitionStep):
    """The selected columns of one partition of a derived table.

    If the column of the parts is selected, parents are split, and rows come and go.
    """

    @property
    def splits(self) -> bool:
        """Whether parents are split: which rows there are is known only after the run."""
        return self._table.source.name in self._writers

    def _split_plan(self, columns: Sequence[Column]) -> SplitPlan:
        plan = split_plan(self._table)
        bound = next((c for c in columns if c.name == plan.column.name), plan.column)
        assert isinstance(bound, ComputedColumn)  # noqa: S101  as it is declared
        return replace(plan, column=bound)

    def _inputs_not_selected(self, columns: Sequence[Column]) -> dict[str, Cells]:
        root = self._installation.catalog
        parents = StoredTable(root, splitting_of(self._table).parent.name)
        if self._partition not in (known := parents.partitions()):
            where = f"in the upload log of {parents.name!r}"
            raise UnknownNameError(kind="partition", name=self._partition, known=known, where=where)
        self._parents = Parents(root, self._table, self._partition, columns)
        return super()._inputs_not_selected(columns)

    def _own_inputs(self, column: Column) -> Sequence[str]:
        own = self._parents.own_reads(column)
        return [name for name in column.inputs if name in own]

    def _live_rows(self) -> Mapping[str, Upload]:
        self._changed: set[str] = set()
        self._made: list[str] = []
        self._splits: dict[str, Parts] = {}
        return self._stored.live_rows(self._partition)

    def _rows_to_make(self) -> Iterator[Work]:
        parents, entries = self._parents.rows, self._parents.entries
        errors = self._names_of_errors(parents)
        for row, parts in self._standing_parts(parents).items():
            if row in parents:
                parent = RowPlan(row, parents[row], self._parents.cells(parents[row]))
                yield from self._of_parent(parent, entries[row], parts, errors[row])

    def _standing_parts(self, parents: Mapping[str, Upload]) -> dict[str, StandingParts]:
        """Returns the parts by parent; with those of a run that did not finish, if it splits."""
        if not self.splits:
            found = {row: StandingParts() for row in parents}
            for row, upload in self._uploads.items():
                found.setdefault(parent_of(upload), StandingParts()).uploads[row] = upload
            return found
        found = standing_parts(self._stored, self._partition, parents)
        for row in self._writers[self._table.source.name].left_behind:
            parent, _, _ = row.rpartition("/")
            if parent in parents and row not in found[parent].uploads:
                found[parent].uploads[row] = part_upload(row, self._partition, 0, None)
        return found

    def _of_parent(
        self, parent: RowPlan, entry: int, standing: StandingParts, name_of_error: str
    ) -> Iterator[Work]:
        """Yields a parent if it has to be opened, otherwise those of its parts with work."""
        rows = [self._part(row, part, parent) for row, part in sorted(standing.uploads.items())]
        by_key = {row.row.removeprefix(f"{parent.row}/"): row for row in rows}
        whole = ParentPlan(parent, by_key, parent.known, entry, name_of_error)
        if self.splits:
            column = self._plan.split.column if self._plan.split else part_column(self._table)
            of_inputs = digest_of_inputs(column, parent.known)
            if self._waits(standing, of_inputs) and self._keep_error(rows):
                return
            if of_inputs is None or not self._is_split(rows, standing, of_inputs):
                yield whole
                return
            if standing.split and standing.split[0] != entry:  # the same content came again
                values = {row.row: row.upload.values for row in rows}
                self._splits[parent.row] = Parts(entry, standing.split[1], values)
        work = {row.row: row for row in rows if not self._reuse(row)}
        if work and self._reads_media_of_parents:
            parts = {key: row for key, row in by_key.items() if row.row in work}
            yield replace(whole, parts=parts, splits=False)
        else:
            yield from work.values()

    def _part(self, row: str, upload: Upload, parent: RowPlan) -> RowPlan:
        """Returns a part with the cells that it has, and those of its parent that are read."""
        part = self._row(row, upload)
        return replace(part, known={**parent.known, **part.known})

    def _is_split(self, rows: Sequence[RowPlan], standing: StandingParts, of_inputs: str) -> bool:
        """Whether the parts of a parent are known and all stored, where they should be."""
        plan, output = self._plan, self._plan.outputs[0]
        if plan.force or plan.split is None or standing.split is None:
            return False
        if standing.split[1] != plan.split.digest(of_inputs):
            return False
        media = [(row, row.known.get(output.column.name)) for row in rows]
        return all(
            m and is_right(m, output, of_inputs) and stays(plan, row, m, output) for row, m in media
        )

    def _waits(self, standing: StandingParts, of_inputs: str | None) -> bool:
        """Whether a parent that could not be split is as it was then."""
        if self._plan.force or self._plan.retries_unreadable or standing.split is None:
            return False
        split = self._plan.split
        decided_by = split.digest(of_inputs) if split and of_inputs else ""
        return standing.split[1] == decided_by

    def _keep_error(self, rows: Sequence[RowPlan]) -> bool:
        """Keeps the cells of a parent that cannot be split, if its error is one that waits."""
        names = [output.column.name for output in self._plan.outputs]
        records = {name: row.known.get(name) for row in rows for name in names}
        for record in records.values():
            if record is None or record.error_class not in _WAITING:
                return False
        for name, record in records.items():
            if record is not None:
                self._writers[name].add(record, is_reused=True)
        return bool(records)

    @cached_property
    def _reads_media_of_parents(self) -> bool:
        """Whether columns besides that of the parts read media of the parents."""
        columns = (o.column for o in self._plan.outputs if o.column.name != self._table.source.name)
        return any(
            kind.is_medium and name in self._parents.columns
            for column in columns
            if isinstance(column, ComputedColumn)
            for name, kind in column.input_types.items()
        )

    def _names_of_errors(self, parents: Mapping[str, Upload]) -> dict[str, str]:
        """Returns the row that has the error of each parent: its own name, unless a part has it."""
        inner = {row: row.rpartition("/")[0] for row in parents if "/" in row}
        taken = self._parents.stored.log.newest_of(set(inner.values())) if inner else {}
        return {row: f"{row}/error" if inner.get(row) in taken else row for row in parents}

    def _take(self, result: Result) -> None:
        if isinstance(result, SplitResult):
            changed = frozenset(self._changed.intersection(result.parts))
            self._splits[result.row] = Parts(result.entry, result.digest, result.parts, changed)
            return
        self._made.append(result.row)
        name = self._table.source.name
        if name in result.records and name not in {*result.reused, *result.moved}:
            self._changed.add(result.row)
        super()._take(result)

    def _settle_rows(self) -> None:
        if not self.splits:
            return
        record_parts(
            self._stored,
            self._partition,
            self._splits,
            value_types=declared_types(self._table.values),
            parent=self._parents.stored.name,
        )
        self._stored = stored_table(self._installation.catalog, self._table)
        self._uploads = self._stored.live_rows(self._partition)

    def _gone(self, writer: ColumnWriter) -> list[str]:
        return [*super()._gone(writer), *(row for row in self._made if row not in self._uploads)]


def step_class(table: MediaTable) -> type[PartitionStep]:
    """Returns the kind of step that makes a table's rows."""
    return PartitionStep if table.splitting is None else DerivedStep
