"""Dagster runs of the command line: start, summary and exit code."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import click
import dagster as dg

from media_assets.amounts import amount
from media_assets.automation import local_runs
from media_assets.automation.local_runs import RunOutcome
from media_assets.automation.uploads_scan import ScanResult
from media_assets.cli.location import Location
from media_assets.cli.output import say
from media_assets.columns import Column
from media_assets.tables.table import MediaTable
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.recording import RecordingResult


def run_partitions(
    location: Location,
    instance: dg.DagsterInstance,
    table: MediaTable,
    partitions: Sequence[str],
    columns: Sequence[Column],
    *,
    config: Mapping[str, object] | None = None,
) -> Iterator[local_runs.RunOutcome]:
    """Materializes columns of partitions in one run each, and yields the outcomes."""
    job = location.defs.resolve_implicit_global_asset_job_def()
    return local_runs.run_partitions(
        job,
        instance,
        table,
        partitions,
        columns,
        started_by=f"media-assets {click.get_current_context().info_name}",
        config=config,
        say=partial(say, err=True),
    )


def describe_counts(runs: Sequence[RunOutcome]) -> str:
    """Returns how many cells runs made, moved and reused."""
    made, reused = sum(run.made for run in runs), sum(run.reused for run in runs)
    moved = sum(run.moved for run in runs)
    of_moved = f"{moved} moved, " if moved else ""
    return f"{amount(made, 'cell')} made, {of_moved}{reused} reused"


def describe_recording(
    counts: RecordingResult | ScanResult, *, unchanged: int, left_alone: LeftAlone
) -> str:
    """Returns the counts of an insert or a scan; changed and moved files only if there are any."""
    updated = counts.updated if isinstance(counts, RecordingResult) else 0
    rare = [(counts.changed, "changed"), (counts.moved, "moved"), (updated, "updated")]
    parts = [(counts.new, "new"), (counts.replaced, "replaced"), *(p for p in rare if p[0])]
    parts.append((unchanged, "unchanged"))
    return ", ".join([*(f"{count} {what}" for count, what in parts), str(left_alone)])


def tell_failures(runs: Sequence[RunOutcome]) -> int:
    """Reports why runs failed, and returns how many did; error rows do not make a run fail.

    Call it before printing a verb's summary, so that failures are read first.
    """
    failed = [run for run in runs if not run.succeeded]
    for run in failed:
        say(f"Error: partition {run.partition} failed: {run.failure}", err=True)
    return len(failed)


def fail_if_any(failed: int) -> None:
    """Exits with 1 if runs have failed."""
    if failed:
        sys.exit(1)


def fail_if_any_unreadable(left_alone: LeftAlone) -> None:
    """Reports what could not be listed, and exits with 1 if there is anything."""
    if left_alone.faults:
        say(f"Error: {left_alone.faults}; everything else was recorded.", err=True)
        sys.exit(1)


def split_names(names: str | None) -> tuple[str, ...] | None:
    """Returns the names in a comma-separated option, or None if it was not given."""
    if names is None:
        return None
    return tuple(name.strip() for name in names.split(",") if name.strip())
