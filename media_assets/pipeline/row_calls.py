"""The calls of row functions with the inputs of one row, here or in another process."""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from media_assets.columns import ComputedColumn
from media_assets.errors import RowFunctionError, RowTimeoutError, StoreFaultError
from media_assets.images.formats import Encoding
from media_assets.images.kept_metadata import KeptMetadata
from media_assets.limits import Limits
from media_assets.pipeline.calls import Call, Outcome, Raised, result_of, result_of_column
from media_assets.pipeline.inputs import RowInputs
from media_assets.pipeline.plan import Plan, RowPlan, media_of
from media_assets.pipeline.process_server import ProcessCall, ProcessMade
from media_assets.pipeline.processes import Processes
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.pipeline.timing import Stopwatch
from media_assets.values import ColumnType, Stored

Made = TypeVar("Made")
MakeInProcess = Callable[[Path | None], Generator[Call, Outcome, ProcessMade]]
"""Lets a process make a cell, and write its file, if it is one, to a path."""


class RowCalls:
    """Calls row functions for one row.

    Attributes:
        raised: Whether the function raised, for each column whose function was called.
    """

    def __init__(
        self,
        plan: Plan,
        row: RowPlan,
        inputs: RowInputs,
        watch: Stopwatch,
        *,
        processes: Processes,
        calls: RunningCalls,
    ) -> None:
        self._plan, self._row, self._inputs, self._watch = plan, row.row, inputs, watch
        self._processes, self._calls = processes, calls
        self.raised: dict[str, bool] = {}

    def call(self, column: ComputedColumn) -> Generator[Call, Outcome, object]:
        """Calls a column's function, and returns its result or the image that it changed."""
        arguments = self._arguments(column)
        if not column.waits_for_calls:
            made = self._run(column, lambda: self._time_call(column, arguments))
            return result_of_column(column, made, arguments)
        self._inputs.files.shrink_room(arguments.values())
        outcome = yield Call(column, self._row, arguments)
        changed, made = self._take(column, outcome)
        return result_of_column(column, made, changed)

    def _arguments(self, column: ComputedColumn) -> dict[str, object]:
        arguments = {name: self._inputs.argument(column, name) for name in column.input_types}
        arguments |= {name: self._inputs.source_file(column) for name in column.source_files}
        return arguments | ({"row": self._row} if "row" in column.given else {})

    def _time_call(self, column: ComputedColumn, arguments: Mapping[str, object]) -> object:
        with self._calls.time_call(column, [self._row]):
            return column.function(**arguments)

    def _take(
        self, column: ComputedColumn, outcome: Outcome
    ) -> tuple[Mapping[str, object], object]:
        """Returns the arguments and the result of a call that the row waited for."""
        calls = outcome.calls if isinstance(outcome, Raised) else 1
        return self._run(column, lambda: result_of(outcome), calls=calls)

    def _run(self, column: ComputedColumn, call: Callable[[], Made], *, calls: int = 1) -> Made:
        """Runs a call of a user's function; an exception is raised with function and row named."""
        self.raised[column.name] = True
        with self._watch.stage("functions"):
            try:
                made = call()
            except (StoreFaultError, RowTimeoutError):
                raise
            except BaseException as error:
                # Including SystemExit, CancelledError and the like: signals interrupt only the main
                # thread, so anything raised here comes from the function.
                raise RowFunctionError(column.name, self._row, error, calls=calls) from error
        self.raised[column.name] = False
        return made

    def encoding(self, column: ComputedColumn) -> Encoding | None:
        """Returns how a file of the row is written, with the facts of its source that it keeps."""
        encoding = column.encoding
        if encoding is None or not encoding.keep_metadata:
            return encoding
        source = self._inputs.source_file(column)
        return replace(encoding, kept=KeptMetadata.of(source, encoding.keep_metadata))

    def in_process(self, column: ComputedColumn, copies: ExitStack) -> MakeInProcess:
        """Reads the inputs for another process, and returns what lets it make the cell.

        Args:
            column: The column.
            copies: Is left after the call, and then deletes temporary copies of files.
        """
        inputs = {
            name: (kind, self._inputs.hand_over(column, name, copies))
            for name, kind in column.input_types.items()
        }
        return partial(self._call_process, column, inputs)

    def _call_process(
        self,
        column: ComputedColumn,
        inputs: Mapping[str, tuple[ColumnType, Stored]],
        target: Path | None,
    ) -> Generator[Call, Outcome, ProcessMade]:
        given = ProcessCall(
            column.function,
            column.name,
            inputs,
            column.type,
            limits=self._limits_on(column),
            is_nullable=column.is_nullable,
            decode_size=column.decode_size,
            encoding=self.encoding(column),
            target=target,
            keeps_truncated=self._plan.keeps_truncated,
            animations=column.animations,
            others={name: self._inputs.source_file(column) for name in column.source_files},
        )
        call = partial(
            self._processes.make,
            given,
            row=self._row,
            values=column.parcel,
            timeout=column.row_timeout,
        )
        if not column.waits_for_calls:
            return self._run(column, call)
        outcome = yield Call(column, self._row, {}, call)
        return cast("ProcessMade", self._take(column, outcome)[1])

    def _limits_on(self, column: ComputedColumn) -> dict[str, Limits]:
        """Returns the limits on the files that a column reads and makes, by kind."""
        media = media_of([column]).values()
        return {medium.name: self._plan.limits_of(medium) for medium in media}
