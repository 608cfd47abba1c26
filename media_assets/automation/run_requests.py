"""Run requests from the upload log: partitions that are due, and those that wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import dagster as dg

from media_assets.automation.local_runs import IN_PLACE, step_config
from media_assets.file_keys import partition_prefix
from media_assets.partitioning import UNPARTITIONED
from media_assets.pipeline.reuse import address_now, is_unreadable
from media_assets.records.manifests import Record
from media_assets.run_processes import STARTED_BY_TAG
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.staleness import Reason as StaleReason, stale_columns
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.uploads.changes import is_made_from
from media_assets.uploads.log import UploadLog
from media_assets.uploads.parts import unsplit_parents
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

Position = tuple[int, str]
"""A position in the list of partitions ordered by their newest entry: that entry and the key."""

MOST_REQUESTS = 50
"""The most runs that one tick requests; the daemon creates them all before the next tick."""

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(slots=True)
class DueRuns:
    """The runs to request now.

    Attributes:
        requests: A request for each partition that is due.
        position: The last partition that was handled.
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
        table: MediaTable,
        stored: StoredTable,
    ) -> None:
        self._instance, self._table, self._stored = instance, table, stored

    def plan(
        self,
        after: Position,
        held: Mapping[str, int],
        *,
        is_gathering: bool,
        has_time: Callable[[], bool],
    ) -> DueRuns:
        """Returns the runs for partitions with uploads after a position, and for those held before.

        A run's key is its partition and the newest entry in it, so requesting it again is
        harmless.

        Args:
            after: The position that the last tick reached.
            held: The partitions that the last tick left waiting.
            is_gathering: Whether partitions that are not full wait for more uploads.
            has_time: Once this returns False, the rest is left to the next tick.
        """
        due = DueRuns(after)
        fresh = due_partitions(self._stored.log, after)
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
        uploaded = [
            self._table.asset_key(n) for n in (self._table.source.name, *self._table.values)
        ]
        follow = bool(self._table.automation)
        made = (self._table,) if follow else (self._table, *self._table.all_derived)
        return dg.RunRequest(
            run_key=f"{partition}:{entry}",
            tags={STARTED_BY_TAG: f"{self._table.op_name}_uploads"},
            partition_key=partition if self._table.partitioning.definition else None,
            # Under declarative automation, all other columns follow by their conditions.
            asset_selection=uploaded if follow else None,
            run_config=step_config(made, IN_PLACE),
        )

    def _is_running(self, partition: str) -> bool:
        """Whether the partition has an unfinished run, which may not have read its new rows."""
        tags = {"dagster/partition": partition} if partition != UNPARTITIONED else {}
        runs = self._instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED, tags=tags))
        keys = {self._table.asset_key(name) for name in self._table.asset_names}
        return any(
            bool(keys & run.asset_selection)
            if run.asset_selection
            else run.job_name == self._table.job_name
            for run in runs
        )

    def _is_full(self, partition: str) -> bool:
        return self._stored.log.rows_recorded(partition) >= self._table.rows_per_partition

    def _is_done(self, partition: str) -> bool:
        """Whether the partition's uploads are already materialized, for example by an insert."""
        source = self._table.source.name
        manifest = self._stored.manifest(source, partition)
        if manifest is None:
            return False
        records = manifest.records
        kept = partition_prefix(self._table.name, source, partition)
        return all(
            row in records and self._shows(records[row], upload, kept_below=kept)
            for row, upload in self._stored.live_rows(partition).items()
        ) and not (self._waits_for_values(partition) or self._waits_for_parts(partition))

    def _waits_for_parts(self, partition: str) -> bool:
        """Whether rows of the partition are still to be split; not under declarative automation."""
        if self._table.automation:
            return False
        root = self._stored.root
        derived = (stored_table(root, table) for table in self._table.all_derived)
        return any(unsplit_parents(table, partition) for table in derived)

    def _shows(self, record: Record, upload: Upload, *, kept_below: str) -> bool:
        """Whether a source cell shows an upload at its address, or its error."""
        if record.error_class is not None:
            table = self._table
            return is_unreadable(
                record, upload, table.source.type, keeps_truncated=table.keeps_truncated
            )
        address = address_now(record, upload, kept_below=kept_below)
        return is_made_from(record, upload) and record.fileurl == address

    def _waits_for_values(self, partition: str) -> bool:
        """Whether cells must be made again because rows of the partition have other values."""
        readers = [column for column in self._table.computed_columns if column.row_values]
        if not readers:
            return False
        versions = AssetVersions(lambda: self._instance)
        found = stale_columns(self._table, self._stored, versions, partition, readers)
        return any(column.stale.get(StaleReason.INPUTS) for column in found)


def due_partitions(log: UploadLog, after: Position) -> list[Position]:
    """Returns the partitions with uploads after a position, in the order of their entries.

    Rows that changed in place count, because their address may differ.
    """
    query = """
        select entry, partition from (
            select max(entry) as entry, partition from log where action in ('upload', 'change')
            group by partition
        ) where (entry, partition) > ($1, $2) order by entry, partition
    """
    return [(entry, partition) for entry, partition in log.query(query, list(after))]
