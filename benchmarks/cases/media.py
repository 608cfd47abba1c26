"""Work on a video, compared with PyAV alone over the same file."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure, compare
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.videos import make_long_video, make_video
from benchmarks.workspace import workspaces

_COMPARED = {
    "facts": ("facts and SHA-256 of a video, against opening and SHA-256", 1.3),
    "poster": ("poster at 1 s, against PyAV", 1.3),
    "audio": ("sound of a video by copy, against PyAV", 1.4),
}
_LONG = 60
"""Times 30 s: half an hour."""


def media(settings: Settings) -> Iterator[Figure]:
    """One video of 30 s in 720p; frames of half an hour of it."""
    with workspaces() as new:
        for name, (what, bar) in _COMPARED.items():
            run = partial(_run, make_video(), new() / "made")
            found = compare(
                partial(run, name), partial(run, f"bare-{name}"), repeats=settings.repeats
            )
            yield Figure(f"{what}: CPU", found.cpu_ratio, "x", bar, details=found.details())
        times = max(round(_LONG * settings.share), 2)
        short = _run(make_video(), new() / "made", "frames")
        long = _run(make_long_video(times), new() / "made", "frames")
    yield Figure("a frame per second of 30 s of 720p: peak RSS", short.peak_rss_mb, "MB", 250)
    growth = long.peak_rss_mb - short.peak_rss_mb
    yield Figure(f"the same of {times / 2:g} minutes: more peak RSS", growth, "MB", 16)


def _run(source: Path, target: Path, name: str) -> Sample:
    return run_job("media", name, source, target).inside()
