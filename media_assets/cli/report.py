"""What verbs that ran Dagster say at their end, and with which exit code."""

import sys
from collections.abc import Sequence

import click

from media_assets.automation.local_runs import RunOutcome
from media_assets.uploads.left_alone import LeftAlone


def fail_if_any_failed(runs: Sequence[RunOutcome]) -> None:
    """Exits with 1 when a run failed, and says why; error rows alone are no failure."""
    failed = [run for run in runs if not run.succeeded]
    for run in failed:
        click.echo(f"Error: partition {run.partition} failed: {run.failure}", err=True)
    if failed:
        sys.exit(1)


def fail_if_any_unreadable(left_alone: LeftAlone) -> None:
    """Exits with 1 when something could not be looked at, and names it; the rest was recorded."""
    if left_alone.faults:
        click.echo(f"Error: {left_alone.faults}; the rest was recorded.", err=True)
        sys.exit(1)


def split_names(names: str | None) -> tuple[str, ...] | None:
    """Returns the names of a comma-separated option; None when it was not given."""
    if names is None:
        return None
    return tuple(name.strip() for name in names.split(",") if name.strip())
