"""Dagster runs of verbs: their start, their failures, and their counts in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from media_assets.amounts import describe_made
from media_assets.automation import local_runs
from media_assets.automation.local_runs import RunOutcome
from media_assets.automation.uploads_scan import ScanResult
from media_assets.columns import Column
from media_assets.errors import RunFailedError
from media_assets.run_processes import BRANCH_TAG, STARTED_BY_TAG
from media_assets.tables.table import MediaTable
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.recording import RecordingResult
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.location import Location, open_instance


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a verb.

    Attributes:
        name: Its name, recorded in a tag of each run.
        tell: Called with a line when a run has to wait.
        ended: Called with the outcome of each run when it has ended.
    """

    name: str
    tell: Callable[[str], None]
    ended: Callable[[RunOutcome], None] = lambda _: None


def run_partitions(
    location: Location,
    table: MediaTable,
    partitions: Sequence[str],
    columns: Sequence[Column],
    stored: StoredTable,
    caller: Caller,
    *,
    config: Mapping[str, object],
    adds: Callable[[dg.DagsterInstance], Sequence[str]] | None = None,
) -> tuple[RunOutcome, ...]:
    """Materializes columns of partitions in one run each, and returns the outcomes.

    The Dagster instance is opened only if there may be a partition.

    Args:
        location: The definitions of the table.
        table: The table.
        partitions: The partitions, in this order.
        columns: The columns.
        stored: The table in the catalog; its partitions are registered with Dagster first.
        caller: The caller.
        config: Run config of the table's step.
        adds: Returns further partitions, for the instance.
    """
    if not partitions and adds is None:
        return ()
    branch = location.installation.catalog.branch
    with open_instance() as instance:
        local_runs.register_partitions(instance, table, stored)
        chosen = list(dict.fromkeys([*partitions, *(adds(instance) if adds else ())]))
        runs: list[RunOutcome] = []
        for run in local_runs.run_partitions(
            location.defs.resolve_implicit_global_asset_job_def(),
            instance,
            table,
            chosen,
            columns,
            tags={STARTED_BY_TAG: caller.name, **({BRANCH_TAG: branch} if branch else {})},
            config=config,
            say=caller.tell,
        ):
            runs.append(run)
            caller.ended(run)
    return tuple(runs)


def raise_if_failed(table: str, runs: Sequence[RunOutcome]) -> None:
    """Raises an error if runs have failed; error rows do not make a run fail.

    Raises:
        RunFailedError: A run failed.
    """
    failures = {run.partition: run.failure for run in runs if not run.succeeded}
    if failures:
        raise RunFailedError(table, failures, runs=len(runs))


def describe_counts(runs: Sequence[RunOutcome], *, reused: int = 0) -> str:
    """Returns how many cells runs made, moved and reused, besides those reused without a run."""
    made, reused = sum(run.made for run in runs), reused + sum(run.reused for run in runs)
    moved = sum(run.moved for run in runs)
    of_moved = f"{moved} moved, " if moved else ""
    told = describe_made(made, sum(run.equal for run in runs), of="cell")
    return f"{told}, {of_moved}{reused} reused"


def describe_recording(
    counts: RecordingResult | ScanResult, *, unchanged: int, left_alone: LeftAlone
) -> str:
    """Returns the counts of an insert or a scan; changed and moved files only if there are any."""
    updated = counts.updated if isinstance(counts, RecordingResult) else 0
    rare = [(counts.changed, "changed"), (counts.moved, "moved"), (updated, "updated")]
    parts = [(counts.new, "new"), (counts.replaced, "replaced"), *(p for p in rare if p[0])]
    parts.append((unchanged, "unchanged"))
    return ", ".join([*(f"{count} {what}" for count, what in parts), str(left_alone)])
