"""A distant destination, compared with the local disk."""

from collections.abc import Iterator

from benchmarks.figures import Figure, compare
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.slow_s3 import WAIT_SECONDS, slow_s3
from benchmarks.workspace import workspaces


def distant_destination(settings: Settings) -> Iterator[Figure]:
    """1,000 photos into a bucket with answers after 20 ms, against the local disk."""
    rows = settings.rows(1_000)
    source = make_inputs(PHOTO, rows)
    with workspaces() as new, slow_s3() as client:

        def step(**environment: str) -> Sample:
            home = {"DAGSTER_HOME": str(new())}
            return run_job("step", source, environment={**home, **environment}).inside()

        def far() -> Sample:
            return step(MEDIA_ASSETS_OUTPUT_MEDIA_DEST=f"s3://bench/{new().name}/", **client)

        found = compare(far, step, repeats=settings.repeats)
    what = f"{rows:,} of 1600x1200, S3 with {1000 * WAIT_SECONDS:.0f} ms more, against local"
    yield Figure(f"{what}: wall", found.wall_ratio, "x", 1.15, 1.02, details=found.details())
    yield Figure(f"{what}: CPU", found.cpu_ratio, "x")
