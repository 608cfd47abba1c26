"""The latest data versions of the assets whose values row functions take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import dagster as dg

from media_assets.columns import Column, ComputedColumn

_DATA_VERSION = "dagster/data_version"
_NEVER = "none"


@dataclass(frozen=True, slots=True)
class AssetVersion:
    """The version in Dagster's latest event of an asset.

    Attributes:
        text: The data version; for an event without one, the event's number.
        partition: Its partition; None for an asset without partitions.
    """

    text: str
    partition: str | None


class AssetVersions:
    """The latest data versions of assets, each read from the Dagster instance once."""

    def __init__(self, instance: Callable[[], dg.DagsterInstance]) -> None:
        self._open = instance
        self._found: dict[tuple[dg.AssetKey, str], AssetVersion | None] = {}

    @cached_property
    def _instance(self) -> dg.DagsterInstance:
        return self._open()

    def newest(self, key: dg.AssetKey, partition: str) -> AssetVersion | None:
        """Returns the latest version of an asset; None if it was never materialized.

        Args:
            key: The asset.
            partition: The partition to look up, if the asset has partitions.
        """
        if (key, partition) not in self._found:
            self._found[key, partition] = _newest(self._instance, key, partition)
        return self._found[key, partition]

    def known_to(self, columns: Sequence[Column], partition: str) -> list[Column]:
        """Returns the columns with the versions of the assets they take; others unchanged."""
        return [self._known_to(column, partition) for column in columns]

    def _known_to(self, column: Column, partition: str) -> Column:
        if not isinstance(column, ComputedColumn) or not column.ins:
            return column
        versions: dict[str, str] = {}
        for name, value in column.ins.items():
            newest = self.newest(value.key, partition)
            versions[name] = f"{value.key.to_user_string()} {newest.text if newest else _NEVER}"
        return replace(column, versions=versions)


def _newest(instance: dg.DagsterInstance, key: dg.AssetKey, partition: str) -> AssetVersion | None:
    """Materializations take precedence: observations are of assets that others make."""
    for fetch in (instance.fetch_materializations, instance.fetch_observations):
        records = fetch(dg.AssetRecordsFilter(key), limit=1).records
        if records and records[0].partition_key is not None:
            chosen = dg.AssetRecordsFilter(key, asset_partitions=[partition])
            records = fetch(chosen, limit=1).records
        for record in records:
            event = record.asset_materialization or record.asset_observation
            tags = (event.tags or {}) if event else {}
            text = tags.get(_DATA_VERSION, f"event {record.storage_id}")
            return AssetVersion(text, record.partition_key)
    return None
