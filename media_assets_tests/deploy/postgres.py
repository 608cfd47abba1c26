"""PostgreSQL for a test, by the program that `make cluster` starts it with."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"


@contextmanager
def postgres() -> Generator[str]:
    """Gives the URL of an empty database, which is gone afterwards."""
    # PostgreSQL runs as a user of its own, who may not enter pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="media-assets-postgres-"))
    program = DEPLOY / "local-cluster" / "postgres.py"
    process = subprocess.Popen([sys.executable, program, folder], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url, "PostgreSQL did not start: see above"
        yield url
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
        shutil.rmtree(folder)
