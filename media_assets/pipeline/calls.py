"""Calls of row functions, with one row or with a batch, and their results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from PIL import Image

from media_assets.columns import ComputedColumn
from media_assets.errors import BatchLengthError, ValueTypeError
from media_assets.images.copy_on_write import lend
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.values import ColumnType


@dataclass(frozen=True, slots=True)
class BatchCall:
    """One row's part in a batch call: its walk waits until the batch has been called."""

    column: ComputedColumn
    arguments: Mapping[str, object]
    row: str


@dataclass(frozen=True, slots=True)
class Raised:
    """The outcome of a call for a row for which the function raised."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Made:
    """The outcome of a call for a row: the function's result, and its arguments."""

    value: object
    arguments: Mapping[str, object]


Outcome = Made | Raised | None
"""None starts a walk, which has not called anything yet."""


def result_of(outcome: Outcome) -> tuple[Mapping[str, object], object]:
    """Returns a batch function's arguments for a row and its result; raises what it raised."""
    if isinstance(outcome, Raised):
        raise outcome.error
    assert outcome is not None  # noqa: S101  only a walk that starts gets nothing
    return outcome.arguments, outcome.value


def call_batch(calls: Sequence[BatchCall], running: RunningCalls) -> list[Outcome]:
    """Calls a batch function once, and returns the outcome for each row.

    If it raises, it is called again row by row, so that a bad row fails alone. Each call receives
    copies of images, so changes made before it raised do not reach the next call.
    """
    column = calls[0].column
    lent = [{name: _lent(a) for name, a in call.arguments.items()} for call in calls]
    try:
        with running.time_call(column, [call.row for call in calls]):
            made = column.function(
                **{name: [arguments[name] for arguments in lent] for name in lent[0]}
            )
            results = list(cast("Sequence[object]", made)) if _is_list(made) else []
    except BaseException as error:  # noqa: BLE001  whatever a user's function raises is its rows' record
        if len(calls) == 1:
            return [Raised(error)]
        return [outcome for call in calls for outcome in call_batch([call], running)]
    if len(results) != len(calls):
        return [Raised(BatchLengthError(column.name, made, rows=len(calls)))] * len(calls)
    return [Made(result, got) for result, got in zip(results, lent, strict=True)]


def _lent(argument: object) -> object:
    return lend(argument) if isinstance(argument, Image.Image) else argument


class _Array(Protocol):
    """What NumPy's arrays and those of other packages have: a model returns a line for each row."""

    @property
    def shape(self) -> Sequence[int]: ...


def _is_list(made: object) -> bool:
    is_array = hasattr(made, "__array__") and bool(cast("_Array", made).shape)
    return is_array or (isinstance(made, Sequence) and not isinstance(made, str | bytes))


def result_of_call(
    made: object,
    arguments: Mapping[str, object],
    column_type: ColumnType,
    *,
    is_nullable: bool = False,
) -> object:
    """Returns a function's result; in an image column, None means its only image argument.

    Args:
        made: What the function returned.
        arguments: What it got.
        column_type: What its column holds.
        is_nullable: Whether it is annotated with `| None`: then None is null in an image column
            as it is in all others.

    Raises:
        ValueTypeError: An image column's function returned no image, and did not get exactly one.
    """
    if column_type is not ColumnType.IMAGE or (made is None and is_nullable):
        return made
    images = [a for a in arguments.values() if isinstance(a, Image.Image)]
    if made is None and len(images) == 1:
        return images[0]
    if not isinstance(made, Image.Image):
        raise ValueTypeError(made, column_type, accepted="An image of Pillow.")
    return made
