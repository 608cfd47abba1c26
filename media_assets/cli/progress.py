"""The progress of a run: a bar on a terminal, otherwise plain lines."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from media_assets.amounts import amount
from media_assets.cli.output import say
from media_assets.masking import make_printable
from media_assets.progress import Progress, listening

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def show_progress() -> Generator[None]:
    """Shows the progress of all runs of the block, on standard error."""
    with _bar() if sys.stderr.isatty() else _lines():
        yield


@contextmanager
def _bar() -> Generator[None]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:

        def show(progress: Progress) -> None:
            speed = f"{progress.rows_per_second:.1f} rows/s, {amount(progress.errors, 'error')}"
            if progress.partition not in tasks:
                tasks[progress.partition] = bar.add_task(
                    make_printable(progress.partition), speed=speed
                )
            bar.update(
                tasks[progress.partition],
                total=progress.total,
                completed=progress.done,
                speed=speed,
            )

        with listening(show):
            yield


@contextmanager
def _lines() -> Generator[None]:
    printed_at = monotonic()

    def show(progress: Progress) -> None:
        nonlocal printed_at
        if monotonic() - printed_at >= _SECONDS_BETWEEN_LINES:
            printed_at = monotonic()
            say(str(progress), err=True)

    with listening(show):
        yield
