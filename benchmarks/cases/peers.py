"""A whole insert, including start-up, and frames of a video, compared with a peer's whole job."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.figures import Comparison, Figure, compare
from benchmarks.inputs import LARGE, PHOTO, make_inputs
from benchmarks.jobs.floor import COLUMNS
from benchmarks.outputs import Outputs
from benchmarks.peer_jobs import DAFT, DATACHAIN, PIXELTABLE, PIXELTABLE_FRAMES, Peer
from benchmarks.processes import Sample, run_job, run_process
from benchmarks.settings import Settings
from benchmarks.videos import make_usual_video
from benchmarks.workspace import workspaces

_FRAMES = 30


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a peer's way of a job is called, and what ours must come to."""

    described: str = ""
    bar: float | None = None
    aim: float | None = None


_PHOTOS: Mapping[Peer, Mapping[str, _Limits]] = {
    PIXELTABLE: {
        "columns-after": _Limits(
            ", columns added after the insert, as in its notebook", bar=2.8, aim=3.8
        ),
        "columns-before": _Limits(", columns added before, in inserts of 250", bar=1.5, aim=2),
    },
    DAFT: {"named-photos": _Limits()},
    DATACHAIN: {
        "photos": _Limits(", in one process"),
        "parallel-photos": _Limits(", in two processes"),
    },
}
_VIDEO: Mapping[Peer, Mapping[str, _Limits]] = {
    PIXELTABLE_FRAMES: {
        "columns-before": _Limits(", columns in place", bar=0.6),
        "columns-after": _Limits(", its columns added one by one", bar=0.2),
    },
    DAFT: {"frames": _Limits()},
    DATACHAIN: {"frames": _Limits()},
}


def pixeltable(settings: Settings) -> Iterator[Figure]:
    """Photos, in both orders of Pixeltable."""
    yield from _photos(PIXELTABLE, settings)


def pixeltable_frames(settings: Settings) -> Iterator[Figure]:
    """Frames, in both orders. Pixeltable's PostgreSQL is not counted."""
    yield from _frames(PIXELTABLE_FRAMES, settings)


def daft(settings: Settings) -> Iterator[Figure]:
    """Photos and frames."""
    yield from _photos(DAFT, settings)
    yield from _frames(DAFT, settings)


def datachain(settings: Settings) -> Iterator[Figure]:
    """Photos and frames."""
    yield from _photos(DATACHAIN, settings)
    yield from _frames(DATACHAIN, settings)


def _photos(peer: Peer, settings: Settings) -> Iterator[Figure]:
    """1,000 photos of 1600x1200: three columns of files."""
    if peer.is_missing():
        return
    rows = settings.rows(1_000)
    source = make_inputs(PHOTO, rows)
    for job, limits in _PHOTOS[peer].items():
        found = _compare(peer, job, source, repeats=settings.repeats)
        what = f"whole insert of {rows:,} against {peer.name}{limits.described}"
        yield Figure(
            f"{what}: faster",
            1 / found.wall_ratio,
            "x",
            limits.bar,
            limits.aim,
            is_more_better=True,
            details=found.details(),
        )
        yield Figure(f"{what}: less CPU", 1 / found.cpu_ratio, "x")


def _frames(peer: Peer, settings: Settings) -> Iterator[Figure]:
    """A still, a thumbnail and the brightness of a frame per second of 720p.

    Start-up and a first time are not counted.
    """
    if peer.is_missing():
        return
    video = make_usual_video("6M", 60)
    with workspaces() as new:

        def ours() -> Sample:
            home = new()
            of_home = {"DAGSTER_HOME": str(home)}
            return run_job("derived", "inserted-frames", video, home, environment=of_home).inside()

        def theirs(job: str) -> Sample:
            sample = peer.run(job, video, new()).inside()
            assert sample.told["frames"] == _FRAMES, f"Frames of {peer.name}: {sample.told}"
            return sample

        for job, limits in _VIDEO[peer].items():
            found = compare(ours, partial(theirs, job), repeats=settings.repeats)
            what = f"frames of a video of 30 s against {peer.name}{limits.described}"
            yield Figure(f"{what}: CPU", found.cpu_ratio, "x", limits.bar, details=found.details())
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


def _compare(peer: Peer, job: str, source: Path, *, repeats: int) -> Comparison:
    outputs = Outputs()
    made: dict[str, dict[str, object]] = {}
    with workspaces() as new:

        def ours() -> Sample:
            home = new()
            sample = run_process(insert_command(source), environment={"DAGSTER_HOME": str(home)})
            made.setdefault("ours", {**outputs.of(home / "media/files/photos", COLUMNS)})
            return sample

        def theirs() -> Sample:
            home = new()
            sample = peer.run(job, source, home)
            made.setdefault("theirs", {**outputs.of(home / "files", COLUMNS)})
            return sample

        found = compare(ours, theirs, repeats=repeats)
    assert made["ours"] == made["theirs"], f"The outputs differ: {made}"
    return found


def insert_command(source: Path) -> list[str]:
    """Returns our whole insert of a folder of photos."""
    verb = [str(Path(sys.executable).parent / "media-assets"), "insert", "photos", str(source)]
    return [*verb, "-m", "benchmarks.photos"]
