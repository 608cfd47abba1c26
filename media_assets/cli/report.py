"""What verbs that ran Dagster say at their end, and with which exit code."""

import sys
from collections.abc import Sequence

import click

from media_assets.automation.intake import Look
from media_assets.automation.local_runs import RunOutcome
from media_assets.uploads.recording import Recorded


def counted(runs: Sequence[RunOutcome]) -> str:
    """Returns how many cells runs made, moved and reused."""
    made, reused = sum(run.made for run in runs), sum(run.reused for run in runs)
    moved = sum(run.moved for run in runs)
    return f"{made} cells made, {f'{moved} moved, ' if moved else ''}{reused} reused"


def recorded_text(counts: Recorded | Look, *, unchanged: int, left_alone: int) -> str:
    """Returns what became of the files of an insert or a scan; what only some have, where it is."""
    seldom = [(counts.changed, "changed"), (counts.moved, "moved")]
    parts = [(counts.new, "new"), (counts.replaced, "replaced"), *(p for p in seldom if p[0])]
    parts += [(unchanged, "unchanged"), (left_alone, "left alone")]
    return ", ".join(f"{count} {what}" for count, what in parts)


def fail_if_any_failed(runs: Sequence[RunOutcome]) -> None:
    """Exits with 1 when a run failed, and says why; error rows alone are no failure."""
    failed = [run for run in runs if not run.succeeded]
    for run in failed:
        click.echo(f"Error: partition {run.partition} failed: {run.failure}", err=True)
    if failed:
        sys.exit(1)


def split_names(names: str | None) -> tuple[str, ...] | None:
    """Returns the names of a comma-separated option; None when it was not given."""
    if names is None:
        return None
    return tuple(name.strip() for name in names.split(",") if name.strip())
