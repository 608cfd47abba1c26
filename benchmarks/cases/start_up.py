"""The time to load the code location, compared with Dagster alone."""

import sys
from collections.abc import Iterator

from benchmarks.figures import Figure, compare
from benchmarks.processes import Sample, run_process
from benchmarks.settings import Settings

_LEAST_REPEATS = 7


def imports(settings: Settings) -> Iterator[Figure]:
    """`import media_assets.definitions` against `import dagster`, each in a new process."""

    def load(module: str) -> Sample:
        return run_process([sys.executable, "-c", f"import {module}"])

    load("media_assets.definitions")  # compiles bytecode
    found = compare(
        lambda: load("media_assets.definitions"),
        lambda: load("dagster"),
        repeats=max(settings.repeats, _LEAST_REPEATS),
    )
    what = "import media_assets.definitions against import dagster"
    yield Figure(f"{what}: wall", found.wall_ratio, "x", 1.3, 1.1, details=found.details())
    yield Figure(f"{what}: CPU", found.cpu_ratio, "x")
