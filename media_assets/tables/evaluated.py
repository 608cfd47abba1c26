"""Stale cells as last evaluated by `up_to_date`, for readers that do not load the code."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import dagster as dg

from media_assets import metadata
from media_assets.partitioning import UNPARTITIONED
from media_assets.tables.checks import UP_TO_DATE
from media_assets.tables.staleness import StaleColumn

NAMED_ROWS = 1_000
"""How many stale rows an evaluation names per reason: Dagster stores every event twice."""

_AT_ONCE = 200
"""Evaluations read at a time."""


def stale_rows(stale: StaleColumn) -> dict[str, dg.MetadataValue]:
    """Returns the stale rows by reason under their metadata key, if there are any.

    An edited function makes all rows stale; null stands for their names then. For other reasons,
    up to a thousand rows are named.
    """
    named = {
        reason.value: None if len(rows) == stale.rows else rows[:NAMED_ROWS]
        for reason, rows in stale.stale.items()
        if not reason.is_error
    }
    return {metadata.STALE_ROWS: dg.MetadataValue.json(named)} if named else {}


def last_evaluations(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partitions: Iterable[str]
) -> Iterator[tuple[str, Mapping[str, list[str] | None]]]:
    """Yields each partition with the stale rows by reason that its last evaluation found.

    Args:
        instance: Where the evaluations are recorded.
        asset_key: The column's asset.
        partitions: The partitions to look up; those never evaluated are skipped.

    Yields:
        The partition, and the stale rows by reason; None instead of names means all its rows.
    """
    waiting, cursor = set(partitions), None
    key = dg.AssetCheckKey(asset_key, UP_TO_DATE)
    while waiting:
        records = instance.event_log_storage.get_asset_check_execution_history(
            key, limit=_AT_ONCE, cursor=cursor
        )
        for record in records:
            event = record.event.dagster_event if record.event else None
            if event is None or event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                continue
            evaluation = event.asset_check_evaluation_data
            partition = evaluation.partition or UNPARTITIONED
            if partition in waiting:
                waiting.discard(partition)
                found = evaluation.metadata.get(metadata.STALE_ROWS)
                yield (
                    partition,
                    cast("Mapping[str, list[str] | None]", found.value if found else {}),
                )
        if len(records) < _AT_ONCE:
            return
        cursor = records[-1].id
