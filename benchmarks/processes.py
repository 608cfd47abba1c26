"""Runs of jobs in their own processes, measured from outside and inside."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from time import perf_counter

from benchmarks.stopwatch import mb_moved
from media_assets_tests.peak_memory import peak_bytes

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of a job.

    Attributes:
        seconds: Wall time of the whole process, start-up included.
        cpu_seconds: Its processor time, that of its children included.
        peak_rss_mb: The largest memory it had in RAM, in MiB; NaN if the benchmark has more, with
            which the system's count of a process begins.
        read_mb: What it and its children read by system calls, sockets not included.
        written_mb: What they wrote.
        told: What it said of itself: the last line that it printed, if that is JSON.
    """

    seconds: float
    cpu_seconds: float
    peak_rss_mb: float
    read_mb: float
    written_mb: float
    told: dict[str, object] = field(default_factory=dict[str, object])

    def inside(self) -> "Sample":
        """Returns the same figures as measured by the job itself, without start-up."""
        numbers = {name: float(str(self.told[name])) for name in _FIGURES}
        return Sample(told=self.told, **numbers)


_FIGURES = ("seconds", "cpu_seconds", "peak_rss_mb", "read_mb", "written_mb")


def run_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    output: int | None = None,
) -> Sample:
    """Runs a command, and returns its sample.

    Raises:
        RuntimeError: It failed.
    """
    own_mb = peak_bytes() / 1_048_576
    started = perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})},
        stdout=output or subprocess.PIPE,
        text=True,
    )
    printed = process.stdout.read() if process.stdout else ""
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    seconds = perf_counter() - started
    moved = mb_moved(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        problem = f"{' '.join(command)} ended with {process.returncode}:\n{printed}"
        raise RuntimeError(problem)
    last = printed.strip().rpartition("\n")[2]
    told: dict[str, object] = json.loads(last) if last.startswith("{") else {}
    cpu_seconds = usage.ru_utime + usage.ru_stime
    peak_mb = usage.ru_maxrss / 1024
    return Sample(seconds, cpu_seconds, peak_mb if peak_mb > own_mb else nan, *moved, told)


def run_job(name: str, *arguments: object, environment: Mapping[str, str] | None = None) -> Sample:
    """Runs `benchmarks.jobs.<name>` with this Python."""
    command = [sys.executable, "-m", f"benchmarks.jobs.{name}", *map(str, arguments)]
    return run_process(command, environment=environment)
