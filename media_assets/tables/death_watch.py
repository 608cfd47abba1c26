"""Watching over a step's process: the rows in whose work it died twice become error rows.

A step writes one start mark, and deletes it with its commit. If the mark of a process that is gone
is found, that process died. This step then notes each row before it is worked on; if it dies as
well, the rows under way are suspects. The next step makes them last, each cell by itself, and a
cell under way at another death is not tried again. A row that is split into parts counts as one,
until all its parts are made.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from media_assets.columns import ComputedColumn
from media_assets.errors import StepDiedError, StoreFaultError
from media_assets.fan_out.resource import FanOut
from media_assets.pipeline import (
    OutputPlan,
    ParentPlan,
    Plan,
    Result,
    RowPlan,
    RowResult,
    Work,
)
from media_assets.pipeline.reuse import input_digest, unreadable_digest
from media_assets.records.column_writer import ColumnWriter
from media_assets.records.manifests import Record
from media_assets.records.start_marks import CellUnderWay, StartMark


class DeathWatch:
    """The start mark of one step, and what those of dead steps show."""

    def __init__(self, writers: Iterable[ColumnWriter]) -> None:
        works = [writer.work for writer in writers]
        self._work = works[0]
        marks = [mark.of_dead() for work in works for mark in work.marks]
        self._is_careful = bool(marks)
        self._mark = replace(
            StartMark.of_this_process(),
            suspects=frozenset[str]().union(*(mark.suspects for mark in marks)),
            deadly=frozenset[CellUnderWay]().union(*(mark.deadly for mark in marks)),
        )
        self._rows: set[str] = set()

    def make(
        self, fan_out: FanOut, plan: Plan, rows: Iterator[Work], save_work: Callable[[], None]
    ) -> Generator[Result]:
        """Makes rows as `FanOut.run` does, after the mark was written.

        Args:
            fan_out: Where rows are made.
            plan: What to make.
            rows: The rows, or the parents of rows.
            save_work: Keeps what was made, before a cell that may end the process.
        """
        first = next(rows, None)
        if first is None:
            return
        apart = list[Work]()
        rows = chain([first], rows)
        if self._is_careful:
            rows = self._set_apart(rows, apart)
        else:
            self._work.write_mark(self._mark)
        with closing(fan_out.run(plan, self._begun(rows), apart)) as results:
            yield from self._ended(results)
        if apart:
            save_work()
        for row in apart:
            if isinstance(row, ParentPlan):
                yield from self._parent_by_itself(fan_out, plan, row)
            else:
                yield self._by_itself(fan_out, plan, row)
            self._mark = replace(self._mark, suspects=self._mark.suspects - {row.row})

    def end(self) -> None:
        """Deletes the mark of a step that fails in order, or leaves what it knows of others."""
        left = replace(self._mark, process="")
        with suppress(StoreFaultError):  # the catalog may be what failed
            if left.suspects or left.deadly:
                self._work.write_mark(left)
            else:
                self._work.remove_mark()

    def _begun(self, rows: Iterable[Work]) -> Iterator[Work]:
        for row in rows:
            if self._is_careful:
                self._rows.add(row.row)
                self._work.write_mark(replace(self._mark, rows=frozenset(self._rows)))
            yield row

    def _ended(self, results: Iterable[Result]) -> Iterator[Result]:
        for result in results:
            self._rows.discard(result.row)
            yield result

    def _set_apart(self, rows: Iterable[Work], apart: list[Work]) -> Iterator[Work]:
        """Yields the rows that were not under way at a death, and keeps the others."""
        known = self._mark.suspects | {cell.row for cell in self._mark.deadly}
        for row in rows:
            if row.row in known:
                apart.append(row)
            else:
                yield row

    def _parent_by_itself(
        self, fan_out: FanOut, plan: Plan, parent: ParentPlan
    ) -> Iterator[Result]:
        """Splits one parent and makes its parts; if that was deadly before, its error row."""
        assert plan.split is not None  # noqa: S101  only then are there parents
        name = plan.split.column.name
        state = _digest(parent.upload.identity, plan.split.column.code_version)
        cell = CellUnderWay(parent.row, name, state)
        killed = list[Work]()
        if cell in self._mark.deadly and not (plan.force or plan.retries_unreadable):
            killed.append(parent)
        else:
            self._work.write_mark(replace(self._mark, cell=cell))
            yield from fan_out.run(plan, iter([parent]), killed)
        if killed:
            error = StepDiedError(name, parent.row, is_source=False)
            yield from fan_out.run(plan, iter([replace(parent, error=error)]))

    def _by_itself(self, fan_out: FanOut, plan: Plan, row: RowPlan) -> RowResult:
        """Makes one row, a cell at a time."""
        result, known = RowResult(row.row), dict(row.known)
        for output in plan.outputs:
            now = replace(row, known=known)
            cell = CellUnderWay(row.row, output.column.name, _state(plan, output, now))
            retries = plan.force or plan.retries_unreadable or _is_confined(output)
            if cell in self._mark.deadly and not retries:
                result.records[cell.column] = known[cell.column] = _died(plan, output, now)
                continue
            self._work.write_mark(replace(self._mark, cell=cell))
            killed = list[Work]()
            for made in fan_out.run(replace(plan, outputs=(output,)), iter([now]), killed):
                assert isinstance(made, RowResult)  # noqa: S101  of a row
                _add(made, result)
                known |= made.records
            if killed:
                result.records[cell.column] = known[cell.column] = _died(plan, output, now)
        return result


def _is_confined(output: OutputPlan) -> bool:
    return isinstance(output.column, ComputedColumn) and output.column.processes


def _state(plan: Plan, output: OutputPlan, row: RowPlan) -> str:
    """Returns a digest of what a cell is made from, as far as known, and by which code."""
    kind, keeps = plan.source_type, plan.keeps_truncated
    upload = unreadable_digest(row.upload, kind, keeps_truncated=keeps)
    return _digest(upload, output.column.code_version)


def _digest(upload: str, code_version: str) -> str:
    return hashlib.sha256(f"{upload}\n{code_version}".encode()).hexdigest()[:32]


def _add(made: RowResult, result: RowResult) -> None:
    """Adds what was made of one column to the result of the row."""
    result.records |= made.records
    result.reused |= made.reused
    result.equal |= made.equal
    result.moved |= made.moved
    result.raised |= made.raised
    result.decodes += made.decodes
    result.source_storage = result.source_storage or made.source_storage
    result.is_refused = result.is_refused or made.is_refused
    for stage, seconds in made.seconds.items():
        result.seconds[stage] = result.seconds.get(stage, 0.0) + seconds


def _died(plan: Plan, output: OutputPlan, row: RowPlan) -> Record:
    """Returns the error of a cell that ends the process; it waits until something changes."""
    column = output.column
    if isinstance(column, ComputedColumn):
        digests = {name: row.known[name].digest or "" for name in column.reads if name in row.known}
        made_from = input_digest(column, digests) if len(digests) == len(column.reads) else None
    else:
        kind, keeps = plan.source_type, plan.keeps_truncated
        made_from = unreadable_digest(row.upload, kind, keeps_truncated=keeps)
    error = StepDiedError(column.name, row.row, is_source=column.name == plan.source)
    return Record(
        row=row.row,
        code_version=column.code_version,
        input_digest=made_from,
        error_class=type(error).__name__,
        error_message=str(error),
        written_at=datetime.now(UTC),
        run_id=plan.run_id,
    )
