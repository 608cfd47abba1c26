"""The walk of one row: its upload in, a record for each selected column out, on one thread."""

import hashlib
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from PIL import Image

from media_assets.columns import SOURCE_CODE_VERSION, ComputedColumn
from media_assets.errors import InputFailedError, RowFunctionError, StoreFaultError, ValueTypeError
from media_assets.manifests import Record
from media_assets.pipeline.batches import BatchCall, Outcome, result_of
from media_assets.pipeline.budget import PixelBudget
from media_assets.pipeline.cells import ImageCell
from media_assets.pipeline.plan import (
    OutputPlan,
    Plan,
    RowPlan,
    RowResult,
    input_digest,
    is_right,
    is_there,
    standing_source,
)
from media_assets.pipeline.processes import ProcessCall, Processes, ProcessMade
from media_assets.pipeline.timing import Stopwatch
from media_assets.pipeline.writing import FileWriter, Placement
from media_assets.values import ColumnType, decode_value, encode_value

Made = TypeVar("Made")

_LONGEST_MESSAGE = 2_000


@dataclass(frozen=True, slots=True)
class Shared:
    """What all rows of a step share."""

    budget: PixelBudget
    writer: FileWriter
    processes: Processes


class RowWalk:
    """Makes the cells of one row, column by column, each after what it reads."""

    def __init__(self, plan: Plan, row: RowPlan, shared: Shared) -> None:
        """Takes the row, and what it shares with other rows; nothing is read yet."""
        self._plan, self._row, self._shared = plan, row, shared
        self._watch = Stopwatch()
        self._room = ExitStack()
        self._has_room = False
        makes_source = any(output.column.name == plan.source for output in plan.outputs)
        is_made_anew = plan.force and makes_source
        self._standing_source = None if is_made_anew else standing_source(plan, row)
        self._records = dict(row.known)
        self._images: dict[str, ImageCell] = {}
        self._failed: dict[str, str] = {}
        self._last_reader = {
            read: output.column.name for output in plan.outputs for read in output.column.inputs
        }
        self.result = RowResult(row.row, seconds=self._watch.seconds)
        self.placements: list[Placement] = []

    def walk(self) -> Generator[BatchCall, Outcome, RowResult]:
        """Makes every selected column's cell; what fails as the row's own becomes its record.

        Yields:
            The row's part in the call of a batch function, and goes on with what it came to.

        Raises:
            StoreFaultError: A destination takes no files; that ends the whole step.
        """
        with self._room:
            for output in self._plan.outputs:
                name = output.column.name
                self._records[name] = self.result.records[name] = yield from self._cell(output)
                for read, last_reader in self._last_reader.items():
                    if last_reader == name and read in self._images:
                        self._images[read].drop()
        source = self._images.get(self._plan.source)
        self.result.decodes = source.decodes if source else 0
        self._images.clear()  # An image knows its row: a cycle would keep the bytes of both.
        return self.result

    def _cell(self, output: OutputPlan) -> Generator[BatchCall, Outcome, Record]:
        column = output.column
        try:
            if isinstance(column, ComputedColumn):
                return (yield from self._computed(output, column))
            return self._source(output)
        except StoreFaultError:
            raise
        except Exception as error:  # noqa: BLE001  a row's own failure, of any class, is its record
            return replace(
                self._new_record(column.code_version),
                error_class=_class_of(error),
                error_message=_printable(str(error)),
            )

    def _source(self, output: OutputPlan) -> Record:
        """The upload itself: validated by decoding it, and copied where inputs are to be kept."""
        name, standing = self._plan.source, self._standing_source
        if standing is not None and is_there(standing, output):
            self.result.reused.add(name)
            return standing
        try:
            image = self._image(name)
            facts = image.facts
            image.decoded()
        except Exception as error:
            self._failed[name] = str(error)
            raise
        record = replace(
            self._new_record(SOURCE_CODE_VERSION),
            fileurl=image.fileurl,
            digest=image.digest,
            size_bytes=len(image.data),
            width=facts.width,
            height=facts.height,
            frames=facts.frames,
            format=facts.format,
            input_digest=self._row.upload.version,
        )
        if output.destination is None:
            return record
        return self._place(*self._shared.writer.copy(output, record, image.data, self._watch))

    def _computed(
        self, output: OutputPlan, column: ComputedColumn
    ) -> Generator[BatchCall, Outcome, Record]:
        expected = self._input_digest(column)
        standing = self._row.known.get(column.name)
        if standing is not None and not self._plan.force and is_right(standing, output, expected):
            if is_there(standing, output):
                self.result.reused.add(column.name)
                return standing
            if (moved := self._moved(output, standing)) is not None:
                return moved
        record = self._new_record(column.code_version)
        if column.processes:
            record = self._made_elsewhere(output, column, record)
        else:
            arguments = {name: self._argument(column, name) for name in column.inputs}
            made = yield from self._call(column, arguments)
            if isinstance(made, Image.Image) and column.encoding is not None:
                record = self._place(
                    *self._shared.writer.encode(output, record, made, column.encoding, self._watch)
                )
            else:
                record = _of_value(record, encode_value(made, column.type))
        # Asked again: a source that changed in place since its record shows once it is read.
        return replace(record, input_digest=self._input_digest(column))

    def _call(
        self, column: ComputedColumn, arguments: Mapping[str, object]
    ) -> Generator[BatchCall, Outcome, object]:
        """Calls the row function, and returns what it returned or the image that it changed."""
        if column.batch is None:
            made = self._called(column, lambda: column.function(**arguments))
        else:
            self._give_room_back()
            outcome = yield BatchCall(column, arguments)
            made = self._called(column, lambda: result_of(outcome))
        if column.type is not ColumnType.IMAGE:
            return made
        images = [a for a in arguments.values() if isinstance(a, Image.Image)]
        if made is None and len(images) == 1:
            return images[0]
        if not isinstance(made, Image.Image):
            raise ValueTypeError(made, column.type)
        return made

    def _called(self, column: ComputedColumn, call: Callable[[], Made]) -> Made:
        """Runs what calls a user's function, and names function and row where it raises."""
        self.result.raised[column.name] = True
        with self._watch.stage("functions"):
            try:
                made = call()
            except StoreFaultError:
                raise
            except Exception as error:
                raise RowFunctionError(column.name, self._row.row, error) from error
        self.result.raised[column.name] = False
        return made

    def _made_elsewhere(self, output: OutputPlan, column: ComputedColumn, record: Record) -> Record:
        """Lets a process of its own make the cell, from paths and into one."""
        with ExitStack() as copies:
            inputs = {
                name: (kind, self._handed_over(name, kind, copies))
                for name, kind in column.input_types.items()
            }

            def make(target: Path | None) -> ProcessMade:
                call = ProcessCall(
                    column.function,
                    inputs,
                    column.type,
                    limits=self._plan.limits,
                    reads_at=column.reads_at,
                    encoding=column.encoding,
                    target=target,
                )
                return self._called(column, lambda: self._shared.processes.make(call))

            if column.type is ColumnType.IMAGE:
                return self._place(*self._shared.writer.receive(output, record, make))
            return _of_value(record, make(None).value)

    def _handed_over(self, name: str, kind: ColumnType, copies: ExitStack) -> str | None:
        """An input as a process takes it: a value's text, or the path of an image's file."""
        if kind is not ColumnType.IMAGE:
            return self._records[name].value
        with self._reading(name):
            return str(copies.enter_context(self._image(name).as_file()))

    def _argument(self, column: ComputedColumn, name: str) -> object:
        """What the function gets: a value, or an image that it may change as it likes."""
        input_type = column.input_types[name]
        if input_type is not ColumnType.IMAGE:
            return decode_value(self._records[name].value, input_type)
        with self._reading(name):
            image = self._image(name).decoded(column.reads_at)
        if self._last_reader[name] == column.name:
            self._image(name).drop()
            return image
        with self._watch.stage("functions"):
            copy = image.copy()
        copy.format = image.format
        return copy

    def _input_digest(self, column: ComputedColumn) -> str:
        return input_digest(self._row, {name: self._digest(name) for name in column.inputs})

    def _digest(self, name: str) -> str:
        """The digest of an input's content, read only where no record tells it.

        Raises:
            InputFailedError: That column has an error in this row, or nothing at all.
        """
        if name in self._failed:
            raise InputFailedError(name, self._failed[name])
        if name != self._plan.source:
            record = self._records.get(name)
            if record is None or record.digest is None:
                raise InputFailedError(name, record.error_message if record else None)
            return record.digest
        image = self._images.get(name)
        if self._standing_source is not None and not (image and image.is_fetched):
            return self._standing_source.digest or ""
        with self._reading(name):
            return self._image(name).digest

    @contextmanager
    def _reading(self, name: str) -> Generator[None]:
        """Turns what keeps an input from being read into the failure of all that read it."""
        try:
            yield
        except StoreFaultError:
            raise
        except Exception as error:
            self._failed[name] = str(error)
            raise InputFailedError(name, str(error)) from error

    def _image(self, name: str) -> ImageCell:
        """An image column's cell in this row, opened once."""
        if name not in self._images:
            record = self._standing_source if name == self._plan.source else self._records[name]
            fileurl = (record.fileurl if record else None) or self._row.upload.uri
            is_ours = fileurl != self._row.upload.uri
            expected = record.digest if record and is_ours else None
            self._images[name] = self._open(fileurl, expected)
        return self._images[name]

    def _open(self, fileurl: str, expected_digest: str | None) -> ImageCell:
        return ImageCell(
            fileurl,
            storage=self._plan.storage,
            limits=self._plan.limits,
            wait_for_room=self._wait_for_room,
            watch=self._watch,
            expected_digest=expected_digest,
        )

    def _wait_for_room(self, pixels: int) -> None:
        """Waits once per row, for its first image: rows that wait for two might wait for ever."""
        if not self._has_room:
            self._has_room = True
            with self._watch.stage("wait"):
                self._room.enter_context(self._shared.budget.hold(pixels))

    def _give_room_back(self) -> None:
        """A row that waits for others must not keep them from starting."""
        self._room.close()
        self._has_room = False

    def _moved(self, output: OutputPlan, standing: Record) -> Record | None:
        """Copies a file to the column's destination of now; None when it is not there to copy."""
        try:
            data = self._open(standing.fileurl or "", standing.digest).data
        except StoreFaultError:
            raise
        except Exception:  # noqa: BLE001  whatever keeps the old file from being read: make it anew
            return None
        record = replace(standing, written_at=datetime.now(UTC), run_id=self._plan.run_id)
        return self._place(*self._shared.writer.copy(output, record, data, self._watch))

    def _place(self, record: Record, placement: Placement) -> Record:
        """Puts a staged file in place at once where that is a rename, else leaves it to uploads."""
        name = placement.column
        if placement.is_rename:
            with self._watch.stage("write"):
                placement.place()
        else:
            self.placements.append(placement)
            self._images[name] = self._open(placement.staged.as_uri(), record.digest)
        return record

    def _new_record(self, code_version: str) -> Record:
        return Record(
            row=self._row.row,
            code_version=code_version,
            written_at=datetime.now(UTC),
            run_id=self._plan.run_id,
        )


def _of_value(record: Record, text: str | None) -> Record:
    return replace(record, value=text, digest=hashlib.sha256((text or "").encode()).hexdigest())


def _class_of(error: Exception) -> str:
    """The name of what was raised; of what a row function raised, where it was one."""
    return type(error.cause if isinstance(error, RowFunctionError) else error).__name__


def _printable(text: str) -> str:
    """Error text that any store and terminal can hold."""
    return text.encode("utf-8", "backslashreplace").decode()[:_LONGEST_MESSAGE]
