"""Dagster runs of the command line: caller, failures and exit code."""

import sys
from collections.abc import Callable, Sequence

import click

from media_assets.automation.local_runs import RunOutcome
from media_assets.standard_error import tell
from media_assets.uploads.left_alone import LeftAlone
from media_assets.verbs.runs import Caller


def caller(ended: Callable[[RunOutcome], None] = lambda _: None) -> Caller:
    """Returns the command line as the caller of a verb."""
    name = f"media-assets {click.get_current_context().info_name}"
    return Caller(name, tell, ended)


def tell_failures(runs: Sequence[RunOutcome]) -> int:
    """Reports why runs failed, and returns how many did; error rows do not make a run fail.

    Call it before printing a verb's summary, so that failures are read first.
    """
    failed = [run for run in runs if not run.succeeded]
    for run in failed:
        tell(f"Error: partition {run.partition} failed: {run.failure}")
    return len(failed)


def fail_if_any(failed: int) -> None:
    """Exits with 1 if runs have failed."""
    if failed:
        sys.exit(1)


def fail_if_any_unreadable(left_alone: LeftAlone) -> None:
    """Reports what could not be listed, and exits with 1 if there is anything."""
    if left_alone.faults:
        tell(f"Error: {left_alone.faults}; everything else was recorded.")
        sys.exit(1)
