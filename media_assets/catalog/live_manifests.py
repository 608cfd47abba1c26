"""The current manifests of one column, with the rows that are live."""

from collections.abc import Sequence
from dataclasses import replace

from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.records.manifests import Header, Manifest
from media_assets.row_value import RowValue, read_declared
from media_assets.uploads.row_cells import value_records
from media_assets.uploads.stored_table import StoredTable


def live_manifests(
    table: StoredTable, column: str, partitions: Sequence[str] | None = None
) -> list[Manifest]:
    """Reads the current manifest of a column in each of these partitions, if it has one, or in all.

    Rows that have since left a partition (replaced in a newer one, or deleted) are left out.
    """
    if partitions is None:
        recorded = table.log.partitions()
        partitions = recorded or CatalogFiles(table.root).partitions(table.name, column)
    if value := read_declared(table.log.value_types()).get(column):
        return [_value_manifest(table, value, partition) for partition in partitions]
    found = (table.manifest(column, partition) for partition in partitions)
    return [replace(one, records=table.still_live(one)) for one in found if one is not None]


def _value_manifest(table: StoredTable, value: RowValue, partition: str) -> Manifest:
    """Returns the cells of a row value as a manifest would have them."""
    header = Header(table.name, value.name, partition, value.type, value.code_version, "")
    records = {
        row: value_records({value.name: value}, upload)[value.name]
        for row, upload in table.live_rows(partition).items()
    }
    return Manifest(header, records)
