"""A run over several partitions, one after another, each with its own events.

Dagster applies the result of a step to every partition of its range: one data version for all, and
checks for none. So the step reports each partition in further events, which are newer and
therefore count; Dagster's own events for the range only say that it was materialized.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from media_assets import metadata
from media_assets.columns import Column, RowValue
from media_assets.metadata import ColumnOutput
from media_assets.tables.asset_events import (
    input_tags,
    newest_event,
    tags_of_inputs,
    version_tags,
)
from media_assets.tables.asset_metadata import Shown
from media_assets.tables.check_results import evaluations
from media_assets.tables.step import PartitionStep
from media_assets.tables.table import MediaTable
from media_assets.tables.tally import check_errors

Event = dg.MaterializeResult[object] | dg.AssetMaterialization | dg.AssetCheckEvaluation


@dataclass(frozen=True, slots=True)
class Made:
    """The value handed to Dagster for one column and partition: small, however long the range."""

    data_version: str
    metadata: Mapping[str, Shown | dg.MetadataValue]
    checks: Sequence[dg.AssetCheckResult]


def value_made(table: MediaTable, value: RowValue, step: PartitionStep) -> Made:
    """Returns what Dagster is told of a row value in one partition."""
    rows, data_version = step.state_of(value)
    shown = {metadata.TABLE: table.name, metadata.ROWS: dg.MetadataValue.int(rows)}
    return Made(data_version, shown, ())


@dataclass(slots=True)
class RangeRun:
    """The partitions of a range, and their results so far."""

    table: MediaTable
    columns: Sequence[Column]
    values: Sequence[RowValue]
    instance: dg.DagsterInstance
    step_of: Callable[[str], PartitionStep]
    made_of: Callable[[Column, ColumnOutput], Made]
    max_error_share: float
    _made: dict[tuple[str, str], Made] = field(default_factory=dict[tuple[str, str], Made])
    _failed: list[dg.Failure] = field(default_factory=list[dg.Failure])

    def events(self, partitions: Sequence[str]) -> Iterator[Event]:
        """Makes the partitions, then yields each column's result and its events.

        Raises:
            StoreFaultError: A destination accepts no files. Earlier partitions have their events.
            Failure: Raised at the end, if rows of a partition failed too often.
        """
        try:
            for partition in partitions:
                self._make(partition)
        except BaseException:
            for column in self._in_order():
                yield from self._events_of(column, {})
            raise
        for column in self._in_order():
            key = self.table.asset_key(column.name)
            yield dg.MaterializeResult(asset_key=key)
            yield from self._events_of(column, self._tags_of_the_range(key, partitions[0]))
        if self._failed:
            raise self._failure(len(partitions))

    def _in_order(self) -> Sequence[Column | RowValue]:
        """The columns and values, each after what it depends on: parts bring their values."""
        first = self.columns[:1] if self.table.splitting else ()
        return (*first, *self.values, *(c for c in self.columns if c not in first))

    def _make(self, partition: str) -> None:
        step = self.step_of(partition)
        outputs = list(step.run())
        for value in self.values:
            self._made[value.name, partition] = value_made(self.table, value, step)
        for column, output in zip(self.columns, outputs, strict=True):
            self._made[column.name, partition] = self.made_of(column, output)
        try:
            check_errors(outputs, step.tally, max_error_share=self.max_error_share)
        except dg.Failure as failure:
            failure.description = f"Partition {partition}: {failure.description}"
            self._failed.append(failure)

    def _events_of(self, column: Column | RowValue, inputs: Mapping[str, str]) -> Iterator[Event]:
        """Yields the events of a column's partitions; those of its inputs came before."""
        key = self.table.asset_key(column.name)
        of_column = {p: made for (name, p), made in self._made.items() if name == column.name}
        for partition, made in of_column.items():
            tags = {**inputs, **tags_of_inputs(self.instance, self.table, column, partition)}
            yield dg.AssetMaterialization(
                key,
                partition=partition,
                metadata=made.metadata,
                tags=tags | version_tags(made.data_version, column.code_version),
            )
            yield from evaluations(self.table, made.checks, partition, self.instance)

    def _tags_of_the_range(self, key: dg.AssetKey, partition: str) -> dict[str, str]:
        """The tags Dagster set for inputs; those of outside assets are true of all partitions."""
        return input_tags(newest_event(self.instance, key, partition)[0])

    def _failure(self, partitions: int) -> dg.Failure:
        first = self._failed[0].description
        return dg.Failure(
            description=f"{len(self._failed)} of {partitions} partitions failed. {first}",
            allow_retries=False,
        )
