"""A temporary home, for tests."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from media_assets.home import use_home


@contextmanager
def temporary_home() -> Generator[Path]:
    """Makes a temporary folder the home within the block, yields it, and deletes it afterwards.

    Examples:
        >>> with temporary_home() as home:
        ...     (home / "dagster.yaml").exists()
        True
    """
    before = os.environ.get("DAGSTER_HOME")
    with TemporaryDirectory(prefix="media-assets-") as folder:
        try:
            yield use_home(folder).folder
        finally:
            if before is None:
                os.environ.pop("DAGSTER_HOME", None)
            else:
                os.environ["DAGSTER_HOME"] = before
