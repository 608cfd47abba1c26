"""What many cores need: the share of work under Python's lock, and runs side by side."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.processes import Sample, run_job, run_process
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces

_RUNS = 2
_SAMPLER = Path(__file__).parents[1] / ".sampler/bin/py-spy"
_SAMPLES_A_SECOND = 100
_OF_ROWS = "_walk_on (", "run_plan ("
"""Functions below which rows are made, as py-spy writes them."""


def side_by_side(settings: Settings) -> Iterator[Figure]:
    """1,000 photos in two runs of one thread at once, against one run of two threads."""
    rows = settings.rows(1_000) // _RUNS * _RUNS
    everything = make_inputs(PHOTO, rows)
    speeds: list[float] = []
    cpu: list[float] = []
    details: dict[str, object] = {}
    with workspaces() as new, ThreadPoolExecutor(_RUNS) as at_once:
        halves = _parts(everything, new())

        def run(source: Path, *options: object) -> Sample:
            home = {"DAGSTER_HOME": str(new())}
            return run_job("step", source, *options, environment=home).inside()

        def run_on(core: int) -> Sample:
            return run(halves[core], "--core", core)

        for _ in range(settings.repeats):
            one = run(everything)
            several = list(at_once.map(run_on, range(_RUNS)))
            speeds.append(sum(one.seconds / each.seconds for each in several) / _RUNS)
            cpu.append(sum(each.cpu_seconds for each in several) / one.cpu_seconds)
            details = {"one": one.told, "several": [each.told for each in several]}
    what = f"{rows:,} of 1600x1200, two runs of one thread against one of two"
    yield Figure(
        f"{what}: rows a second", median(speeds), "x", 0.97, is_more_better=True, details=details
    )
    yield Figure(f"{what}: CPU", median(cpu), "x")


def interpreter_lock(settings: Settings) -> Iterator[Figure]:
    """The share of the busy threads' time in which one holds the lock, while rows are made."""
    if not _SAMPLER.exists():
        return
    source = make_inputs(PHOTO, settings.rows(1_000))
    with workspaces() as new:
        held, busy = (_samples(source, new(), options) for options in (["--gil"], []))
    share = 100 * held / busy
    details: dict[str, object] = {"held": held, "busy": busy}
    yield Figure("rows of 1600x1200: under Python's lock", share, "%", aim=3.0, details=details)


def _parts(source: Path, target: Path) -> Sequence[Path]:
    """Returns folders that share the files of one between them."""
    folders = [target / str(number) for number in range(_RUNS)]
    for folder in folders:
        folder.mkdir()
    for number, file in enumerate(sorted(source.iterdir())):
        shutil.copy(file, folders[number % _RUNS])
    return folders


def _samples(source: Path, home: Path, options: Sequence[str]) -> int:
    """Returns how often a thread was found to make a row: holding the lock, or busy at all."""
    stacks = home / "stacks"
    command = [str(_SAMPLER), "record", *options, "--rate", str(_SAMPLES_A_SECOND)]
    command += ["--format", "raw", "--output", str(stacks), "--", sys.executable]
    command += ["-m", "benchmarks.jobs.step", str(source)]
    run_process(command, environment={"DAGSTER_HOME": str(home)})
    lines = stacks.read_text().splitlines()
    return sum(int(line.rpartition(" ")[2]) for line in lines if any(f in line for f in _OF_ROWS))
