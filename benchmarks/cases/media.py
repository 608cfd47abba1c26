"""Work on videos and documents, compared with PyAV or pypdfium2 alone over the same files."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, compare
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.videos import make_document, make_long_video, make_video
from benchmarks.workspace import workspaces

_COMPARED = {
    "facts": ("facts and SHA-256 of a video, against opening and SHA-256", 1.3),
    "poster": ("poster at 1 s, against PyAV", 1.3),
    "audio": ("sound of a video by copy, against PyAV", 1.4),
}
_STEPS = {
    "poster": ("poster at 1 s as a column, new videos, against PyAV with SHA-256 and JPEG", 1.3),
    "audio": ("sound by copy as a column, new videos, against PyAV with SHA-256", None),
    "late-audio": ("sound by copy as a column made later, against PyAV with SHA-256", 1.4),
    "cover": ("first page at 150 dpi as a column, against pypdfium2 with SHA-256 and JPEG", 1.2),
}
"""The second has no bar: that a video is valid, its first frame decoded, is more than a copy."""
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
        for name, (what, bar) in _STEPS.items():
            source = make_document() if name == "cover" else make_video()
            found = compare(
                lambda name=name, source=source: _step(source, new(), name),
                lambda name=name, source=source: _step(
                    source, new(), f"bare-{name.removeprefix('late-')}"
                ),
                repeats=settings.repeats,
            )
            yield Figure(f"{what}: CPU", found.cpu_ratio, "x", bar, details=found.details())
            memory = median(sample.peak_rss_mb for sample in found.ours)
            yield Figure(f"{what}: peak RSS", memory, "MB", 250)
        times = max(round(_LONG * settings.share), 2)
        short = _run(make_video(), new() / "made", "frames")
        long = _run(make_long_video(times), new() / "made", "frames")
    yield Figure("a frame per second of 30 s of 720p: peak RSS", short.peak_rss_mb, "MB", 250)
    growth = long.peak_rss_mb - short.peak_rss_mb
    yield Figure(f"the same of {times / 2:g} minutes: more peak RSS", growth, "MB", 16)


def _step(source: Path, home: Path, name: str) -> Sample:
    way = name if "-" in name else f"new-{name}"
    environment = {"DAGSTER_HOME": str(home)}
    return run_job("media_step", way, source, home, environment=environment).inside()


def _run(source: Path, target: Path, name: str) -> Sample:
    return run_job("media", name, source, target).inside()
