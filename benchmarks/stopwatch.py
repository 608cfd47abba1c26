"""Wall time, CPU time and peak memory of a block, measured inside its process."""

import json
import os
import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter


@contextmanager
def measured() -> Generator[dict[str, object]]:
    """Yields a dictionary that has `seconds`, `cpu_seconds` and `peak_rss_mb` after the block.

    Processor time counts children that have ended; memory is this process's own since its start.
    """
    figures: dict[str, object] = {}
    started, cpu = perf_counter(), _cpu_seconds()
    yield figures
    figures["seconds"] = perf_counter() - started
    figures["cpu_seconds"] = _cpu_seconds() - cpu
    figures["peak_rss_mb"] = _peak_rss_mb()


def tell(figures: dict[str, object]) -> None:
    """Prints figures as the line that the benchmark reads."""
    print(json.dumps(figures), flush=True)


def _cpu_seconds() -> float:
    times = os.times()
    return sum(times[:4])


def _peak_rss_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
