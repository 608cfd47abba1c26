"""The progress of a run: a bar on a terminal or in a notebook, otherwise plain lines."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from time import monotonic
from typing import Any

from media_assets.amounts import amount
from media_assets.interactive import is_notebook
from media_assets.masking import make_printable
from media_assets.progress import Progress, listening
from media_assets.standard_error import tell

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def show_progress() -> Generator[None]:
    """Shows the progress of all runs of the block, on standard error or below a notebook's cell."""
    shown = _cell if is_notebook() else _bar if sys.stderr.isatty() else _lines
    with shown():
        yield


@contextmanager
def _cell() -> Generator[None]:
    """Shows a bar in a cell's output, and removes it at the end."""
    display: Any = import_module("IPython.display").display  # a notebook has it
    handle: Any = None

    def show(progress: Progress) -> None:
        nonlocal handle
        text = str(progress)
        known = f' max="{progress.total}" value="{progress.done}"' if progress.total else ""
        bar = f"<progress{known}></progress> {escape(text)}"
        data = {"text/plain": text, "text/html": bar}
        if handle is None:
            handle = display(data, raw=True, display_id=True)
        else:
            handle.update(data, raw=True)

    try:
        with listening(show):
            yield
    finally:
        if handle is not None:
            handle.update({"text/plain": "", "text/html": ""}, raw=True)


@contextmanager
def _bar() -> Generator[None]:
    from rich.console import Console  # noqa: PLC0415  slow to import
    from rich.progress import (  # noqa: PLC0415  slow to import
        BarColumn,
        MofNCompleteColumn,
        Progress as Bar,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

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
            tell(str(progress))

    with listening(show):
        yield
