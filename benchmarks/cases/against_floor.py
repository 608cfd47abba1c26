"""The step, compared with the floor: the same files made by plain Pillow in two processes."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Comparison, Figure, compare
from benchmarks.inputs import PHOTO, SMALL, make_inputs
from benchmarks.jobs.floor import COLUMNS
from benchmarks.outputs import Outputs
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces


def photos(settings: Settings) -> Iterator[Figure]:
    """1,000 photos of 1600x1200, three columns."""
    rows = settings.rows(1_000)
    found = _compare(make_inputs(PHOTO, rows), repeats=settings.repeats)
    what = f"{rows:,} of 1600x1200, step against floor"
    details = {**found.details(), **_profile(found.ours[-1])}
    yield Figure(f"{what}: wall", found.wall_ratio, "x", 1.15, 1.0, details=details)
    yield Figure(f"{what}: CPU", found.cpu_ratio, "x", 1.12, 1.03)
    yield Figure(f"{rows:,} of 1600x1200: peak RSS", found.peak_rss_mb, "MB", 400, 250)


def small_photos(settings: Settings) -> Iterator[Figure]:
    """5,000 photos of 640x480, three columns."""
    rows = settings.rows(5_000)
    found = _compare(make_inputs(SMALL, rows), repeats=settings.repeats)
    what = f"{rows:,} of 640x480, step against floor"
    details = {**found.details(), **_profile(found.ours[-1])}
    yield Figure(f"{what}: wall", found.wall_ratio, "x", 1.25, 1.05, details=details)
    yield Figure(f"{what}: CPU", found.cpu_ratio, "x")


def _compare(source: Path, *, repeats: int) -> Comparison:
    outputs = Outputs()
    made: dict[str, dict[str, object]] = {}
    with workspaces() as new:

        def floor() -> Sample:
            target = new()
            sample = run_job("floor", source, target).inside()
            made.setdefault("floor", {**outputs.of(target, COLUMNS)})
            return sample

        def step() -> Sample:
            home = new()
            sample = run_job("step", source, environment={"DAGSTER_HOME": str(home)}).inside()
            made.setdefault("step", {**outputs.of(home / "media/files/photos", COLUMNS)})
            return sample

        found = compare(step, floor, repeats=repeats)
    assert made["step"] == made["floor"], f"The outputs differ: {made}"
    return found


def _profile(sample: Sample) -> dict[str, object]:
    names = ("step_seconds", "seconds_by_stage", "seconds", "cpu_seconds")
    return {"profile": {name: sample.told[name] for name in names}}
