"""The events of a shipment on main's Dagster instance, by which it shows what is fresh."""

from collections.abc import Mapping, Sequence
from itertools import product

import dagster as dg

from media_assets import metadata
from media_assets.columns import Column
from media_assets.partitioning import UNPARTITIONED
from media_assets.records.manifests import Manifest
from media_assets.tables.asset_events import (
    CODE_VERSION,
    DATA_VERSION,
    INPUT_VERSION,
    event_of,
    newest_events,
    tags_of_all_inputs,
    version_tags,
)
from media_assets.tables.table import MediaTable
from media_assets.uploads.row_cells import state_of_value
from media_assets.uploads.stored_table import StoredTable


def tell_cells(
    instance: dg.DagsterInstance,
    table: MediaTable,
    column: Column,
    manifests: Mapping[str, Manifest],
) -> None:
    """Reports manifests of a column that a shipment committed, unless that was done.

    Call it for a column after those that it reads.

    Args:
        instance: Main's Dagster instance.
        table: The table.
        column: The column.
        manifests: Its newest manifests by partition; Dagster is asked of all of them at once.
    """
    inputs = tags_of_all_inputs(instance, table, column, manifests)
    told = newest_events(instance, table.asset_key(column.name), manifests)
    for partition, manifest in manifests.items():
        wanted = {DATA_VERSION: manifest.data_version, CODE_VERSION: manifest.header.code_version}
        of_inputs, (before, _) = inputs[partition], told[partition]
        wanted |= {tag: text for tag, text in of_inputs.items() if tag.startswith(INPUT_VERSION)}
        if any(before.get(tag) != text for tag, text in wanted.items()):
            event = event_of(table, manifest, {**before, **of_inputs})
            instance.report_runless_asset_event(event)


def tell_values(
    instance: dg.DagsterInstance, table: MediaTable, stored: StoredTable, partitions: Sequence[str]
) -> None:
    """Reports the row values of partitions whose rows a shipment changed, unless that was done."""
    keys = {name: table.asset_key(name) for name in table.values}
    told = {name: newest_events(instance, key, partitions) for name, key in keys.items()}
    rows = {partition: stored.live_rows(partition) for partition in partitions if keys}
    for partition, value in product(rows, table.values.values()):
        count, data_version = state_of_value(value, rows[partition])
        key, (before, _) = keys[value.name], told[value.name][partition]
        if before.get(DATA_VERSION) == data_version:
            continue
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                key,
                partition=None if partition == UNPARTITIONED else partition,
                metadata={metadata.TABLE: table.name, metadata.ROWS: dg.MetadataValue.int(count)},
                tags=version_tags(data_version, value.code_version),
            )
        )
