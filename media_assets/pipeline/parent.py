"""The walk of one parent: it is opened once, and its parts come one by one."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial

from media_assets.columns import ComputedColumn, encode_values
from media_assets.errors import (
    MediaAssetsError,
    PartKeyError,
    RowFunctionError,
    StoreFaultError,
)
from media_assets.images.allocator import return_freed_memory
from media_assets.media_types import medium_of
from media_assets.part_files import digest_of_part
from media_assets.pipeline.inputs import RowInputs
from media_assets.pipeline.needs import bytes_needed
from media_assets.pipeline.plan import OutputPlan, ParentPlan, Plan, RowPlan, SplitPlan, SplitResult
from media_assets.pipeline.reuse import is_right, reusable_cells, stays
from media_assets.pipeline.row import GivenPart, RowWalk, Shared
from media_assets.pipeline.row_files import RowFiles
from media_assets.pipeline.timing import Stopwatch
from media_assets.records.manifests import Record
from media_assets.row_value import PARENT
from media_assets.split import Part
from media_assets.uploads.parts import part_upload
from media_assets.uploads.row_cells import value_records
from media_assets.uploads.row_values import pack_values


class ParentWalk:
    """Splits one parent: gives the walk of each of its parts, and at the end what they are.

    Attributes:
        result: The parts, once all of them were given; None if the parent was not split.
    """

    def __init__(self, plan: Plan, split: SplitPlan, parent: ParentPlan, shared: Shared) -> None:
        self._plan, self._split, self._parent, self._shared = plan, split, parent, shared
        self._watch = Stopwatch()
        self._walks = self._give()
        self.result: SplitResult | None = None

    def next_part(self) -> RowWalk | None:
        """Returns the walk of the next part; None after the last one.

        Raises:
            StoreFaultError: The storage of the parent fails, which ends the whole step.
        """
        return next(self._walks, None)

    def _give(self) -> Generator[RowWalk]:
        split, parent = self._split, self._parent.parent
        source = replace(
            self._plan,
            table=split.table,
            source=split.source,
            source_type=split.source_type,
            outputs=(OutputPlan(split.column, None),),
            split=None,
        )
        of_part = [o for o in self._plan.outputs if o.column.name != split.column.name]
        needed = partial(
            bytes_needed,
            source.outputs,
            of_part=of_part,
            largest_part=split.splitter.largest_part,
        )
        with RowFiles(source, parent, self._shared.room, self._watch, needed=needed) as files:
            inputs = RowInputs(source, parent, files)
            if not self._parent.splits:
                yield from self._walks_of_standing(inputs)
                return
            digest, parts = "", dict[str, str | None]()
            try:
                of_inputs = inputs.digest_for(split.column)
                if self._parent.error is not None:
                    digest = split.digest(of_inputs)
                # `map` holds no part, whose medium is to go as soon as its walk has stored it.
                yield from map(
                    partial(self._walk_of, inputs, parts), self._parts(inputs, of_inputs)
                )
                inputs.check_unchanged(split.column)
                digest = split.digest(of_inputs)
            except (StoreFaultError, GeneratorExit):
                raise
            except Exception as error:  # noqa: BLE001  a parent's own failure, of any class, is its row
                row = self._error_row()
                parts = {row.row: row.upload.values}
                yield self._walk(row, self._given(inputs, row=row, error=error))
            decodes = inputs.source_decodes
        if not medium_of(split.source_type).is_decoded:
            return_freed_memory()  # of its decoder, before that of the next one
        self.result = SplitResult(
            parent.row, self._parent.entry, digest, parts, decodes, self._watch.seconds
        )

    def _walks_of_standing(self, inputs: RowInputs) -> Iterator[RowWalk]:
        """Gives the parts that are there, with their media if these are kept in the parent.

        Those that this splitter does not give, or of which others were recorded, read them.
        """
        rest = dict(self._parent.parts)
        name = self._split.column.name
        if not self._split.column.is_stored:
            with suppress(Exception):  # then each part reads its own, and says what is wrong
                for part in self._parts(inputs, "", lambda key: key not in self._parent.parts):
                    row = self._parent.parts.get(part.key)
                    if row is None or part.value is None:
                        continue
                    given = self._given(inputs, part, row)
                    standing = row.known.get(name)
                    if standing and given.kept and standing.digest == given.kept.digest:
                        del rest[part.key]
                        yield self._walk(row, given)
        for row in rest.values():
            yield self._walk(row, self._given(inputs))

    def _parts(
        self, inputs: RowInputs, of_inputs: str, skip: Callable[[str], bool] | None = None
    ) -> Iterator[Part]:
        """Splits the parent, if it is to be split at all."""
        split, column = self._split, self._split.column
        if self._parent.error is not None:
            raise self._parent.error
        if column.where is not None and not inputs.satisfies(column.where):
            return
        output = next((o for o in self._plan.outputs if o.column.name == column.name), None)

        def stands(key: str) -> bool:
            row = self._parent.parts.get(key)
            if not column.is_stored:  # then others alone need its medium
                return not self._is_read or (row is not None and not self._has_work(row))
            record = row and row.known.get(column.name)
            return (
                row is not None
                and record is not None
                and output is not None
                and not self._plan.force
                and is_right(record, output, of_inputs)
                and stays(self._plan, row, record, output)
            )

        given = {name: inputs.argument(column, name) for name in column.input_types}
        source: object = next(iter(given.values()))
        if split.splitter.input_types:
            bound = column.function.keywords if isinstance(column.function, partial) else {}
            row = {"row": self._parent.parent.row} if "row" in column.given else {}
            source = {**given, **bound, **row}
        parts = split.splitter.split(source, skip or stands, split.max_parts)
        yield from iter(partial(self._next, parts), None)

    def _next(self, parts: Iterator[Part]) -> Part | None:
        """Returns the next part of the splitter; None after the last one."""
        column, row = self._split.column, self._parent.parent.row
        with self._watch.stage("decode"), self._shared.calls.time_call(column, [row]):
            try:
                return next(parts, None)
            except MediaAssetsError:
                raise
            except BaseException as error:  # also SystemExit and GeneratorExit are the function's
                raise RowFunctionError(column.name, row, error) from error

    @cached_property
    def _is_read(self) -> bool:
        """Whether columns read the medium of a part."""
        columns = (output.column for output in self._plan.outputs)
        name = self._split.column.name
        return any(isinstance(c, ComputedColumn) and name in c.input_types for c in columns)

    def _has_work(self, row: RowPlan) -> bool:
        """Whether cells of a part are to be made."""
        return reusable_cells(self._plan, self._with_cells(row)) is None

    def _row_of(self, part: Part, parts: Mapping[str, object]) -> RowPlan:
        """Returns the row of a part, with the cells that it has.

        Raises:
            PartKeyError: Another part has its key.
        """
        split, parent = self._split, self._parent.parent
        row = f"{parent.row}/{part.key}"
        if row in parts:
            raise PartKeyError(part.key, parent.row)
        fields = encode_values(
            split.values, {**part.fields, PARENT: parent.row}, table=self._plan.table, row=row
        )
        upload = part_upload(row, self._plan.partition, self._parent.entry, pack_values(fields))
        standing = self._parent.parts.get(part.key)
        return self._with_cells(RowPlan(row, upload, standing.known if standing else {}))

    def _error_row(self) -> RowPlan:
        """Returns the row that has the parent's error."""
        parent = self._parent.parent
        values = pack_values({PARENT: parent.row})
        name = self._parent.name_of_error
        upload = part_upload(name, self._plan.partition, self._parent.entry, values)
        return self._with_cells(RowPlan(name, upload, {}))

    def _with_cells(self, row: RowPlan) -> RowPlan:
        values = value_records(self._split.values, row.upload)
        return replace(row, known={**self._parent.reads, **row.known, **values})

    def _walk_of(self, inputs: RowInputs, parts: dict[str, str | None], part: Part) -> RowWalk:
        """Returns the walk of a part, which is added to those of its parent."""
        row = self._row_of(part, parts)
        parts[row.row] = row.upload.values
        return self._walk(row, self._given(inputs, part, row))

    def _walk(self, row: RowPlan, given: GivenPart) -> RowWalk:
        return RowWalk(self._plan, row, self._shared, given)

    def _given(
        self,
        inputs: RowInputs,
        part: Part | None = None,
        row: RowPlan | None = None,
        error: Exception | None = None,
    ) -> GivenPart:
        encoding = kept = None
        if part is not None and row is not None and not self._split.column.is_stored:
            kept = self._kept(inputs, part, row)
        elif part is not None and part.format is not None and not self._split.has_own_format:
            medium = medium_of(self._split.splitter.makes)
            encoding = medium.check_encoding(part.format, part.save_options)
        return GivenPart(
            self._split.column,
            inputs,
            of_parent=self._parent.reads.keys(),
            made=None if part is None else part.value,
            encoding=encoding,
            kept=kept,
            error=error,
        )

    def _kept(self, inputs: RowInputs, part: Part, row: RowPlan) -> Record:
        """Returns what a record says of a part that is kept in its parent."""
        split = self._split
        (name,) = split.column.input_types
        fragment = split.splitter.address(part.fields) or ""
        digest = digest_of_part(inputs.digest_of(split.column, name), fragment)
        is_image = medium_of(split.splitter.makes).is_decoded
        return Record(
            row.row,
            fileurl=f"{inputs.files.file(name).fileurl}#{fragment}",
            digest=digest,
            format=part.kept_format or ("PNG" if is_image else part.format),
        )
