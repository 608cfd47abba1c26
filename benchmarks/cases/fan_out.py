"""The rows of a partition on a Dask cluster of this machine, compared with its threads."""

from collections.abc import Iterator

from benchmarks.figures import Figure, compare
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces
from media_assets_tests.fan_out.cluster import Cluster

_WORKERS = 2


def dask(settings: Settings) -> Iterator[Figure]:
    """1,000 photos by two workers of one thread each, against two threads of the step."""
    rows = settings.rows(1_000)
    source = make_inputs(PHOTO, rows)
    with workspaces() as new:
        cluster = Cluster(new())
        try:
            for _ in range(_WORKERS):
                cluster.worker()

            def step(module: str) -> Sample:
                environment = {"DAGSTER_HOME": str(new()), "DASK_SCHEDULER": cluster.address}
                return run_job("step", source, "--module", module, environment=environment).inside()

            found = compare(
                lambda: step("benchmarks.fanned_out"),
                lambda: step("benchmarks.photos"),
                repeats=settings.repeats,
            )
        finally:
            cluster.stop()
    what = f"{rows:,} of 1600x1200, Dask against local threads"
    yield Figure(f"{what}: wall", found.wall_ratio, "x", 1.25, details=found.details())
