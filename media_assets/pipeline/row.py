"""The walk of one row, on one thread: from its upload to a record for each selected column."""

from collections.abc import Collection, Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from media_assets.columns import SOURCE_CODE_VERSION, ComputedColumn
from media_assets.errors import StoreFaultError, ValueTypeError
from media_assets.images.formats import Encoding
from media_assets.media_types import medium_of
from media_assets.pipeline.budget import MemoryRoom
from media_assets.pipeline.calls import Call, Outcome
from media_assets.pipeline.inputs import RowInputs
from media_assets.pipeline.plan import OutputPlan, Plan, RowPlan, RowResult
from media_assets.pipeline.processes import Processes
from media_assets.pipeline.reuse import (
    at_its_address,
    is_deadly,
    is_in_place,
    is_right,
    is_waiting,
    published_name,
    stays,
    unreadable_digest,
)
from media_assets.pipeline.row_calls import RowCalls
from media_assets.pipeline.row_errors import class_of, is_for_good, printable
from media_assets.pipeline.row_files import RowFiles
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.pipeline.timing import Stopwatch
from media_assets.pipeline.writing import FileWriter, Placement
from media_assets.records.facts import encode_facts
from media_assets.records.manifests import Record
from media_assets.uploads.row_cells import value_digest
from media_assets.values import Stored, encode_value

_GONE = (FileNotFoundError, PermissionError)
"""Errors of a source that can no longer be read: it was deleted, or its address expired."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The state that all rows of a step share."""

    room: MemoryRoom
    writer: FileWriter
    processes: Processes
    calls: RunningCalls = field(default_factory=RunningCalls)


@dataclass(frozen=True, slots=True)
class GivenPart:
    """What a part gets from its parent, which is open.

    Attributes:
        column: The column of the parts' media.
        inputs: The inputs of the parent.
        of_parent: The columns of the parent that columns of the part read.
        made: The medium; None if it is stored already.
        encoding: How its file is written, if that differs from the column's.
        kept: The part of the record that says where it is kept, if that is in its parent.
        error: Why the parent could not be split.
    """

    column: ComputedColumn
    inputs: RowInputs
    of_parent: Collection[str] = ()
    made: object = None
    encoding: Encoding | None = None
    kept: Record | None = None
    error: Exception | None = None


class RowWalk:
    """Makes the cells of one row, column by column, each after the columns that it reads."""

    def __init__(
        self, plan: Plan, row: RowPlan, shared: Shared, part: GivenPart | None = None
    ) -> None:
        self._plan, self._row, self._shared = plan, row, shared
        self._part, self._medium = part and replace(part, made=None), part and part.made
        self._watch = Stopwatch()
        self._files = RowFiles(
            plan,
            row,
            shared.room,
            self._watch,
            parent=part and part.inputs.files,
            of_parent=part.of_parent if part else (),
        )
        self._inputs = RowInputs(plan, row, self._files)
        self._calls = RowCalls(
            plan, row, self._inputs, self._watch, processes=shared.processes, calls=shared.calls
        )
        self.result = RowResult(row.row, seconds=self._watch.seconds, raised=self._calls.raised)
        self.placements: list[Placement] = []

    def walk(self) -> Generator[Call, Outcome, RowResult]:
        """Makes the cell of every selected column; a row's own failure is kept in its record.

        Yields:
            The row's part in a call that it waits for; the outcome is sent back.

        Raises:
            StoreFaultError: A destination accepts no files, which ends the whole step.
        """
        with self._files:
            if (part := self._part) and part.kept is not None and self._medium is not None:
                check = partial(part.inputs.check_unchanged, part.column)
                self._files.give(part.column.name, self._take_medium(), part.kept, check)
            for output in self._plan.outputs:
                name = output.column.name
                record = yield from self._cell(output)
                if name not in self.result.reused:
                    named = published_name(output, self._row, record)
                    if named != record.published:
                        record = replace(record, published=named)
                self.result.add(name, record, standing=self._row.known.get(name))
                self._files.add(name, record)
            self.result.decodes = self._inputs.source_decodes
            self.result.source_storage = self._inputs.source_storage
            self.result.is_refused = self._inputs.is_refused
        return self.result

    def _cell(self, output: OutputPlan) -> Generator[Call, Outcome, Record]:
        column = output.column
        try:
            if isinstance(column, ComputedColumn):
                return (yield from self._compute(output, column))
            return self._source(output)
        except (StoreFaultError, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001  a row's own failure, of any class, is its record
            record = self._new_record(column.code_version)
            if is_for_good(error) and column.name == self._plan.source:
                record = replace(record, input_digest=self._digest_of_unreadable())
            return replace(record, error_class=class_of(error), error_message=printable(str(error)))

    def _digest_of_unreadable(self) -> str:
        plan = self._plan
        return unreadable_digest(
            self._row.upload, plan.source_type, keeps_truncated=plan.keeps_truncated
        )

    def _source(self, output: OutputPlan) -> Record:
        """Makes the cell of the upload: validated, and copied if inputs are kept."""
        name, standing = self._plan.source, self._files.standing_source
        if standing is not None:
            return self._reuse_source(output, standing)
        if is_waiting(self._plan, self._row):
            self.result.reused.add(name)
            return self._row.known[name]
        try:
            cell = self._files.file(name)
            facts = cell.validate()
            self._files.drop_unread(name)
        except Exception as error:  # noqa: BLE001  it becomes the error of the row
            if isinstance(error, _GONE) and (kept := self._files.keep_source()) is not None:
                self.result.reused.add(name)
                return kept
            # It may be this very error. An error that is its own cause keeps its row in memory.
            raise self._inputs.fail(name, error)  # noqa: B904
        record = replace(
            self._new_record(SOURCE_CODE_VERSION),
            fileurl=cell.fileurl,
            digest=cell.digest,
            size_bytes=cell.size_bytes,
            width=facts.width,
            height=facts.height,
            frames=facts.frames,
            format=facts.format,
            facts=encode_facts(facts.marks, facts.others),
            input_digest=self._row.upload.identity,
        )
        if output.destination is None:
            return record
        return self._place(*self._shared.writer.copy(output, record, cell.copy_into, self._watch))

    def _reuse_source(self, output: OutputPlan, standing: Record) -> Record:
        """Reuses the record of an upload that was read before, with its current address."""
        name = output.column.name
        record = at_its_address(self._plan, self._row, standing)
        if not stays(self._plan, self._row, record, output) and (
            moved := self._move(output, record)
        ):
            return moved
        (self.result.reused if record == standing else self.result.moved).add(name)
        return record

    def _compute(
        self, output: OutputPlan, column: ComputedColumn
    ) -> Generator[Call, Outcome, Record]:
        expected = self._inputs.digest_for(column)
        standing = self._row.known.get(column.name)
        if standing is not None and not self._plan.force and is_right(standing, output, expected):
            if stays(self._plan, self._row, standing, output):
                self.result.reused.add(column.name)
                return standing
            if (moved := self._move(output, standing)) is not None:
                return moved
        retries = self._plan.force or self._plan.retries_unreadable
        if standing is not None and not retries and is_deadly(standing, column, expected):
            self.result.reused.add(column.name)
            return standing
        record = self._new_record(column.code_version)
        if column.where is not None and not self._inputs.satisfies(column.where):
            return replace(_of_value(record, None), input_digest=expected)
        try:
            record = yield from self._make(output, column, record)
        except ValueTypeError as error:
            raise error.at(column.name, self._row.row) from error
        # Read again: whether a source has changed since its record is known only once it is read.
        return replace(record, input_digest=self._inputs.digest_for(column))

    def _make(
        self, output: OutputPlan, column: ComputedColumn, record: Record
    ) -> Generator[Call, Outcome, Record]:
        if self._part is not None and column.name == self._part.column.name:
            return self._store_part(output, self._part, record)
        if column.processes:
            return (yield from self._make_in_process(output, column, record))
        made = yield from self._calls.call(column)
        if made is not None and (encoding := self._calls.encoding(column)) is not None:
            return self._place_made(
                column, *self._shared.writer.encode(output, record, made, encoding, self._watch)
            )
        self._inputs.check_unchanged(column)
        return _of_value(record, None if made is None else encode_value(made, column.type))

    def _store_part(self, output: OutputPlan, part: GivenPart, record: Record) -> Record:
        """Stores the medium of a part, or says where it is, unless its parent has changed."""
        if part.error is not None:
            raise part.error
        if part.kept is not None:
            part.inputs.check_unchanged(part.column)
            kept = part.kept
            return replace(record, fileurl=kept.fileurl, digest=kept.digest, format=kept.format)
        encoding = part.encoding or part.column.encoding or Encoding()
        record, placement = self._shared.writer.encode(
            output, record, self._take_medium(), encoding, self._watch
        )
        try:
            part.inputs.check_unchanged(part.column)
        except BaseException:
            placement.discard()
            raise
        return self._place(record, placement)

    def _take_medium(self) -> object:
        """Returns the medium of a part, and lets go of it: columns read what is stored."""
        medium, self._medium = self._medium, None
        return medium

    def _make_in_process(
        self, output: OutputPlan, column: ComputedColumn, record: Record
    ) -> Generator[Call, Outcome, Record]:
        """Lets a separate process make the cell, reading and writing files by path."""
        with ExitStack() as copies:
            make = self._calls.in_process(column, copies)
            if column.type.is_medium:
                received = yield from self._shared.writer.receive(output, record, make)
                if received is not None:
                    return self._place_made(column, *received)
                value = None
            else:
                value = (yield from make(None)).value
            self._inputs.check_unchanged(column)
            return _of_value(record, value)

    def _move(self, output: OutputPlan, standing: Record) -> Record | None:
        """Copies a file to the column's current destination; None if it cannot be read."""
        writer = self._shared.writer
        record = replace(standing, written_at=datetime.now(UTC), run_id=self._plan.run_id)
        if is_in_place(standing, output):  # it only gets another published name
            self.result.moved.add(output.column.name)
            return record
        try:
            with self._watch.stage("write"):
                copied = writer.copy_within(output, record)
            if copied is None:
                medium = medium_of(output.column.type)
                with closing(
                    self._files.open(standing.fileurl or "", medium, standing.digest)
                ) as cell:
                    copied = self._place(*writer.copy(output, record, cell.copy_into, self._watch))
        except StoreFaultError:
            raise
        except Exception:  # noqa: BLE001  whatever keeps the old file from being read
            return None
        self.result.moved.add(output.column.name)
        return copied

    def _place_made(self, column: ComputedColumn, record: Record, placement: Placement) -> Record:
        """Places what a function made, unless a file that it read has changed meanwhile.

        What it made of a file may be read only while it is written.
        """
        try:
            self._inputs.check_unchanged(column)
        except BaseException:
            placement.discard()
            raise
        return self._place(record, placement)

    def _place(self, record: Record, placement: Placement) -> Record:
        """Puts a staged file in place if that is a rename; otherwise queues it for upload."""
        name = placement.column
        if placement.is_rename:
            with self._watch.stage("write"):
                placement.place()
        else:
            self.placements.append(placement)
            self._files.add_staged(name, placement.staged.as_uri(), record.digest)
        return record

    def _new_record(self, code_version: str) -> Record:
        return Record(
            row=self._row.row,
            code_version=code_version,
            written_at=datetime.now(UTC),
            run_id=self._plan.run_id,
        )


def _of_value(record: Record, stored: Stored) -> Record:
    digest = value_digest(stored)
    if isinstance(stored, bytes):
        return replace(record, value_bytes=stored, digest=digest)
    return replace(record, value=stored, digest=digest)
