"""Folders for measured jobs: each a DAGSTER_HOME with the project's own settings."""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.processes import ROOT

_WORK = Path(__file__).parent / ".work"


@contextmanager
def workspaces() -> Generator[Callable[[], Path]]:
    """Yields a function that makes a new workspace; all are deleted after the block.

    They are deleted together because for some minutes after many deletions ext4 creates files ten
    times slower, in any process.
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
