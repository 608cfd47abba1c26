"""What verbs that ran Dagster say at their end, and with which exit code."""

import sys
from collections.abc import Sequence

import click

from media_assets.automation.local_runs import RunOutcome


def tell_failures(runs: Sequence[RunOutcome]) -> int:
    """Says why runs failed, and returns how many did; error rows alone are no failure.

    It comes before a verb's summary: whoever reads one line alone reads that first.
    """
    failed = [run for run in runs if not run.succeeded]
    for run in failed:
        click.echo(f"Error: partition {run.partition} failed: {run.failure}", err=True)
    return len(failed)


def fail_if_any(failed: int) -> None:
    """Exits with 1 when runs have failed."""
    if failed:
        sys.exit(1)


def split_names(names: str | None) -> tuple[str, ...] | None:
    """Returns the names of a comma-separated option; None when it was not given."""
    if names is None:
        return None
    return tuple(name.strip() for name in names.split(",") if name.strip())
