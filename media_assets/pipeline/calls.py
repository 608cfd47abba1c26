"""Calls of row functions, with one row or with a batch, and their results."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from PIL import Image

from media_assets.columns import ComputedColumn
from media_assets.errors import BatchLengthError, ValueTypeError
from media_assets.images.copy_on_write import lend
from media_assets.media_types import medium_of
from media_assets.pipeline.running_calls import RunningCalls
from media_assets.pixels.animation import Animation
from media_assets.values import ColumnType


@dataclass(frozen=True, slots=True)
class Call:
    """One row's part in a call: its walk waits until the step has made the call.

    Attributes:
        column: The column whose function is called.
        row: The row's name.
        arguments: What the function gets of this row.
        make: Calls the function in another process instead; None here.
    """

    column: ComputedColumn
    row: str
    arguments: Mapping[str, object]
    make: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """The outcome of a call for a row for which the function raised, `calls` times in all."""

    error: BaseException
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Made:
    """The outcome of a call for a row: the function's result, and its arguments."""

    value: object
    arguments: Mapping[str, object]


Outcome = Made | Raised | None
"""None starts a walk, which has not called anything yet."""


def result_of(outcome: Outcome) -> tuple[Mapping[str, object], object]:
    """Returns a function's arguments for a row and its result; raises what it raised."""
    if isinstance(outcome, Raised):
        raise outcome.error
    assert outcome is not None  # noqa: S101  only a walk that starts gets nothing
    return outcome.arguments, outcome.value


def call_function(calls: Sequence[Call], running: RunningCalls) -> list[Outcome]:
    """Calls a function once, for a row or for a batch, and returns the outcome for each row.

    It receives copies of images, so changes made before it raised do not reach the next call.

    Raises:
        BaseException: Whatever the function raised.
    """
    column, lent = calls[0].column, _lend(calls)
    if (make := calls[0].make) is not None:
        return [Made(make(), lent[0])]
    with running.time_call(column, [call.row for call in calls]):
        made = column.function(**_as_given(column, lent))
    return _outcomes(column, lent, made)


async def await_function(calls: Sequence[Call]) -> list[Outcome]:
    """Does the same with an `async def` function, on the event loop that runs this.

    Raises:
        BaseException: Whatever the function raised.
    """
    column, lent = calls[0].column, _lend(calls)
    made = await cast("Awaitable[object]", column.function(**_as_given(column, lent)))
    return _outcomes(column, lent, made)


def _lend(calls: Sequence[Call]) -> list[dict[str, object]]:
    return [{name: _lent(a) for name, a in call.arguments.items()} for call in calls]


def _as_given(column: ComputedColumn, lent: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Returns the arguments of a row, or lists of those of a batch."""
    if column.batch_size is None:
        return dict(lent[0])
    return {name: [arguments[name] for arguments in lent] for name in lent[0]}


def _outcomes(
    column: ComputedColumn, lent: Sequence[Mapping[str, object]], made: object
) -> list[Outcome]:
    if column.batch_size is None:
        return [Made(made, lent[0])]
    results = list(cast("Sequence[object]", made)) if _is_list(made) else []
    if len(results) != len(lent):
        return [Raised(BatchLengthError(column.name, made, rows=len(lent)))] * len(lent)
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
    is_animated: bool = False,
) -> object:
    """Returns a function's result; in an image column, None means its only image argument.

    Args:
        made: What the function returned.
        arguments: What it got.
        column_type: What its column holds.
        is_nullable: Whether it is annotated with `| None`: then None is null in an image column
            as it is in all others.
        is_animated: Whether the column is of animations.

    Raises:
        ValueTypeError: An image column's function returned no image, and did not get exactly one.
    """
    if not column_type.is_medium or (made is None and is_nullable):
        return made
    medium = medium_of(column_type)
    if not medium.is_decoded:
        if not medium.can_write(made):
            accepted = f"A `ma.{medium.handle}`, or the `Path` of a file."
            raise ValueTypeError(made, column_type, accepted=accepted)
        return made
    images = [a for a in arguments.values() if isinstance(a, Image.Image)]
    if made is None and len(images) == 1:
        return images[0]
    if is_animated and isinstance(made, Animation):
        return made
    if not isinstance(made, Image.Image):
        accepted = "An image of Pillow" + (", or a `ma.Animation`." if is_animated else ".")
        raise ValueTypeError(made, column_type, accepted=accepted)
    return made


def result_of_column(
    column: ComputedColumn, made: object, arguments: Mapping[str, object]
) -> object:
    """Returns the result of a column's function, as `result_of_call` does."""
    return result_of_call(
        made,
        arguments,
        column.type,
        is_nullable=column.is_nullable,
        is_animated=column.is_animated,
    )
