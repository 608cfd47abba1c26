"""Which partitions something is about: by key, by range, or by what they lack."""

import logging
from collections.abc import Sequence

import dagster as dg

from media_assets.columns import Column
from media_assets.errors import UnknownNameError
from media_assets.io_manager import MediaIOManager
from media_assets.pipeline.plan import unreadable_digest
from media_assets.records.manifests import Manifest, newest_manifest
from media_assets.tables.step import PartitionStep, StepOptions
from media_assets.tables.table import MediaTable
from media_assets.uploads.log import UploadLog

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
    state = PartitionState(manager, table, columns, log)
    by_state = {
        "all": state.has_rows,
        "failed": state.has_errors,
        "missing": state.is_missing,
        "stale": state.is_stale,
    }
    known = log.partitions()
    if text in by_state:
        return [partition for partition in known if by_state[text](partition)]
    definition = table.partitioning.definition
    if definition is not None and not isinstance(definition, dg.DynamicPartitionsDefinition):
        known = list(definition.get_partition_keys())
    return _named(text, known, table)


class PartitionState:
    """What partitions lack in some columns."""

    def __init__(
        self,
        manager: MediaIOManager,
        table: MediaTable,
        columns: Sequence[Column],
        log: UploadLog,
    ) -> None:
        """Takes the columns in question; nothing is read yet."""
        self._manager, self._table, self._columns, self._log = manager, table, columns, log
        self._root = manager.catalog_root()

    def has_rows(self, partition: str) -> bool:
        """Whether it holds any row."""
        return bool(self._log.live_rows(partition))

    def has_errors(self, partition: str) -> bool:
        """Whether a row that it holds has an error."""
        return bool(self._error_rows(partition))

    def errors_to_retry(self, partition: str) -> set[str]:
        """Returns the rows with an error other than a source that cannot be decoded."""
        rows = self._error_rows(partition)
        if not rows:
            return rows
        ledger = self._root.ledger(self._table.name, self._table.source.name, partition)
        source = newest_manifest(ledger)
        live = self._log.live_rows(partition)
        waiting = {
            record.row
            for record in (source.errors if source else ())
            if record.row in rows and record.input_digest == unreadable_digest(live[record.row])
        }
        return rows - waiting

    def is_missing(self, partition: str) -> bool:
        """Whether cells of rows that it holds were never made."""
        live = self._log.live_rows(partition).keys()
        return any(m is None or live - m.records.keys() for m in self._manifests(partition))

    def is_stale(self, partition: str) -> bool:
        """Whether a run over it would make anything; files do not have to move."""
        if any(manifest is None for manifest in self._manifests(partition)):
            return True
        step = PartitionStep(
            self._manager,
            self._table,
            partition,
            self._columns,
            run_id="",
            options=StepOptions(moves=False),
            log=logging.getLogger(),
        )
        return step.has_work()

    def _error_rows(self, partition: str) -> set[str]:
        live = self._log.live_rows(partition).keys()
        return {
            error.row
            for manifest in self._manifests(partition)
            if manifest is not None
            for error in manifest.errors
            if error.row in live
        }

    def _manifests(self, partition: str) -> list[Manifest | None]:
        return [
            newest_manifest(self._root.ledger(self._table.name, column.name, partition))
            for column in self._columns
        ]


def _named(text: str, known: list[str], table: MediaTable) -> list[str]:
    first, is_range, last = text.partition(_RANGE)
    named = [first, last] if is_range else [key.strip() for key in text.split(",")]
    for key in named:
        if key not in known:
            where = f"of table {table.name!r}"
            raise UnknownNameError(kind="partition", name=key, known=known, where=where)
    if is_range:
        return known[known.index(first) : known.index(last) + 1]
    return [partition for partition in known if partition in named]
