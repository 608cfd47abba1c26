"""Splitters, compared with the ffmpeg program and with Pillow by hand."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure, compare
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.processes import Sample, run_job, run_process
from benchmarks.settings import Settings
from benchmarks.videos import make_usual_video, make_video
from benchmarks.workspace import workspaces

_BARS = {("6M", 60): 0.65, ("1M", 250): 0.95}


def frames(settings: Settings) -> Iterator[Figure]:
    """A still, a thumbnail and the brightness of a frame per second of 30 s of 720p, one thread.

    The program writes the stills alone. The video of the last figure has no frames to which no
    other refers, so that all up to a wanted one must be decoded.
    """
    for (bit_rate, group), bar in _BARS.items():
        what = f"a frame per second, {bit_rate}bit/s, a key frame in {group}, against ffmpeg"
        yield from _frames(make_usual_video(bit_rate, group), what, bar, settings)
    what = "a frame per second of a video without frames between others, against ffmpeg"
    yield from _frames(make_video(), what, None, settings)


def renditions(settings: Settings) -> Iterator[Figure]:
    """Photos in three widths and two formats, against Pillow by hand, each decoded once."""
    count = settings.rows(1_000)
    source = make_inputs(PHOTO, count)
    with workspaces() as new:
        by_hand = partial(_job, "renditions-by-hand", source, new())
        found = compare(
            partial(_job, "renditions", source, new()), by_hand, repeats=settings.repeats
        )
    what = f"{count:,} photos in 3 widths and 2 formats, against Pillow by hand: CPU"
    yield Figure(what, found.cpu_ratio, "x", 1.1, details=found.details())


def _frames(video: Path, what: str, bar: float | None, settings: Settings) -> Iterator[Figure]:
    with workspaces() as new:
        found = compare(
            partial(_job, "frames", video, new()),
            partial(_ffmpeg, video, new()),
            repeats=settings.repeats,
        )
    yield Figure(f"{what}: CPU", found.cpu_ratio, "x", bar, details=found.details())
    yield Figure(f"{what}: peak RSS", found.peak_rss_mb, "MB", 250)


def _job(name: str, source: Path, target: Path) -> Sample:
    return run_job("split", name, source, target).inside()


def _ffmpeg(video: Path, target: Path) -> Sample:
    one = ("-threads", "1")
    made = ("-vf", "fps=1", "-q:v", "4", "-y", str(target / "%04d.jpg"))
    return run_process(["ffmpeg", "-v", "error", *one, "-i", str(video), *one, *made])
