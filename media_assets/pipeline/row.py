"""The walk of one row, on one thread: from its upload to a record for each selected column."""

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from media_assets.columns import SOURCE_CODE_VERSION, ComputedColumn
from media_assets.errors import (
    RowFunctionError,
    RowTimeoutError,
    StoreFaultError,
    ValueTypeError,
)
from media_assets.images.formats import Encoding
from media_assets.images.kept_metadata import KeptMetadata
from media_assets.limits import Limits
from media_assets.media_types import medium_of
from media_assets.pipeline.budget import MemoryRoom
from media_assets.pipeline.calls import Call, Outcome, Raised, result_of, result_of_column
from media_assets.pipeline.inputs import RowInputs
from media_assets.pipeline.plan import OutputPlan, Plan, RowPlan, RowResult
from media_assets.pipeline.process_server import ProcessCall, ProcessMade
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
from media_assets.pipeline.row_errors import class_of, is_for_good, printable
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.pipeline.timing import Stopwatch
from media_assets.pipeline.writing import FileWriter, Placement
from media_assets.records.facts import encode_facts
from media_assets.records.manifests import Record
from media_assets.uploads.row_cells import value_digest
from media_assets.values import Stored, encode_value

Made = TypeVar("Made")

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
        self._inputs = RowInputs(
            plan,
            row,
            shared.room,
            self._watch,
            parent=part and part.inputs,
            of_parent=part.of_parent if part else (),
        )
        self.result = RowResult(row.row, seconds=self._watch.seconds)
        self.placements: list[Placement] = []

    def walk(self) -> Generator[Call, Outcome, RowResult]:
        """Makes the cell of every selected column; a row's own failure is kept in its record.

        Yields:
            The row's part in a call that it waits for; the outcome is sent back.

        Raises:
            StoreFaultError: A destination accepts no files, which ends the whole step.
        """
        with self._inputs:
            if (part := self._part) and part.kept is not None and self._medium is not None:
                self._inputs.give(part.column, self._take_medium(), part.kept)
            for output in self._plan.outputs:
                name = output.column.name
                record = yield from self._cell(output)
                if name not in self.result.reused:
                    named = published_name(output, self._row, record)
                    if named != record.published:
                        record = replace(record, published=named)
                self.result.add(name, record, standing=self._row.known.get(name))
                self._inputs.add(name, record)
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
        name, standing = self._plan.source, self._inputs.standing_source
        if standing is not None:
            return self._reuse_source(output, standing)
        if is_waiting(self._plan, self._row):
            self.result.reused.add(name)
            return self._row.known[name]
        try:
            cell = self._inputs.file(name)
            facts = cell.validate()
            self._inputs.drop_unread(name)
        except Exception as error:  # noqa: BLE001  it becomes the error of the row
            if isinstance(error, _GONE) and (kept := self._inputs.keep_source()) is not None:
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
        # Named by nothing here, so that they go when the call is over.
        made = yield from self._call(column, self._arguments(column))
        if made is not None and (encoding := self._encoding(column)) is not None:
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

    def _arguments(self, column: ComputedColumn) -> dict[str, object]:
        """Returns the arguments of a row function."""
        arguments = {name: self._inputs.argument(column, name) for name in column.input_types}
        arguments |= {name: self._inputs.source_file(column) for name in column.source_files}
        return arguments | ({"row": self._row.row} if "row" in column.given else {})

    def _encoding(self, column: ComputedColumn) -> Encoding | None:
        """Returns how a file of the row is written, with the facts of its source that it keeps."""
        encoding = column.encoding
        if encoding is None or not encoding.keep_metadata:
            return encoding
        source = self._inputs.source_file(column)
        return replace(encoding, kept=KeptMetadata.of(source, encoding.keep_metadata))

    def _call(
        self, column: ComputedColumn, arguments: Mapping[str, object]
    ) -> Generator[Call, Outcome, object]:
        """Calls the row function, and returns its result or the image that it changed."""
        if not column.waits_for_calls:
            made = self._call_function(column, lambda: self._time_call(column, arguments))
            return result_of_column(column, made, arguments)
        self._inputs.shrink_room(arguments.values())
        outcome = yield Call(column, self._row.row, arguments)
        changed, made = self._take(column, outcome)
        return result_of_column(column, made, changed)

    def _take(
        self, column: ComputedColumn, outcome: Outcome
    ) -> tuple[Mapping[str, object], object]:
        """Returns the arguments and the result of a call that the row waited for."""
        calls = outcome.calls if isinstance(outcome, Raised) else 1
        return self._call_function(column, lambda: result_of(outcome), calls=calls)

    def _call_function(
        self, column: ComputedColumn, call: Callable[[], Made], *, calls: int = 1
    ) -> Made:
        """Runs a call of a user's function; an exception is raised with function and row named."""
        self.result.raised[column.name] = True
        with self._watch.stage("functions"):
            try:
                made = call()
            except (StoreFaultError, RowTimeoutError):
                raise
            except BaseException as error:
                # Including SystemExit, CancelledError and the like: signals interrupt only the main
                # thread, so anything raised here comes from the function.
                raise RowFunctionError(column.name, self._row.row, error, calls=calls) from error
        self.result.raised[column.name] = False
        return made

    def _time_call(self, column: ComputedColumn, arguments: Mapping[str, object]) -> object:
        with self._shared.calls.time_call(column, [self._row.row]):
            return column.function(**arguments)

    def _make_in_process(
        self, output: OutputPlan, column: ComputedColumn, record: Record
    ) -> Generator[Call, Outcome, Record]:
        """Lets a separate process make the cell, reading and writing files by path."""
        with ExitStack() as copies:
            inputs = {
                name: (kind, self._inputs.hand_over(column, name, copies))
                for name, kind in column.input_types.items()
            }

            def make(target: Path | None) -> Generator[Call, Outcome, ProcessMade]:
                given = ProcessCall(
                    column.function,
                    column.name,
                    inputs,
                    column.type,
                    limits=self._limits_on(column),
                    is_nullable=column.is_nullable,
                    decode_size=column.decode_size,
                    encoding=self._encoding(column),
                    target=target,
                    keeps_truncated=self._plan.keeps_truncated,
                    animations=column.animations,
                    others={n: self._inputs.source_file(column) for n in column.source_files},
                    expected=column.declared and column.declared.expected_of(column.function),
                )
                call = partial(
                    self._shared.processes.make,
                    given,
                    row=self._row.row,
                    values=column.parcel,
                    timeout=column.row_timeout,
                )
                if not column.waits_for_calls:
                    return self._call_function(column, call)
                outcome = yield Call(column, self._row.row, {}, call)
                return cast("ProcessMade", self._take(column, outcome)[1])

            if column.type.is_medium:
                received = yield from self._shared.writer.receive(output, record, make)
                if received is not None:
                    return self._place_made(column, *received)
                value = None
            else:
                value = (yield from make(None)).value
            self._inputs.check_unchanged(column)
            return _of_value(record, value)

    def _limits_on(self, column: ComputedColumn) -> dict[str, Limits]:
        """Returns the limits on the files that a column reads and makes, by kind."""
        types = [column.type, *column.input_types.values()]
        media = {medium_of(found) for found in types if found.is_medium}
        return {medium.name: self._plan.limits_of(medium) for medium in media}

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
                    self._inputs.open(standing.fileurl or "", standing.digest, medium)
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
            self._inputs.add_staged(name, placement.staged.as_uri(), record.digest)
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
