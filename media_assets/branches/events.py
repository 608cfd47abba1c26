"""The events of a shipment on main's Dagster instance, by which it shows what is fresh."""

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
    newest_event,
    tags_of_inputs,
    version_tags,
)
from media_assets.tables.table import MediaTable
from media_assets.uploads.row_cells import state_of_value
from media_assets.uploads.stored_table import StoredTable


def tell_cells(
    instance: dg.DagsterInstance, table: MediaTable, column: Column, manifest: Manifest
) -> None:
    """Reports a manifest that a shipment committed, unless that was done.

    Call it for a column after those that it reads.
    """
    head = manifest.header
    inputs = tags_of_inputs(instance, table, column, head.partition)
    told, _ = newest_event(instance, table.asset_key(column.name), head.partition)
    wanted = {DATA_VERSION: manifest.data_version, CODE_VERSION: head.code_version}
    wanted |= {tag: text for tag, text in inputs.items() if tag.startswith(INPUT_VERSION)}
    if any(told.get(tag) != text for tag, text in wanted.items()):
        instance.report_runless_asset_event(event_of(instance, table, manifest, inputs))


def tell_values(
    instance: dg.DagsterInstance, table: MediaTable, stored: StoredTable, partition: str
) -> None:
    """Reports the row values of a partition whose rows a shipment changed, unless that was done."""
    rows = stored.live_rows(partition)
    for value in table.values.values():
        count, data_version = state_of_value(value, rows)
        key = table.asset_key(value.name)
        if newest_event(instance, key, partition)[0].get(DATA_VERSION) == data_version:
            continue
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                key,
                partition=None if partition == UNPARTITIONED else partition,
                metadata={metadata.TABLE: table.name, metadata.ROWS: dg.MetadataValue.int(count)},
                tags=version_tags(data_version, value.code_version),
            )
        )
