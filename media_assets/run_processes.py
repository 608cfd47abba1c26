"""The processes of runs, by which killed runs are found and ended.

Dagster notices that a run's process has died only while the code server that started it is running.
Runs of the command line, or of a machine that went down, would count as started for ever.

A run's process is the one that Dagster's events name, not that of a step: the multiprocess executor
runs each step in its own process. A process that cannot be seen from here, on another machine or in
a container, is never reported as dead.
"""

import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from threading import Thread

import dagster as dg

PROCESS_TAG = ".dagster/media_assets_process"
"""A tag with the prefix of tags that the UI hides."""

STARTED_BY_TAG = "media_assets/started_by"
"""The tag of the verb, sensor, schedule or maintenance run that started a run."""

BRANCH_TAG = "media_assets/branch"
"""The tag of the branch that a run wrote to; on main there is none."""

_OUTERMOST_NAMESPACE = "pid:[4026531836]"
"""The kernel's fixed name of the process namespace outside all containers."""

_UNFINISHED = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


@dataclass(frozen=True, slots=True)
class RunProcess:
    """A process, identified uniquely across machines and restarts.

    Attributes:
        machine: The machine's name and id, which survive a restart.
        boot: The kernel's id of the current boot.
        namespace: The process namespace; a container has its own.
        pid: The process id.
        started: When the process started, in clock ticks since boot.
    """

    machine: str
    boot: str
    namespace: str
    pid: int
    started: int

    def __str__(self) -> str:
        """Returns the text for a tag."""
        return " ".join(str(part) for part in astuple(self))

    @classmethod
    def parse(cls, text: str) -> "RunProcess | None":
        """Returns the process in a tag's text, or None if the text has another form."""
        match text.split():
            case [machine, boot, namespace, pid, started] if pid.isdigit() and started.isdigit():
                return cls(machine, boot, namespace, int(pid), int(started))
            case _:
                return None

    @classmethod
    def at(cls, pid: int) -> "RunProcess | None":
        """Returns the local process with a process id, or None if it cannot be seen."""
        here, found = _here(), _Stat.of(pid)
        return cls(*here, pid, found.started) if here and found else None

    def is_running(self) -> bool:
        """Whether the process certainly runs; False if it cannot be seen from here."""
        here = _here()
        return (self.machine, self.boot, self.namespace) == here and not self.is_gone()

    def is_gone(self) -> bool:
        """Whether the process has certainly ended; False if it cannot be seen from here."""
        here = _here()
        if here is None or (self.machine, self.namespace) != (here[0], here[2]):
            return False
        if self.boot != here[1]:
            return self.namespace == _OUTERMOST_NAMESPACE
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        found = _Stat.of(self.pid)
        return found is not None and (found.is_zombie or found.started != self.started)


def claim_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> RunProcess | None:
    """Records the process of a run in a tag and returns it; retries ignore the inherited tag.

    Nothing is recorded, and None returned, if Dagster names no process, or one that is neither this
    process nor an ancestor of it.
    """
    process = _process_of(instance, run.run_id)
    if process is not None:
        instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id} {process}"})
    return process


def end_with(run: RunProcess | None) -> None:
    """Ends this process once the process of its run has ended, if it is that of a step.

    Otherwise, steps of the multiprocess executor would continue after the run was killed, alongside
    its retry.
    """
    parent = multiprocessing.parent_process()
    if run is not None and parent is not None and parent.pid == run.pid:
        Thread(target=_exit_after, args=(parent.join,), daemon=True).start()


def _exit_after(wait: Callable[[], None]) -> None:
    wait()
    os._exit(1)


def process_of(run: dg.DagsterRun) -> RunProcess | None:
    """Returns the recorded process of a run of media tables, or None."""
    run_id, _, process = run.tags.get(PROCESS_TAG, "").partition(" ")
    return RunProcess.parse(process) if run_id == run.run_id else None


def end_dead_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Marks runs of media tables as failed if their process has died, so that they are retried.

    A run that was being canceled is marked as canceled. Returns all these runs.
    """
    ended: list[dg.DagsterRun] = []
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED)):
        process = process_of(run)
        if process is None or not process.is_gone() or not _is_last(instance, run, process):
            continue
        # The run may have succeeded since it was listed.
        now = instance.get_run_by_id(run.run_id)
        if now is None or now.status not in _UNFINISHED:
            continue
        if now.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(now, "The process of this run has died.")
        else:
            instance.report_run_failed(now, "The process of this run has died: it was killed.")
        ended.append(now)
    return ended


def _process_of(instance: dg.DagsterInstance, run_id: str) -> RunProcess | None:
    """Returns the process that Dagster's events name, if it is this one or an ancestor."""
    named = _last_named_process(instance, run_id)
    if named is None:
        return None
    pid, seconds_ago = named
    found = _Stat.of(pid) if pid in _lineage() else None
    # Containers reuse small process ids: a process that started later is another one.
    is_it = found is not None and found.age() >= seconds_ago
    return RunProcess.at(pid) if is_it else None


def _is_last(instance: dg.DagsterInstance, run: dg.DagsterRun, process: RunProcess) -> bool:
    """Whether a process is the last one of its run; some launchers resume runs in another."""
    named = _last_named_process(instance, run.run_id)
    return named is not None and named[0] == process.pid


def _last_named_process(instance: dg.DagsterInstance, run_id: str) -> tuple[int, float] | None:
    """Returns the process id in a run's newest event that has one, and its age in seconds."""
    for entry in reversed(instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)):
        event = entry.dagster_event
        pid = event.engine_event_data.metadata.get("pid") if event else None
        if pid is not None and (number := str(pid.value)).isdigit():
            return int(number), time.time() - entry.timestamp
    return None


def _lineage() -> Iterator[int]:
    """Yields the ids of this process and its ancestors."""
    pid = os.getpid()
    while pid > 0:
        yield pid
        found = _Stat.of(pid)
        pid = found.parent if found else 0


@dataclass(frozen=True, slots=True)
class _Stat:
    """The kernel's facts about a process."""

    parent: int
    started: int
    is_zombie: bool

    @classmethod
    def of(cls, pid: int) -> "_Stat | None":
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, parent, *others = text.rpartition(")")[2].split()
        return cls(int(parent), int(others[17]), state in "ZX")

    def age(self) -> float:
        """Returns how many seconds ago the process started."""
        ticks = os.sysconf("SC_CLK_TCK")
        return (
            time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
            - self.started / ticks
        )


def _here() -> tuple[str, str, str] | None:
    """Returns this machine, its current boot, and the process namespace."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    except OSError:
        machine = ""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  a name of the kernel, not a path
    except OSError:
        return None
    return f"{socket.gethostname()}/{machine}", boot, namespace
