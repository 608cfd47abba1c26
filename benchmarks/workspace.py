"""Folders for what is measured: each a DAGSTER_HOME with the project's own settings."""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.processes import ROOT

_WORK = Path(__file__).parent / ".work"


@contextmanager
def workspaces() -> Generator[Callable[[], Path]]:
    """Gives a function that makes a new workspace; all of them go away after the block.

    Not one by one: for some minutes after many files were deleted, ext4 makes new ones ten times
    slower, whoever makes them.
    """
    _WORK.mkdir(exist_ok=True)
    folder = Path(mkdtemp(dir=_WORK))

    def new() -> Path:
        made = Path(mkdtemp(dir=folder))
        shutil.copy(ROOT / "dagster.yaml", made)
        return made

    try:
        yield new
    finally:
        shutil.rmtree(folder)
