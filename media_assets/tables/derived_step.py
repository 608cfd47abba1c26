"""The step of a derived table: rows that are parts of another table's rows.

A parent is opened only if its parts are not known, or have media to make: the log says what decided
the parts that are there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from media_assets.addresses import is_part, split_address
from media_assets.columns import Column, ComputedColumn, declared_types
from media_assets.errors import UnknownNameError
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
from media_assets.records.manifests import Record
from media_assets.tables.parents import (
    WAITING,
    Cells,
    Parents,
    digest_of_inputs,
    part_column,
    split_plan,
)
from media_assets.tables.step import PartitionStep
from media_assets.tables.table import MediaTable
from media_assets.uploads.parts import (
    Parts,
    StandingParts,
    live_parts,
    part_upload,
    record_parts,
    standing_parts,
)
from media_assets.uploads.upload import Upload


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
        parents = self._stored.parent
        assert parents is not None  # noqa: S101  the table is derived
        if self._partition not in (known := parents.partitions()):
            where = f"in the upload log of {parents.name!r}"
            raise UnknownNameError(kind="partition", name=self._partition, known=known, where=where)
        self._parents = Parents(parents, self._table, self._partition, columns)
        return super()._inputs_not_selected(columns)

    def _own_inputs(self, column: Column) -> Sequence[str]:
        own = self._parents.own_reads(column)
        return [name for name in column.inputs if name in own]

    def _live_rows(self) -> Mapping[str, Upload]:
        self._changed: set[str] = set()
        self._readdressed: set[str] = set()
        self._made: list[str] = []
        self._splits: dict[str, Parts] = {}
        self._parents.stored.refresh()
        self._stored.refresh()
        return self._read_parts()

    def _read_parts(self) -> Mapping[str, Upload]:
        """Reads all that the log knows of the parts, and returns those that are live."""
        self._recorded = standing_parts(self._stored, self._partition, self._parents.rows)
        return live_parts(self._recorded, self._parents.entries)

    def _rows_to_make(self) -> Iterator[Work]:
        parents, entries = self._parents.rows, self._parents.entries
        errors = self._names_of_errors(parents)
        unfinished = self._unfinished_parts(parents) if self.splits else {}
        for row, upload in parents.items():
            standing, entry = self._recorded[row], entries[row]
            uploads = standing.uploads
            if self.splits:
                uploads = {**unfinished.get(row, {}), **uploads}
            elif standing.split and standing.split[0] != entry:
                uploads = {}
            parent = RowPlan(row, upload, self._parents.cells(upload))
            yield from self._of_parent(
                parent, entry, StandingParts(standing.split, uploads), errors[row]
            )

    def _unfinished_parts(self, parents: Mapping[str, Upload]) -> dict[str, dict[str, Upload]]:
        """Returns the parts that a run made which did not finish, by parent."""
        found: dict[str, dict[str, Upload]] = {}
        for row in self._writers[self._table.source.name].left_behind:
            parent, _, _ = row.rpartition("/")
            if parent in parents:
                part = part_upload(row, self._partition, 0, None)
                found.setdefault(parent, {})[row] = part
        return found

    def _of_parent(
        self, parent: RowPlan, entry: int, standing: StandingParts, name_of_error: str
    ) -> Iterator[Work]:
        """Yields a parent if it has to be opened, otherwise those of its parts with work."""
        address = self._parents.address(parent.upload)
        parts, before_key = standing.uploads, f"{parent.row}/"
        rows = [self._part(row, parts[row], parent, address) for row in sorted(parts)]
        by_key = {row.row.removeprefix(before_key): row for row in rows}
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
        if work and self._reads_from_parents:
            to_make = {key: row for key, row in by_key.items() if row.row in work}
            yield replace(whole, parts=to_make, splits=False)
        else:
            yield from work.values()

    def _part(self, row: str, upload: Upload, parent: RowPlan, address: str) -> RowPlan:
        """Returns a part with the cells that it has, and those of its parent that are read.

        If it is kept in its parent, it is where that is now.
        """
        part, name = self._row(row, upload, parent.known), self._table.source.name
        record = part.known.get(name)
        if record is not None and record.fileurl and is_part(record.fileurl):
            was_at, fragment = split_address(record.fileurl)
            if was_at != address:
                if self.splits:
                    self._readdressed.add(row)
                moved = replace(record, fileurl=f"{address}#{fragment}")
                return replace(part, known={**part.known, name: moved})
        return part

    def _keep(self, column: str, record: Record) -> None:
        is_moved = column == self._table.source.name and record.row in self._readdressed
        self._writers[column].add(record, is_reused=not is_moved, is_moved=is_moved)

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
            if record is None or record.error_class not in WAITING:
                return False
        for name, record in records.items():
            if record is not None:
                self._writers[name].add(record, is_reused=True)
        return bool(records)

    @cached_property
    def _reads_from_parents(self) -> bool:
        """Whether columns besides that of the parts read media of the parents, or kept in them."""
        source = part_column(self._table)
        columns = (o.column for o in self._plan.outputs if o.column.name != source.name)
        media = {*self._parents.columns, *(() if source.is_stored else (source.name,))}
        return any(
            kind.is_medium and name in media
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
        if result.row in self._readdressed and name in result.reused:
            result.reused.remove(name)
            result.moved.add(name)
        if name in result.records and name not in {*result.reused, *result.moved}:
            self._changed.add(result.row)
        super()._take(result)

    def _settle_rows(self) -> None:
        are_gone = any(row not in self._parents.rows for row in self._recorded)
        if not self.splits or not (self._splits or are_gone):
            return
        types = declared_types(self._table.values)
        record_parts(self._stored, self._partition, self._splits, value_types=types)
        self._uploads = self._stored.live_rows(self._partition)

    def _gone(self, writer: ColumnWriter, live: Collection[str]) -> list[str]:
        return [*super()._gone(writer, live), *(row for row in self._made if row not in live)]


def step_class(table: MediaTable) -> type[PartitionStep]:
    """Returns the kind of step that makes a table's rows."""
    return PartitionStep if table.splitting is None else DerivedStep
