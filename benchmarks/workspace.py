"""A DAGSTER_HOME of one measurement: the project's own settings, and nothing in it yet."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.processes import ROOT

_WORK = Path(__file__).parent / ".work"


@contextmanager
def workspace() -> Generator[Path]:
    """Gives a new folder that holds the project's dagster.yaml, and goes away after the block."""
    _WORK.mkdir(exist_ok=True)
    folder = Path(mkdtemp(dir=_WORK))
    shutil.copy(ROOT / "dagster.yaml", folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
