"""A run over a derived table or one of uploads, a query of it, or its first run over videos."""

import os
import shutil
import sys
from pathlib import Path
from time import perf_counter

import media_assets as ma
from benchmarks import large_derived
from benchmarks.stopwatch import measured, tell
from media_assets.images.allocator import keep_image_buffers
from media_assets.machine import resident_bytes
from media_assets_tests.runs import insert
from media_assets_tests.steps import made, run_step

_QUERIES = {
    "count": 'select count(*), avg(brightness) from "videos/frames"',
    "of_a_video": """select row, time, frame from "videos/frames"
        where parent = 'clip-00042.mp4' order by time""",
}


def main(name: str, source: Path, home: Path) -> None:
    """Does one kind of work, after the same once to load what it needs.

    Args:
        name: `rerun-frames`, `rerun-photos`, `queries`, `frames`, or `inserted-frames`, which also
            counts the videos' insert; `one-` before it: on one core.
        source: Of the last, the video.
        home: The home, with a catalog.
    """
    if name.startswith("one-"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    match name.removeprefix("one-"):
        case "queries":
            _query()
        case "frames" | "inserted-frames" as kind:
            _split(source, home, counts_insert=kind != "frames")
        case _:
            _, frames, photos = large_derived.tables()
            table = frames if name.endswith("frames") else photos
            key = large_derived.partition_key(0)
            assert made(run_step(table, key)) == 0
            with measured() as figures:
                run_step(table, key)
            tell(figures)


def _query() -> None:
    told: dict[str, object] = {}
    for name, query in _QUERIES.items():
        started = perf_counter()
        catalog = ma.Catalog.open()
        catalog.sql(query)
        fresh = perf_counter() - started
        started = perf_counter()
        catalog.sql(query)
        told[name] = {"fresh": fresh, "staying_open": perf_counter() - started}
    tell(told)


def _split(source: Path, home: Path, *, counts_insert: bool) -> None:
    """Stills, thumbnails and brightness of a frame per second, through the step."""
    keep_image_buffers()  # as an insert does
    videos = ma.MediaTable("videos", media=ma.Video)
    frames = videos.derived_table("frames", ma.split.frames(fps=1))

    @frames.computed_column(code_version="1")
    def thumbnail(frame: ma.Image) -> ma.Image:
        return ma.transforms.thumbnail(frame, (128, 128))

    @frames.computed_column(code_version="1")
    def brightness(frame: ma.Image) -> float:
        return ma.transforms.mean_luminance(frame)

    first = home / f"first{source.suffix}"
    shutil.copyfile(os.environ.get("FIRST", source), first)
    for partition in insert(videos, first):  # loads what is needed
        run_step(videos, partition)
        run_step(frames, partition)
    files = [home / f"{n}{source.suffix}" for n in range(int(os.environ.get("VIDEOS", "1")))]
    for file in files:
        shutil.copyfile(source, file)

    def insert_all() -> str:
        (partition,) = insert(videos, *files)
        run_step(videos, partition)
        return partition

    inserted = None if counts_insert else insert_all()
    before = resident_bytes() / 2**20
    with measured() as figures:
        run_step(frames, inserted or insert_all())
    tell({**figures, "rss_before_mb": before})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
