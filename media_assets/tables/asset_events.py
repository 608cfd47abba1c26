"""Events of assets that no step yields: their tags, from which Dagster tells what is stale."""

from collections.abc import Collection, Mapping

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
_ASKED = 1_000
"""Events asked for at once; Dagster refuses too many."""
_MATERIALIZATION = dg.DagsterEventType.ASSET_MATERIALIZATION


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
    return newest_events(instance, key, [partition])[partition]


def newest_events(
    instance: dg.DagsterInstance, key: dg.AssetKey, partitions: Collection[str]
) -> dict[str, tuple[Mapping[str, str], str]]:
    """Returns the same of several partitions, in two queries for a thousand of them."""
    found: dict[str, tuple[Mapping[str, str], str]] = dict.fromkeys(partitions, ({}, _NO_EVENT))
    named = sorted(set(partitions) - {UNPARTITIONED})
    filters = [dg.AssetRecordsFilter(key)] if UNPARTITIONED in found else []
    for lot in (set(named[n : n + _ASKED]) for n in range(0, len(named), _ASKED)):
        numbers = instance.get_latest_storage_id_by_partition(key, _MATERIALIZATION, lot)
        newest = dg.AssetRecordsFilter(key, storage_ids=[*numbers.values()])
        filters += [newest] if numbers else []
    for chosen in filters:
        limit = len(chosen.storage_ids or [None])
        for record in instance.fetch_materializations(chosen, limit=limit).records:
            event = record.asset_materialization
            tags = event.tags or {} if event else {}
            found[record.partition_key or UNPARTITIONED] = tags, str(record.storage_id)
    return found


def tags_of_inputs(
    instance: dg.DagsterInstance, table: MediaTable, column: Column | RowValue, partition: str
) -> dict[str, str]:
    """Returns the tags that say of which events of its inputs a partition of a column is made."""
    return tags_of_all_inputs(instance, table, column, [partition])[partition]


def tags_of_all_inputs(
    instance: dg.DagsterInstance,
    table: MediaTable,
    column: Column | RowValue,
    partitions: Collection[str],
) -> dict[str, dict[str, str]]:
    """Returns the same of several partitions, in two queries for each input."""
    tags: dict[str, dict[str, str]] = {partition: {} for partition in partitions}
    reads = (key for name in column.reads for key in keys_read(table, name, by=column))
    for upstream in dict.fromkeys(reads):
        name = upstream.to_user_string()
        for partition, (of_input, number) in newest_events(instance, upstream, partitions).items():
            tags[partition][f"{INPUT_VERSION}/{name}"] = of_input.get(DATA_VERSION, _NO_VERSION)
            tags[partition][f"{INPUT_EVENT}/{name}"] = number
    return tags


def event_of(
    table: MediaTable, manifest: Manifest, made_from: Mapping[str, str]
) -> dg.AssetMaterialization:
    """Returns the event of a manifest that a person committed.

    It has the manifest's data version and code version, so Dagster shows the column as stale or
    fresh accordingly.

    Args:
        table: The table.
        manifest: The manifest.
        made_from: The tags that say what it was made from; those of an earlier event, if that has
            not changed since.
    """
    head = manifest.header
    key = table.asset_key(head.column)
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
            **input_tags(made_from),
            **version_tags(manifest.data_version, head.code_version),
        },
    )
