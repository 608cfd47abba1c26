"""From the upload log to run requests: which partitions' runs are due now, and which wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import dagster as dg

from media_assets.io_manager import MediaIOManager
from media_assets.partitioning import UNPARTITIONED
from media_assets.records.manifests import newest_manifest
from media_assets.run_processes import STARTED_BY_TAG
from media_assets.tables.table import MediaTable
from media_assets.uploads.log import UploadLog
from media_assets.uploads.news import Position, due_partitions

MOST_REQUESTS = 50
"""Runs requested by one tick: the daemon makes each before its next tick."""

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(slots=True)
class DueRuns:
    """What is to be requested now.

    Attributes:
        requests: A request for each partition that is due.
        position: The last partition that was dealt with.
        held: Partitions whose run has to wait, and their newest entry.
    """

    position: Position
    requests: list[dg.RunRequest] = field(default_factory=list[dg.RunRequest])
    held: dict[str, int] = field(default_factory=dict[str, int])


class RunPlanner:
    """Decides which partitions of a table get a run."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        manager: MediaIOManager,
        table: MediaTable,
        log: UploadLog,
    ) -> None:
        """Takes the table, and what knows of its runs and its uploads."""
        self._instance, self._manager, self._table, self._log = instance, manager, table, log

    def plan(
        self,
        after: Position,
        held: Mapping[str, int],
        *,
        is_gathering: bool,
        has_time: Callable[[], bool],
    ) -> DueRuns:
        """Plans the runs for partitions that got uploads after a position, or were held before.

        A run's key is its partition and the newest entry in it, so requesting it again is
        harmless.

        Args:
            after: The position that the tick before came to.
            held: The partitions that it left waiting.
            is_gathering: Whether partitions that are not full wait for more uploads.
            has_time: Once it says no, the rest is left to the next tick.
        """
        due = DueRuns(after)
        fresh = due_partitions(self._log, after)
        newest = {partition: entry for entry, partition in fresh}
        waiting = [(entry, p) for p, entry in held.items() if p not in newest]
        for entry, partition in [*sorted(waiting), *fresh]:
            if len(due.requests) == MOST_REQUESTS or not has_time():
                due.held |= {p: e for e, p in waiting if (e, p) >= (entry, partition)}
                break
            due.position = max(due.position, (entry, partition))
            if self._is_running(partition) or (is_gathering and not self._is_full(partition)):
                due.held[partition] = entry
            elif not self._is_done(partition):
                due.requests.append(self._request(partition, entry))
        return due

    def _request(self, partition: str, entry: int) -> dg.RunRequest:
        source = self._table.asset_key(self._table.source.name)
        return dg.RunRequest(
            run_key=f"{partition}:{entry}",
            tags={STARTED_BY_TAG: f"{self._table.op_name}_uploads"},
            partition_key=partition if self._table.partitioning.definition else None,
            # Under declarative automation, all other columns follow by their conditions.
            asset_selection=[source] if self._table.automation else None,
        )

    def _is_running(self, partition: str) -> bool:
        """Whether a run over the partition is under way, which may have read its rows before."""
        tags = {"dagster/partition": partition} if partition != UNPARTITIONED else {}
        runs = self._instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED, tags=tags))
        keys = {self._table.asset_key(column.name) for column in self._table.columns}
        return any(
            bool(keys & run.asset_selection)
            if run.asset_selection
            else run.job_name == self._table.job_name
            for run in runs
        )

    def _is_full(self, partition: str) -> bool:
        return self._log.rows_recorded(partition) >= self._table.batch_rows

    def _is_done(self, partition: str) -> bool:
        """Whether somebody has materialized the partition's uploads already, as an insert does."""
        table, root = self._table, self._manager.catalog_root()
        manifest = newest_manifest(root.ledger(table.name, table.source.name, partition))
        if manifest is None:
            return False
        records = manifest.records
        return all(
            row in records and records[row].input_digest == upload.version
            for row, upload in self._log.live_rows(partition).items()
        )
