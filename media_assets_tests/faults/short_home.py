"""Verbs where the disk of DAGSTER_HOME is full or read-only, until it is mended.

Run as `python -m media_assets_tests.faults.short_home full|read-only VERBS HOME PROJECT PHOTOS`,
with the right to mount; VERBS are separated by commas. Prints the exit status and the errors of
each, as JSON.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from media_assets_tests.conftest import PROJECT
from media_assets_tests.faults.interrupted import MEDIA_ASSETS
from media_assets_tests.faults.short_of import mount

READING = ("show photos", "errors photos", "sql 'select count(*) from photos'")
WRITING = (
    "insert photos",
    "materialize photos --force",
    "scan photos",
    "gallery photos",
    "delete photos photo-000.jpg",
    "drop photos --yes",
)
_LARGE = 1024 * 1024


def fill(folder: Path) -> None:
    """Leaves no byte of a disk free."""
    size = _LARGE
    with (folder / "filling").open("ab", buffering=0) as file:
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def main(how: str, verbs: str, home: Path, project: Path, photos: Path) -> None:
    """Runs verbs on a disk that they cannot write to, then one more when they can."""

    def run(verb: str) -> tuple[int, str]:
        name, *arguments = verb.replace("'", "").split(" ", 1 if verb.startswith("sql") else -1)
        files = [photos] if name == "insert" else []
        done = subprocess.run(
            [MEDIA_ASSETS, name, *arguments, *files, "-f", project],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", home)
    shutil.copy(PROJECT / "dagster.yaml", home)
    assert run("insert photos") == (0, "")
    shutil.copytree(photos, home / "uploads" / "photos")
    shutil.copy(
        next(photos.glob("*.jpg")), photos / "new.jpg"
    )  # an insert of nothing writes nothing
    if how == "full":
        fill(home)
    else:
        mount("-o", "remount,ro", home)
    told = {verb: run(verb) for verb in verbs.split(",")}
    mount("-o", "remount,rw,size=64m", home)
    told["mended"] = run("insert photos")
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(Path, sys.argv[3:]))
