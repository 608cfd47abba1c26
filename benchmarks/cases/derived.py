"""Tables derived from others: many standing parts, and frames of videos through the step."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

from benchmarks.figures import Figure, compare
from benchmarks.large_derived import FRAMES, VIDEOS, make_derived_catalog
from benchmarks.processes import Sample, run_job, run_process
from benchmarks.settings import Settings
from benchmarks.videos import make_long_video, make_usual_video
from benchmarks.workspace import workspaces

_LONG = 120
"""Times 30 s: an hour."""
_AT_ONCE = 4
_LEAST_REPEATS = 5


def standing_parts(settings: Settings) -> Iterator[Figure]:
    """A thousand videos of 600 frames, as records: a run of one partition, and queries."""
    partitions = max(round(10 * settings.share), 1)
    catalog = make_derived_catalog(partitions)
    with workspaces() as new:
        home = new()
        shutil.copytree(catalog, home / "media/catalog")
        rerun = partial(_job, source=home, home=home)
        found = compare(
            lambda: rerun("rerun-frames"),
            lambda: rerun("rerun-photos"),
            repeats=settings.repeats,
        )
        told = run_job("derived", "queries", home, home, environment=_home(home)).told
    what = f"a run over {VIDEOS * FRAMES:,} standing frames x 3 columns"
    yield Figure(
        f"{what}, against uploads: CPU", found.cpu_ratio, "x", 1.2, details=found.details()
    )
    seconds = min(sample.cpu_seconds for sample in found.ours)
    yield Figure(f"{what}: CPU", seconds, "s", None, 2)
    yield Figure(f"{what}: peak RSS", found.peak_rss_mb, "MB")
    for name, shown in (("count", "count of all"), ("of_a_video", "the frames of one video")):
        took = cast("dict[str, float]", told[name])
        of = f"{partitions * VIDEOS * FRAMES:,} frames of {partitions * VIDEOS:,} videos"
        yield Figure(f"{of}: {shown}", took["staying_open"], "s", details={**took})
        yield Figure(f"{of}, newly opened: {shown}", took["fresh"], "s")


def frames_of_videos(settings: Settings) -> Iterator[Figure]:
    """A still, a thumbnail and the brightness of a frame per second of 720p, through the step."""
    video = make_usual_video("1M", 250)
    with workspaces() as new:
        for of, bar in ((make_usual_video("6M", 60), 0.65), (video, 0.95)):
            found = compare(
                lambda of=of: _job("one-frames", of, new()),
                lambda of=of: _ffmpeg(of, new()),
                repeats=settings.repeats,
            )
            what = f"frames of {of.stem} through the step, against ffmpeg writing stills: CPU"
            yield Figure(what, found.cpu_ratio, "x", bar, details=found.details())
        several = compare(
            lambda: _job("frames", video, new(), videos=_AT_ONCE),
            lambda: _job("one-frames", video, new(), videos=_AT_ONCE),
            repeats=max(settings.repeats, _LEAST_REPEATS),
        )
        times = max(round(_LONG * settings.share), 2)
        long = _job("one-frames", make_long_video(times, of=video), new())
    pairs = zip(several.theirs, several.ours, strict=True)
    best = max(one.seconds / two.seconds for one, two in pairs)
    what = f"{_AT_ONCE} videos on 2 cores, against one"
    yield Figure(
        f"{what}: best speed", best, "x", 1.6, is_more_better=True, details=several.details()
    )
    yield Figure(f"{what}: peak RSS", several.peak_rss_mb, "MB", 250)
    growth = long.peak_rss_mb - min(sample.peak_rss_mb for sample in found.ours)
    what = f"frames of {times / 2:g} minutes, against 30 s: more peak RSS"
    yield Figure(what, growth, "MB", 16, details={"peak_rss_mb": long.peak_rss_mb})


def _home(home: Path) -> dict[str, str]:
    return {"DAGSTER_HOME": str(home)}


def _job(name: str, source: Path, home: Path, *, videos: int = 1) -> Sample:
    environment = {**_home(home), "VIDEOS": str(videos)}
    return run_job("derived", name, source, home, environment=environment).inside()


def _ffmpeg(video: Path, target: Path) -> Sample:
    one = ("-threads", "1")
    made = ("-vf", "fps=1", "-q:v", "4", "-y", str(target / "%04d.jpg"))
    return run_process(["ffmpeg", "-v", "error", *one, "-i", str(video), *one, *made])
