"""The same columns in Pixeltable, from the start of the process to the last file.

Runs in the environment of `make bench-peers`, which has Pixeltable but not this project.
"""

import sys
from pathlib import Path

import pixeltable as pxt
from pixeltable_columns import flipped, rotated, thumbnail

_ROWS_OF_INSERT = 250


def add_columns(table: pxt.Table, destination: Path) -> None:
    """Adds the computed columns, each with its own folder."""
    for name, function in (("flipped", flipped), ("rotated", rotated), ("thumbnail", thumbnail)):
        folder = destination / name
        folder.mkdir(parents=True)
        made = function(table.image)
        table.add_computed_column(**{name: made}, destination=folder.as_uri())


def main(order: str, source: Path, destination: Path) -> None:
    """Inserts all files of a folder; columns are added after the insert, or before."""
    paths = [str(path) for path in sorted(source.iterdir())]
    table = pxt.create_table("photos", {"image": pxt.Image})
    if order == "columns-after":
        table.insert({"image": path} for path in paths)
        add_columns(table, destination)
        return
    add_columns(table, destination)
    for first in range(0, len(paths), _ROWS_OF_INSERT):
        table.insert({"image": path} for path in paths[first : first + _ROWS_OF_INSERT])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
