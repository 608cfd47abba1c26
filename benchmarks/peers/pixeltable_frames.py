"""Frames of videos in Pixeltable, with a still, a thumbnail and the brightness of each.

Runs in the environment of `make bench-peers`, with this repository on its path, but no package of
it. Pixeltable's PostgreSQL is not counted.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pixeltable as pxt
from pixeltable.functions.video import frame_iterator
from pixeltable_columns import brightness, still, thumbnail

from benchmarks.stopwatch import measured, tell


def make_frames(name: str, order: str, videos: Sequence[str], destination: Path) -> int:
    """Inserts videos into a table of its own, and returns how many frames they have.

    Args:
        name: The table's.
        order: `columns-before`: the columns are there before the videos; otherwise they are added
            one by one after them, each over all frames.
        videos: The paths.
        destination: The folder of all files.
    """
    table = pxt.create_table(name, {"video": pxt.Video})
    frames = pxt.create_view(f"{name}_frames", table, iterator=frame_iterator(table.video, fps=1))
    if order == "columns-before":
        add_columns(frames, destination / name)
    table.insert({"video": path} for path in videos)
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


def main(order: str, destination: Path, *videos: str) -> None:
    """Makes the frames of all videos, after those of the first, which load what is needed."""
    make_frames("first", order, videos[:1], destination)
    with measured() as figures:
        frames = make_frames("videos", order, videos, destination)
    tell({**figures, "frames": frames})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
