"""The same columns in Pixeltable, from the start of the process to the last file.

Runs in an environment of `make bench-peers`, with this repository on its path, but no package of
it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pixeltable as pxt
from pixeltable_columns import flipped, rotated, thumbnail

from benchmarks.stopwatch import tell

_ROWS_OF_INSERT = 250


def add_columns(table: pxt.Table, destination: str) -> None:
    """Adds the computed columns, each with its own folder, here or in a bucket."""
    for name, function in (("flipped", flipped), ("rotated", rotated), ("thumbnail", thumbnail)):
        folder = f"{destination}/{name}"
        if "://" not in folder:
            Path(folder).mkdir(parents=True)
            folder = Path(folder).as_uri()
        table.add_computed_column(**{name: function(table.image)}, destination=folder)


def insert(table: pxt.Table, paths: Sequence[str]) -> None:
    """Inserts files, some at a time."""
    for first in range(0, len(paths), _ROWS_OF_INSERT):
        table.insert({"image": path} for path in paths[first : first + _ROWS_OF_INSERT])


def rows() -> dict[str, dict[str, str]]:
    """Returns the files of all rows, by the name of the photo."""
    table = pxt.get_table("photos")
    urls = {name: getattr(table, name).fileurl for name in ("flipped", "rotated", "thumbnail")}
    found = table.select(image=table.image.localpath, **urls).collect()
    return {Path(row.pop("image")).name: row for row in found}


def main(job: str, source: Path, destination: str) -> None:
    """Inserts all files of a folder.

    Args:
        job: `columns-after`: columns are added after the insert; `columns-before`: before it;
            `again`: what is not there yet is inserted; `rows`: the files of rows are told.
        source: The folder.
        destination: The folder of all files, here or in a bucket.
    """
    paths = [str(path) for path in sorted(source.iterdir())]
    if job == "rows":
        tell({**rows()})
        return
    if job == "again":
        there = rows()
        insert(pxt.get_table("photos"), [path for path in paths if Path(path).name not in there])
        return
    table = pxt.create_table("photos", {"image": pxt.Image})
    if job == "columns-after":
        table.insert({"image": path} for path in paths)
        add_columns(table, destination)
        return
    add_columns(table, destination)
    insert(table, paths)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
