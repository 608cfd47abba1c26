"""From a photo copied into the uploads folder to its thumbnail in the catalog, in `dagster dev`."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from random import random
from statistics import median
from time import sleep, time

import dagster as dg

from benchmarks.figures import Figure
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.processes import run_process
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces
from media_assets_tests.automation.deployment import Deployment, deployed

_TRIES = 20
_MANY = 100
_SENSOR = "photos_uploads"
_IDLE_SECONDS = 60.0
_POLL_SECONDS = 0.05
_NOTHING_OF_OURS = """
import dagster as dg


@dg.asset
def one():
    pass


defs = dg.Definitions([one])
"""
_DEFINITIONS = """
from benchmarks.photos import defs
"""
_PARTS = ("until it is seen", "the tick", "in the queue", "start of the process", "the run")
_COMPUTED = ("the tick", "start of the process", "the run")
"""The parts that a machine works on, as opposed to waits."""


def upload_path(settings: Settings) -> Iterator[Figure]:
    """One photo, 20 times, then 100 photos at once, and the CPU while nothing happens."""
    tries = max(round(_TRIES * settings.share), 3)
    source = sorted(make_inputs(PHOTO, tries + _MANY).iterdir())
    with workspaces() as new:
        home = new()
        uploads = home / "uploads" / "photos"
        uploads.mkdir(parents=True)
        with deployed(home, definitions=_DEFINITIONS) as deployment, _instance(home) as instance:
            deployment.start_sensor(_SENSOR)
            deployment.wait(lambda: deployment.ticks(_SENSOR) > 0)
            timed, dagster = list[Mapping[str, float]](), list[float]()
            for number, photo in enumerate(source[:tries], start=1):
                dagster.append(run_process([sys.executable, "-c", "import dagster"]).seconds)
                timed.append(_timed(instance, home, [photo], uploads, number))
            many = _timed(instance, home, source[tries:], uploads, tries + 1)
            deployment.wait(lambda: set(deployment.runs()) == {"SUCCESS"})
            idle = _idle_share(deployment)
        with deployed(new(), definitions=_NOTHING_OF_OURS) as deployment:
            idle_dagster = _idle_share(deployment)
    whole = [sum(parts.values()) for parts in timed]
    details: dict[str, object] = {
        name: [round(parts[name], 2) for parts in timed] for name in _PARTS
    }
    yield Figure("a photo copied until it is visible: median", median(whole), "s", 7, 5,
                 details=details)  # fmt: skip
    yield Figure("a photo copied until it is visible: worst", max(whole), "s", 10)
    for name in _PARTS:
        yield Figure(f"of these: {name}", median(parts[name] for parts in timed), "s")
    for name in _COMPUTED:
        ratios = [parts[name] / one for parts, one in zip(timed, dagster, strict=True)]
        yield Figure(f"{name} against import dagster", median(ratios), "x")
    yield Figure(f"{_MANY} photos copied until all are visible", sum(many.values()), "s", 9, 7,
                 details={**many})  # fmt: skip
    yield Figure("dagster dev with its sensor on, nothing to do: share of a core", idle, "%", 5)
    yield Figure("dagster dev with one asset, nothing of ours: share of a core", idle_dagster, "%")


def _instance(home: Path) -> dg.DagsterInstance:
    os.environ["DAGSTER_HOME"] = str(home)
    return dg.DagsterInstance.get()


def _timed(
    instance: dg.DagsterInstance, home: Path, photos: Sequence[Path], uploads: Path, run: int
) -> Mapping[str, float]:
    """Copies photos, and returns the seconds of each part until their thumbnails are visible."""
    sleep(5 * random())  # noqa: S311  at any moment between two ticks
    for photo in photos:
        shutil.copyfile(photo, uploads / photo.name)
    copied = time()
    catalog = home / "media" / "catalog" / "photos" / "thumbnail"
    while len(list(catalog.rglob("*.parquet"))) < run:
        sleep(_POLL_SECONDS)
    visible = time()
    (record, *_) = instance.get_run_records(limit=1)
    run_id = record.dagster_run.run_id
    (dequeued,) = instance.all_logs(run_id, of_type=dg.DagsterEventType.PIPELINE_STARTING)
    ticks = instance.get_ticks(*_origin(instance), limit=50)
    # A tick that watches the folder began before the copy, and sees it about a second later.
    began = max(copied, *(tick.timestamp for tick in ticks if run_id in tick.run_ids))
    created, started = record.create_timestamp.timestamp(), record.start_time or visible
    moments = (copied, began, created, dequeued.timestamp, started, visible)
    spans = (end - begin for begin, end in pairwise(moments))
    return dict(zip(_PARTS, spans, strict=True))


def _origin(instance: dg.DagsterInstance) -> tuple[str, str]:
    (state,) = [s for s in instance.all_instigator_state() if s.name == _SENSOR]
    return state.instigator_origin_id, state.selector_id


def _idle_share(deployment: Deployment) -> float:
    """The share of a core, in percent, that all processes of a deployment use."""
    sleep(5)  # the process of a run ends a moment after the run, and the last page is answered
    before = deployment.cpu_seconds()
    sleep(_IDLE_SECONDS)
    return 100 * (deployment.cpu_seconds() - before) / _IDLE_SECONDS
