"""Frames of a video in Pixeltable, with a still, a thumbnail and the brightness of each.

Runs in the environment of `make bench-peers`, with this repository on its path, but no package of
it. Pixeltable's PostgreSQL is not counted.
"""

import sys
from pathlib import Path

import pixeltable as pxt
from pixeltable.functions.video import frame_iterator
from pixeltable_columns import brightness, still, thumbnail

from benchmarks.stopwatch import measured, tell


def make_frames(name: str, order: str, video: str, destination: Path) -> int:
    """Inserts a video into a table of its own, and returns how many frames it has.

    Args:
        name: The table's.
        order: `columns-before`: the columns are there before the video; otherwise they are added
            one by one after it, each over all frames.
        video: Its path.
        destination: The folder of all files.
    """
    table = pxt.create_table(name, {"video": pxt.Video})
    frames = pxt.create_view(f"{name}_frames", table, iterator=frame_iterator(table.video, fps=1))
    if order == "columns-before":
        add_columns(frames, destination / name)
    table.insert([{"video": video}])
    if order != "columns-before":
        add_columns(frames, destination / name)
    return frames.count()


def add_columns(frames: pxt.Table, destination: Path) -> None:
    """Adds the computed columns; files go to folders of their own."""
    for name, function in (("still", still), ("thumbnail", thumbnail)):
        folder = destination / name
        folder.mkdir(parents=True)
        frames.add_computed_column(**{name: function(frames.frame)}, destination=folder.as_uri())
    frames.add_computed_column(brightness=brightness(frames.frame))


def main(order: str, video: str, destination: Path) -> None:
    """Makes the frames of a video twice: the first time loads what is needed."""
    make_frames("first", order, video, destination)
    with measured() as figures:
        frames = make_frames("second", order, video, destination)
    tell({**figures, "frames": frames})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
