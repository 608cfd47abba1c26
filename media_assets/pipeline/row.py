"""The walk of one row: its upload in, a record for each selected column out, on one thread."""

import hashlib
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from PIL import Image

from media_assets.columns import SOURCE_CODE_VERSION, ComputedColumn
from media_assets.errors import InputFailedError, RowFunctionError, StoreFaultError, ValueTypeError
from media_assets.manifests import Record
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
from media_assets.pipeline.timing import Stopwatch
from media_assets.pipeline.writing import FileWriter, Placement
from media_assets.values import ColumnType, decode_value, encode_value

_LONGEST_MESSAGE = 2_000


class RowWalk:
    """Makes the cells of one row, column by column, each after what it reads."""

    def __init__(self, plan: Plan, row: RowPlan, budget: PixelBudget, writer: FileWriter) -> None:
        """Takes the row, and what it shares with other rows; nothing is read yet."""
        self._plan, self._row, self._budget, self._writer = plan, row, budget, writer
        self._watch = Stopwatch()
        self._room = ExitStack()
        self._has_room = False
        self._standing_source = None if plan.force else standing_source(plan, row)
        self._records = dict(row.known)
        self._images: dict[str, ImageCell] = {}
        self._failed: dict[str, InputFailedError] = {}
        self._last_reader = {
            read: output.column.name for output in plan.outputs for read in output.column.inputs
        }
        self.result = RowResult(row.row, seconds=self._watch.seconds)
        self.placements: list[Placement] = []

    def walk(self) -> RowResult:
        """Makes every selected column's cell; what fails as the row's own becomes its record.

        Raises:
            StoreFaultError: A destination takes no files; that ends the whole step.
        """
        with self._room:
            for output in self._plan.outputs:
                name = output.column.name
                self._records[name] = self.result.records[name] = self._cell(output)
                for read, last_reader in self._last_reader.items():
                    if last_reader == name and read in self._images:
                        self._images[read].drop()
        source = self._images.get(self._plan.source)
        self.result.decodes = source.decodes if source else 0
        return self.result

    def _cell(self, output: OutputPlan) -> Record:
        column = output.column
        try:
            if isinstance(column, ComputedColumn):
                return self._computed(output, column)
            return self._source(output)
        except StoreFaultError:
            raise
        except Exception as error:  # noqa: BLE001  a row's own failure, of any class, is its record
            cause = error.cause if isinstance(error, RowFunctionError) else error
            return replace(
                self._new_record(column.code_version),
                error_class=type(cause).__name__,
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
            self._failed[name] = InputFailedError(name, str(error))
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
        return self._place(*self._writer.copy(output, record, image.data, self._watch))

    def _computed(self, output: OutputPlan, column: ComputedColumn) -> Record:
        expected = self._input_digest(column)
        standing = self._row.known.get(column.name)
        if standing is not None and not self._plan.force and is_right(standing, output, expected):
            if is_there(standing, output):
                self.result.reused.add(column.name)
                return standing
            if (moved := self._moved(output, standing)) is not None:
                return moved
        made = self._call(column)
        record = replace(
            self._new_record(column.code_version),
            # Asked again: a source that changed in place since its record shows once it is read.
            input_digest=self._input_digest(column),
        )
        if isinstance(made, Image.Image) and column.encoding is not None:
            encoded = self._writer.encode(output, record, made, column.encoding, self._watch)
            return self._place(*encoded)
        text = encode_value(made, column.type)
        return replace(record, value=text, digest=hashlib.sha256((text or "").encode()).hexdigest())

    def _call(self, column: ComputedColumn) -> object:
        """Calls the row function, and returns what it returned or the image that it changed."""
        arguments = {name: self._argument(column, name) for name in column.inputs}
        self.result.raised[column.name] = True
        with self._watch.stage("functions"):
            try:
                made = column.function(**arguments)
            except Exception as error:
                raise RowFunctionError(column.name, self._row.row, error) from error
        self.result.raised[column.name] = False
        if column.type is not ColumnType.IMAGE:
            return made
        images = [a for a in arguments.values() if isinstance(a, Image.Image)]
        if made is None and len(images) == 1:
            return images[0]
        if not isinstance(made, Image.Image):
            raise ValueTypeError(made, column.type)
        return made

    def _argument(self, column: ComputedColumn, name: str) -> object:
        """What the function gets: a value, or an image that it may change as it likes."""
        input_type = column.input_types[name]
        if input_type is not ColumnType.IMAGE:
            return decode_value(self._records[name].value, input_type)
        try:
            image = self._image(name).decoded(column.reads_at)
        except Exception as error:
            self._failed[name] = InputFailedError(name, str(error))
            raise self._failed[name] from error
        if self._last_reader[name] == column.name:
            self._image(name).drop()
            return image
        with self._watch.stage("functions"):
            return image.copy()

    def _input_digest(self, column: ComputedColumn) -> str:
        return input_digest(self._row, {name: self._digest(name) for name in column.inputs})

    def _digest(self, name: str) -> str:
        """The digest of an input's content, read only where no record tells it.

        Raises:
            InputFailedError: That column has an error in this row, or nothing at all.
        """
        if name in self._failed:
            raise self._failed[name]
        if name != self._plan.source:
            record = self._records.get(name)
            if record is None or record.digest is None:
                raise InputFailedError(name, record.error_message if record else None)
            return record.digest
        image = self._images.get(name)
        if self._standing_source is not None and not (image and image.is_fetched):
            return self._standing_source.digest or ""
        try:
            return self._image(name).digest
        except Exception as error:
            self._failed[name] = InputFailedError(name, str(error))
            raise self._failed[name] from error

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
                self._room.enter_context(self._budget.hold(pixels))

    def _moved(self, output: OutputPlan, standing: Record) -> Record | None:
        """Copies a file to the column's destination of now; None when it is not there to copy."""
        try:
            data = self._open(standing.fileurl or "", standing.digest).data
        except StoreFaultError:
            raise
        except Exception:  # noqa: BLE001  whatever keeps the old file from being read: make it anew
            return None
        record = replace(standing, written_at=datetime.now(UTC), run_id=self._plan.run_id)
        return self._place(*self._writer.copy(output, record, data, self._watch))

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


def _printable(text: str) -> str:
    """Error text that any store and terminal can hold."""
    return text.encode("utf-8", "backslashreplace").decode()[:_LONGEST_MESSAGE]
