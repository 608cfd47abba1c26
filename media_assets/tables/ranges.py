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
from media_assets.tables.asset_metadata import Shown
from media_assets.tables.check_results import evaluation
from media_assets.tables.step import PartitionStep, check_errors
from media_assets.tables.table import MediaTable

_VERSION, _IS_GIVEN = "dagster/data_version", "dagster/data_version_is_user_provided"
_INPUT_VERSION, _INPUT_EVENT = "dagster/input_data_version", "dagster/input_event_pointer"
_NO_VERSION, _NO_EVENT = "INITIAL", "NULL"
"""What Dagster writes for an input without an event."""

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
            tags = dict(inputs)
            reads = (k for n in column.reads for k in self.table.keys_read(n, by=column))
            for upstream in dict.fromkeys(reads):
                of_input, number = self._newest(upstream, partition)
                name = upstream.to_user_string()
                tags[f"{_INPUT_VERSION}/{name}"] = of_input.get(_VERSION, _NO_VERSION)
                tags[f"{_INPUT_EVENT}/{name}"] = number
            yield dg.AssetMaterialization(
                key,
                partition=partition,
                metadata=made.metadata,
                tags=tags
                | {
                    _VERSION: made.data_version,
                    _IS_GIVEN: "true",
                    "dagster/code_version": column.code_version,
                },
            )
            for check in made.checks:
                yield evaluation(self.table, check, partition, self.instance)

    def _tags_of_the_range(self, key: dg.AssetKey, partition: str) -> dict[str, str]:
        """The tags Dagster set for inputs; those of outside assets are true of all partitions."""
        tags, _ = self._newest(key, partition)
        return {k: v for k, v in tags.items() if k.startswith((_INPUT_VERSION, _INPUT_EVENT))}

    def _newest(self, key: dg.AssetKey, partition: str) -> tuple[Mapping[str, str], str]:
        """The tags of the latest event of a column's partition, and the event's number."""
        chosen = dg.AssetRecordsFilter(key, asset_partitions=[partition])
        for record in self.instance.fetch_materializations(chosen, limit=1).records:
            event = record.asset_materialization
            return event.tags or {} if event else {}, str(record.storage_id)
        return {}, _NO_EVENT

    def _failure(self, partitions: int) -> dg.Failure:
        first = self._failed[0].description
        return dg.Failure(
            description=f"{len(self._failed)} of {partitions} partitions failed. {first}",
            allow_retries=False,
        )
