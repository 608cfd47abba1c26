"""Which partitions a verb is about: by key, by range, or by what they lack."""

import logging
from collections.abc import Callable, Sequence

import dagster as dg

from media_assets.columns import Column
from media_assets.errors import UnknownNameError
from media_assets.io_manager import MediaIOManager
from media_assets.manifests import Manifest, newest_manifest
from media_assets.step import PartitionStep
from media_assets.table import MediaTable
from media_assets.upload_log import UploadLog

_RANGE = "..."


def select_partitions(
    text: str,
    manager: MediaIOManager,
    table: MediaTable,
    columns: Sequence[Column],
    log: UploadLog,
) -> list[str]:
    """Returns the partitions that `--partitions` names, oldest first.

    Raises:
        UnknownNameError: A key is none of the table's; the text lists the known ones.
    """
    root, known = manager.catalog_root(), log.partitions()

    def manifests(partition: str) -> list[Manifest | None]:
        return [newest_manifest(root.ledger(table.name, c.name, partition)) for c in columns]

    def has_failed(partition: str) -> bool:
        return any(manifest and manifest.errors for manifest in manifests(partition))

    def is_missing(partition: str) -> bool:
        live = log.live_rows(partition).keys()
        return any(m is None or live - m.records.keys() for m in manifests(partition))

    def is_stale(partition: str) -> bool:
        if any(manifest is None for manifest in manifests(partition)):
            return True
        step = PartitionStep(
            manager, table, partition, columns, run_id="", force=False, log=logging.getLogger()
        )
        return step.has_work()

    by_state: dict[str, Callable[[str], bool]] = {
        "all": lambda partition: bool(log.live_rows(partition)),
        "failed": has_failed,
        "missing": is_missing,
        "stale": is_stale,
    }
    if text in by_state:
        return [partition for partition in known if by_state[text](partition)]
    definition = table.partitioning.definition
    if definition is not None and not isinstance(definition, dg.DynamicPartitionsDefinition):
        known = list(definition.get_partition_keys())
    first, is_range, last = text.partition(_RANGE)
    named = [first, last] if is_range else [key.strip() for key in text.split(",")]
    for key in named:
        if key not in known:
            raise UnknownNameError("partition", key, known=known, where=f"of table {table.name!r}")
    if is_range:
        return known[known.index(first) : known.index(last) + 1]
    return [partition for partition in known if partition in named]
