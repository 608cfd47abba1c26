"""Files that are written for a test, and the rows that they give."""

import os
from pathlib import Path

from media_assets.uploads.folders import Found


def write(folder: Path, *names: str) -> list[Path]:
    """Writes files, each with its own name as content."""
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(path.name))
    return paths


def rows(found: Found) -> list[str]:
    return [one.row for one in found.uploads]
