"""Which process a run lives in, so that a killed run is found and ended.

Dagster notices the death of a run's process only while the code server that started it lives; the
runs of a command line, or of a machine that went down, would count as started for ever.
"""

import os
import socket

import dagster as dg

PROCESS_TAG = "media_assets/process"
_RUNS_CHECKED = 100


def claim_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Records that a run lives in this process; a retry of it carries the tag of the one before."""
    instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id} {_host()} {_this_process()}"})


def end_dead_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Marks runs of this machine failed whose process is gone, so that they can be retried."""
    ended: list[dg.DagsterRun] = []
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    for run in instance.get_runs(started, limit=_RUNS_CHECKED):
        run_id, _, claimed = run.tags.get(PROCESS_TAG, "").partition(" ")
        host, _, process = claimed.partition(" ")
        is_here = run_id == run.run_id and host == _host()
        if is_here and _identity(process.partition("-")[0]) != process:
            instance.report_run_failed(run, "The process of this run is gone: it was killed.")
            ended.append(run)
    return ended


def _host() -> str:
    return socket.gethostname()


def _this_process() -> str:
    return _identity(str(os.getpid()))


def _identity(pid: str) -> str:
    """Tells a process from a later one with its number, by when it was started."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123  no path, a kernel's answer
            return f"{pid}-{file.read().rpartition(')')[2].split()[19]}"
    except OSError:
        return ""
