"""Counts of a step's rows, and when they are a fault of the step as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import dagster as dg

from media_assets.errors import InputFailedError
from media_assets.masking import mask_secrets
from media_assets.metadata import ColumnOutput
from media_assets.pipeline import Result, SplitResult


@dataclass(slots=True)
class Tally:
    """Counts of a step's rows as they finish."""

    rows: int = 0
    decodes: int = 0
    seconds_by_stage: dict[str, float] = field(default_factory=dict[str, float])
    calls: dict[str, int] = field(default_factory=dict[str, int])
    raises: dict[str, int] = field(default_factory=dict[str, int])
    given: dict[str, int] = field(default_factory=dict[str, int])
    refused: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, result: Result) -> None:
        """Counts one row, or one parent of rows."""
        self.decodes += result.decodes
        for stage, seconds in result.seconds.items():
            self.seconds_by_stage[stage] = self.seconds_by_stage.get(stage, 0.0) + seconds
        if isinstance(result, SplitResult):
            return
        self.rows += 1
        for column, raised in result.raised.items():
            self.calls[column] = self.calls.get(column, 0) + 1
            self.raises[column] = self.raises.get(column, 0) + raised
        if (storage := result.source_storage) is not None:
            counts = self.refused if result.is_refused else self.given
            counts[storage] = counts.get(storage, 0) + 1

    def always_refused(self) -> list[str]:
        """Storages that refused every source requested of them: a fault of the credentials.

        A single file proves nothing about its storage.
        """
        return [s for s, refused in self.refused.items() if refused > 1 and s not in self.given]

    def always_raised(self) -> list[str]:
        """Columns whose function raised on every row it was given: a fault of the code.

        A single row proves nothing about the code.
        """
        return [c for c, calls in self.calls.items() if calls > 1 and self.raises[c] == calls]


def check_errors(outputs: Sequence[ColumnOutput], tally: Tally, *, max_error_share: float) -> None:
    """Fails a step whose rows failed too often, after everything was committed.

    Raises:
        Failure: More than `max_error_share` of a column's rows have an error, or a row function
            raised on every row it was given and none of its earlier cells was reused, or a storage
            refused every source read from it. Dagster does not retry this failure, as it would
            happen again.
    """
    worked = {o.committed.manifest.header.column for o in outputs if o.committed.reused}
    broken = [name for name in tally.always_raised() if name not in worked]
    problems = [
        f"Row function {name!r} raised on all of its {tally.calls[name]} rows." for name in broken
    ]
    problems += [
        f"{storage} refused all {tally.refused[storage]} sources that were read from it."
        for storage in tally.always_refused()
    ]
    for output in outputs:
        manifest = output.committed.manifest
        share = len(manifest.errors) / max(len(manifest.records), 1)
        if share > max_error_share:
            problems.append(
                f"{len(manifest.errors)} of {len(manifest.records)} rows of column "
                f"{manifest.header.column!r} have an error, more than "
                f"max_error_share={max_error_share}."
            )
    if not problems:
        return
    errors = [
        ((m.header.column not in broken, record.error_class == InputFailedError.__name__), record)
        for m in (output.committed.manifest for output in outputs)
        for record in m.errors
    ]
    first = ""
    if errors:
        _, error = min(errors, key=itemgetter(0))  # the first of the function's own
        first = f" First error: {error.error_class}: {mask_secrets(error.error_message or '')}"
    raise dg.Failure(
        description=" ".join(problems) + first + " All rows are committed; run "
        "`media-assets errors` to see the rest.",
        allow_retries=False,
    )
