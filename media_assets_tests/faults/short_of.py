"""Inserts and runs where a folder is full, read-only or somebody else's, until it is mended.

Run as `python -m media_assets_tests.faults.short_of full|read-only|denied catalog|files|temporary
FOLDER`, with the right to mount. Prints what the failed attempt said, class and text, as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from media_assets.errors import MediaAssetsError
from media_assets_tests.faults.places import (
    Place,
    assert_nothing_is_torn,
    content_of,
    rows_in,
    small_table,
)
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step

ROWS = 12
TOO_SMALL = {"catalog": "16k", "files": "64k", "temporary": "8k"}


def impair(how: str, where: str, folder: Path) -> None:
    """Takes from a folder what it needs."""
    match how:
        case "full":
            mount("-t", "tmpfs", "-o", f"size={TOO_SMALL[where]}", "tmpfs", folder)
        case "read-only":
            mount("--bind", folder, folder)
            mount("-o", "remount,bind,ro", folder)
        case _:
            folder.chmod(0o500)


def mend(how: str, folder: Path) -> None:
    """Gives it back."""
    match how:
        case "full":
            mount("-o", "remount,size=64m", folder)
        case "read-only":
            mount("-o", "remount,bind,rw", folder)
        case _:
            folder.chmod(0o700)


def mount(*options: str | Path) -> None:
    subprocess.run(["mount", *options], check=True)


def insert_and_run(place: Place, photos: list[Path]) -> dict[str, object]:
    """What stands when all was done."""
    table = small_table()
    (partition,) = insert(table, *photos, manager=place.manager)
    run_step(table, partition, manager=place.manager)
    return content_of(place, rows_in(place, partition))


def main(how: str, where: str, folder: Path) -> None:
    """Fails, is mended, and ends as if nothing had been."""
    home, photos = folder / "home", save_photos(folder / "uploads", ROWS)
    clean, place = Place(home, str(folder / "clean")), Place(home, str(folder / "place"))
    place.enter()
    expected = insert_and_run(clean, photos)
    impaired = folder / "temporary" if where == "temporary" else folder / "place" / where
    impaired.mkdir(parents=True)
    impair(how, where, impaired)
    if where == "temporary":
        # What goes to a bucket is staged there.
        tempfile.tempdir = str(impaired)
        place = Place(home, "memory://place")
    try:
        insert_and_run(place, photos)
    except MediaAssetsError as error:
        sys.stdout.write(json.dumps([type(error).__name__, str(error)]))
    assert_nothing_is_torn(place)
    mend(how, impaired)
    assert insert_and_run(place, photos) == expected


if __name__ == "__main__":
    os.environ.pop("MEDIA_ASSETS_CATALOG", None)
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
