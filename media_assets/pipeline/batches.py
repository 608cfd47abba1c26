"""Row functions that get many rows at once: lists in, a list out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from media_assets.columns import ComputedColumn
from media_assets.errors import BatchLengthError


@dataclass(frozen=True, slots=True)
class BatchCall:
    """One row's part in a call: its walk stands still until the batch was called."""

    column: ComputedColumn
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Raised:
    """What a call came to for a row for which the function raised."""

    error: Exception


Outcome = object | Raised


def result_of(outcome: Outcome) -> object:
    """Returns what a batch function made of a row, or raises what it raised."""
    if isinstance(outcome, Raised):
        raise outcome.error
    return outcome


def call_batch(calls: Sequence[BatchCall]) -> list[Outcome]:
    """Calls a batch function once, and returns what it made of each row.

    Where it raises, it is called again row by row, so that a bad row fails alone.
    """
    column = calls[0].column
    arguments = {name: [call.arguments[name] for call in calls] for name in column.inputs}
    try:
        made = column.function(**arguments)
    except Exception as error:  # noqa: BLE001  whatever a user's function raises is its rows' record
        if len(calls) == 1:
            return [Raised(error)]
        return [outcome for call in calls for outcome in call_batch([call])]
    results = list(cast("Sequence[object]", made)) if _is_list(made) else []
    if len(results) != len(calls):
        return [Raised(BatchLengthError(column.name, made, rows=len(calls)))] * len(calls)
    return results


def _is_list(made: object) -> bool:
    return isinstance(made, Sequence) and not isinstance(made, str | bytes)
