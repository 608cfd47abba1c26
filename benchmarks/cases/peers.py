"""A whole insert, including start-up, compared with a peer's whole job."""

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.figures import Comparison, Figure, compare
from benchmarks.inputs import LARGE, PHOTO, make_inputs
from benchmarks.jobs.floor import COLUMNS
from benchmarks.outputs import Outputs
from benchmarks.processes import ROOT, Sample, run_job, run_process
from benchmarks.settings import Settings
from benchmarks.videos import make_usual_video
from benchmarks.workspace import workspaces

_PYTHON = ROOT / "benchmarks/.peer/bin/python"
_JOB = ROOT / "benchmarks/peers/pixeltable_job.py"
_FRAMES_JOB = ROOT / "benchmarks/peers/pixeltable_frames.py"
_ORDERS = {
    "columns-after": ("columns added after the insert, as in its notebook", 2.8, 3.8),
    "columns-before": ("columns added before, in inserts of 250", 1.5, 2.0),
}
_FRAME_ORDERS = (
    ("columns-before", "columns in place", 0.6),
    ("columns-after", "its columns added one by one", 0.2),
)


def pixeltable(settings: Settings) -> Iterator[Figure]:
    """1,000 photos of 1600x1200, in both orders of Pixeltable."""
    rows = settings.rows(1_000)
    source = make_inputs(PHOTO, rows)
    for order, (described, bar, aim) in _ORDERS.items():
        found = _compare(order, source, repeats=settings.repeats)
        what = f"whole insert of {rows:,} against Pixeltable, {described}"
        faster, details = 1 / found.wall_ratio, found.details()
        yield Figure(f"{what}: faster", faster, "x", bar, aim, is_more_better=True, details=details)
        yield Figure(f"{what}: less CPU", 1 / found.cpu_ratio, "x")


def pixeltable_frames(settings: Settings) -> Iterator[Figure]:
    """A still, a thumbnail and the brightness of a frame per second of 720p, in both orders.

    Start-up and a first time are not counted, and neither is Pixeltable's PostgreSQL.
    """
    video = make_usual_video("6M", 60)
    with workspaces() as new:

        def ours() -> Sample:
            home = new()
            of_home = {"DAGSTER_HOME": str(home)}
            return run_job("derived", "inserted-frames", video, home, environment=of_home).inside()

        def theirs(order: str) -> Sample:
            home = new()
            command = [str(_PYTHON), str(_FRAMES_JOB), order, str(home / "files"), str(video)]
            environment = {"PIXELTABLE_HOME": str(home), "PYTHONPATH": str(ROOT)}
            return run_process(command, environment=environment).inside()

        for order, described, bar in _FRAME_ORDERS:
            found = compare(ours, partial(theirs, order), repeats=settings.repeats)
            what = f"frames of a video of 30 s against Pixeltable, {described}"
            yield Figure(f"{what}: CPU", found.cpu_ratio, "x", bar, details=found.details())
            yield Figure(f"{what}: wall", found.wall_ratio, "x")


def vips(settings: Settings) -> Iterator[Figure]:
    """Forty photos of 12 megapixels, as thumbnails of 128 by 128, against `vipsthumbnail`.

    Ours are also validated, hashed and recorded. Start-up is not counted in ours.
    """
    [photo] = make_inputs(LARGE, 1).iterdir()
    with workspaces() as new:
        photos = [str(shutil.copyfile(photo, new() / f"{n}.jpg")) for n in range(40)]

        def ours() -> Sample:
            home = new()
            environment = {"DAGSTER_HOME": str(home)}
            job = run_job("media_step", "new-thumbnail", photo, home, environment=environment)
            return job.inside()

        def theirs() -> Sample:
            command = ["vipsthumbnail", "--size", "128x128", "--output", f"{new()}/%s.jpg"]
            return run_process([*command, *photos], environment={"VIPS_CONCURRENCY": "1"})

        found = compare(ours, theirs, repeats=settings.repeats)
    what = "40 thumbnails of 12 megapixels against vipsthumbnail: CPU"
    yield Figure(what, found.cpu_ratio, "x", 1.2, 1.0, details=found.details())


def _compare(order: str, source: Path, *, repeats: int) -> Comparison:
    outputs = Outputs()
    made: dict[str, dict[str, object]] = {}
    with workspaces() as new:

        def ours() -> Sample:
            home = new()
            sample = _insert(source, home)
            made.setdefault("ours", {**outputs.of(home / "media/files/photos", COLUMNS)})
            return sample

        def theirs() -> Sample:
            home = new()
            command = [str(_PYTHON), str(_JOB), order, str(source), str(home / "files")]
            sample = run_process(command, environment={"PIXELTABLE_HOME": str(home)})
            made.setdefault("theirs", {**outputs.of(home / "files", COLUMNS)})
            return sample

        found = compare(ours, theirs, repeats=repeats)
    assert made["ours"] == made["theirs"], f"The outputs differ: {made}"
    return found


def _insert(source: Path, home: Path) -> Sample:
    verb = [str(Path(sys.executable).parent / "media-assets"), "insert", "photos", str(source)]
    command = [*verb, "-m", "benchmarks.photos"]
    return run_process(command, environment={"DAGSTER_HOME": str(home)})
