"""Thumbnails in the batches of a training loop, beside plain Pillow over the same files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, compare
from benchmarks.inputs import SMALL, make_inputs
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces

_TORCH = Path(__file__).parents[1] / ".torch/lib"


def loader(settings: Settings) -> Iterator[Figure]:
    """1,000 thumbnails in batches of 32 from 2 workers."""
    rows = settings.rows(1_000)
    with workspaces() as new:
        environment = {"DAGSTER_HOME": str(new()), "PYTHONPATH": _packages()}
        options = "--module", "benchmarks.thumbnails", "--columns", "thumbnail"
        run_job("step", make_inputs(SMALL, rows), *options, environment=environment)

        def load(kind: str) -> Sample:
            return run_job("loader", kind, environment=environment).inside()

        found = compare(lambda: load("ours"), lambda: load("plain"), repeats=settings.repeats)
    name = str(found.ours[-1].told["loader"])
    details = {**found.details(), "loader": name}
    what = f"{rows:,} thumbnails in batches, 2 workers ({name})"
    faster = 1 / found.wall_ratio
    yield Figure(
        f"{what}, against Pillow: speed",
        faster,
        "x",
        0.9,
        1.0,
        is_more_better=True,
        details=details,
    )
    for whose, samples in (("ours", found.ours), ("Pillow", found.theirs)):
        per_second = median(float(str(one.told["images_per_second"])) for one in samples)
        yield Figure(f"{what}: {whose}", per_second, "images/s")


def _packages() -> str:
    """Returns the folder in which `make bench-loader` put PyTorch; it need not exist."""
    return str(_TORCH / f"python{sys.version_info.major}.{sys.version_info.minor}/site-packages")
