"""The same columns in Pixeltable, from the start of the process to the last file.

Runs in the environment of `make bench-peers`, which has Pixeltable and not this project.
"""

import sys
from pathlib import Path

import pixeltable as pxt
from PIL import Image

_ROWS_OF_INSERT = 250


@pxt.udf
def flipped(image: Image.Image) -> Image.Image:
    """The photo, mirrored left to right."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@pxt.udf
def rotated(image: Image.Image) -> Image.Image:
    """The photo, turned a quarter counter-clockwise on a canvas of the same size."""
    return image.rotate(90)


@pxt.udf
def thumbnail(image: Image.Image) -> Image.Image:
    """The photo, at most 128 by 128 pixels."""
    small = image.copy()
    small.thumbnail((128, 128), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small


def add_columns(table: pxt.Table, destination: Path) -> None:
    """Adds the computed columns, each with a folder of its own."""
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
