"""Events of assets that no step yields: their tags, from which Dagster tells what is stale."""

from collections.abc import Mapping

import dagster as dg

from media_assets import metadata
from media_assets.columns import Column, RowValue
from media_assets.partitioning import UNPARTITIONED
from media_assets.records.manifests import Manifest
from media_assets.tables.reads import keys_read
from media_assets.tables.table import MediaTable

DATA_VERSION, CODE_VERSION = "dagster/data_version", "dagster/code_version"
INPUT_VERSION, INPUT_EVENT = "dagster/input_data_version", "dagster/input_event_pointer"

_IS_GIVEN = "dagster/data_version_is_user_provided"
_NO_EVENT = "NULL"
"""What Dagster writes for an input without an event."""
_NO_VERSION = "INITIAL"
"""What it writes as the version of one."""


def version_tags(data_version: str, code_version: str) -> dict[str, str]:
    """Returns the tags of a materialization with a data version of ours."""
    return {DATA_VERSION: data_version, _IS_GIVEN: "true", CODE_VERSION: code_version}


def input_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Returns those tags of a materialization that say what it was made from."""
    return {k: v for k, v in tags.items() if k.startswith((INPUT_VERSION, INPUT_EVENT))}


def newest_event(
    instance: dg.DagsterInstance, key: dg.AssetKey, partition: str
) -> tuple[Mapping[str, str], str]:
    """Returns the tags of the latest materialization of a partition, and the event's number."""
    partitions = None if partition == UNPARTITIONED else [partition]
    chosen = dg.AssetRecordsFilter(key, asset_partitions=partitions)
    for record in instance.fetch_materializations(chosen, limit=1).records:
        event = record.asset_materialization
        return event.tags or {} if event else {}, str(record.storage_id)
    return {}, _NO_EVENT


def tags_of_inputs(
    instance: dg.DagsterInstance, table: MediaTable, column: Column | RowValue, partition: str
) -> dict[str, str]:
    """Returns the tags that say of which events of its inputs a partition of a column is made."""
    tags: dict[str, str] = {}
    reads = (key for name in column.reads for key in keys_read(table, name, by=column))
    for upstream in dict.fromkeys(reads):
        of_input, number = newest_event(instance, upstream, partition)
        name = upstream.to_user_string()
        tags[f"{INPUT_VERSION}/{name}"] = of_input.get(DATA_VERSION, _NO_VERSION)
        tags[f"{INPUT_EVENT}/{name}"] = number
    return tags


def event_of(
    instance: dg.DagsterInstance,
    table: MediaTable,
    manifest: Manifest,
    inputs: Mapping[str, str] | None = None,
) -> dg.AssetMaterialization:
    """Returns the event of a manifest that a person committed.

    It has the manifest's data version and code version, so Dagster shows the column as stale or
    fresh accordingly; what it was made from has not changed since the last event, unless the tags
    of its inputs are given.
    """
    head = manifest.header
    key = table.asset_key(head.column)
    before, _ = newest_event(instance, key, head.partition)
    note = {metadata.NOTE: head.note} if head.note else {}
    return dg.AssetMaterialization(
        key,
        description=head.run_id,
        partition=None if head.partition == UNPARTITIONED else head.partition,
        metadata={
            metadata.ROWS: len(manifest.records),
            metadata.ERRORS: len(manifest.errors),
            **note,
        },
        tags={
            **input_tags(before),
            **(inputs or {}),
            **version_tags(manifest.data_version, head.code_version),
        },
    )
