"""Wall time, CPU time, peak memory and bytes moved of a block, measured inside its process."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from math import nan
from pathlib import Path
from time import perf_counter

from media_assets_tests.peak_memory import peak_bytes


@contextmanager
def measured() -> Generator[dict[str, object]]:
    """Yields a dictionary that has the figures of a `Sample` after the block.

    Processor time and bytes count children that have ended; memory is this process's own since its
    start.
    """
    figures: dict[str, object] = {}
    started, cpu, (read, written) = perf_counter(), _cpu_seconds(), mb_moved()
    yield figures
    figures["seconds"] = perf_counter() - started
    figures["cpu_seconds"] = _cpu_seconds() - cpu
    figures["peak_rss_mb"] = peak_bytes() / 1_048_576
    read_mb, written_mb = mb_moved()
    figures["read_mb"], figures["written_mb"] = read_mb - read, written_mb - written


def mb_moved(process: int | str = "self") -> tuple[float, float]:
    """Returns the MB that a process and its ended children read and wrote, caches included.

    These are the bytes of files and pipes by system calls, not those of sockets and memory maps;
    NaN where the system does not count them.
    """
    try:
        lines = Path(f"/proc/{process}/io").read_text().splitlines()
    except OSError:
        return nan, nan
    counted = dict(line.split(": ") for line in lines)
    return int(counted["rchar"]) / 1e6, int(counted["wchar"]) / 1e6


def tell(figures: dict[str, object]) -> None:
    """Prints figures as the line that the benchmark reads."""
    print(json.dumps(figures), flush=True)


def _cpu_seconds() -> float:
    times = os.times()
    return sum(times[:4])
