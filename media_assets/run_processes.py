"""The process that a run lives in, by which killed runs are found and ended.

Dagster notices the death of a run's process only while the code server that started it lives; the
runs of a command line, or of a machine that went down, would count as started for ever.

A run's process is the one that Dagster's own events name, never that of a step: the multiprocess
executor runs each step in a process that ends with the step. Of a process that cannot be seen from
here (of another machine, in a container) nothing is said.
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
"""A tag with Dagster's own prefix for those that the UI does not show."""

STARTED_BY_TAG = "media_assets/started_by"
"""The verb, sensor, schedule or maintenance run that a run was started by."""

_OUTERMOST_NAMESPACE = "pid:[4026531836]"
"""The kernel's fixed name of the process namespace that no container is in."""

_UNFINISHED = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


@dataclass(frozen=True, slots=True)
class RunProcess:
    """A process, told from every other one, on whichever machine and after whatever restart.

    Attributes:
        machine: The machine's identity and name, which a restart leaves as they are.
        boot: The kernel's identity of the time since the machine was started.
        namespace: The namespace that the number counts in: a container has one of its own.
        pid: Its number.
        started: When it started, in the kernel's ticks since the machine did.
    """

    machine: str
    boot: str
    namespace: str
    pid: int
    started: int

    def __str__(self) -> str:
        """Writes it as a tag holds it."""
        return " ".join(str(part) for part in astuple(self))

    @classmethod
    def parse(cls, text: str) -> "RunProcess | None":
        """Reads what a tag holds; None for what no version of this package wrote."""
        match text.split():
            case [machine, boot, namespace, pid, started] if pid.isdigit() and started.isdigit():
                return cls(machine, boot, namespace, int(pid), int(started))
            case _:
                return None

    @classmethod
    def at(cls, pid: int) -> "RunProcess | None":
        """Reads which process has a number here; None where that cannot be seen."""
        here, found = _here(), _Stat.of(pid)
        return cls(*here, pid, found.started) if here and found else None

    def is_gone(self) -> bool:
        """Whether it has certainly ended; False for one that cannot be seen from here."""
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
    """Records which process a run lives in, in a tag that a retry of it carries without meaning.

    Nothing is recorded, and None returned, where Dagster names no process, or one that this process
    is no part of.
    """
    process = _process_of(instance, run.run_id)
    if process is not None:
        instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id} {process}"})
    return process


def end_with(run: RunProcess | None) -> None:
    """Ends this process once that of its run is gone, where a step has a process of its own.

    The multiprocess executor's steps would go on after the run was killed, beside its retry. A run
    of a code server goes on without that.
    """
    parent = multiprocessing.parent_process()
    if run is not None and parent is not None and parent.pid == run.pid:
        Thread(target=_exit_after, args=(parent.join,), daemon=True).start()


def _exit_after(wait: Callable[[], None]) -> None:
    wait()
    os._exit(1)


def process_of(run: dg.DagsterRun) -> RunProcess | None:
    """Returns the process that a run of media tables was recorded to live in."""
    run_id, _, process = run.tags.get(PROCESS_TAG, "").partition(" ")
    return RunProcess.parse(process) if run_id == run.run_id else None


def end_dead_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Marks runs of media tables failed whose process is gone, so that they can be retried.

    A run that was told to stop is marked as cancelled.
    """
    ended: list[dg.DagsterRun] = []
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED)):
        process = process_of(run)
        if process is None or not process.is_gone() or not _is_last(instance, run, process):
            continue
        # It may have ended well since it was listed: what it did last, it did before it was gone.
        now = instance.get_run_by_id(run.run_id)
        if now is None or now.status not in _UNFINISHED:
            continue
        if now.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(now, "The process of this run is gone.")
        else:
            instance.report_run_failed(now, "The process of this run is gone: it was killed.")
        ended.append(now)
    return ended


def _process_of(instance: dg.DagsterInstance, run_id: str) -> RunProcess | None:
    """The process that Dagster's events name, if this one is it or descends from it."""
    named = _last_named_process(instance, run_id)
    if named is None:
        return None
    pid, seconds_ago = named
    found = _Stat.of(pid) if pid in _lineage() else None
    # A container has the same small numbers: what started after it was named is another process.
    is_it = found is not None and found.age() >= seconds_ago
    return RunProcess.at(pid) if is_it else None


def _is_last(instance: dg.DagsterInstance, run: dg.DagsterRun, process: RunProcess) -> bool:
    """Whether a run has not gone on in another process since: some launchers resume runs."""
    named = _last_named_process(instance, run.run_id)
    return named is not None and named[0] == process.pid


def _last_named_process(instance: dg.DagsterInstance, run_id: str) -> tuple[int, float] | None:
    """The number of the process that a run's newest event about it names, and how long ago."""
    for entry in reversed(instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)):
        event = entry.dagster_event
        pid = event.engine_event_data.metadata.get("pid") if event else None
        if pid is not None and (number := str(pid.value)).isdigit():
            return int(number), time.time() - entry.timestamp
    return None


def _lineage() -> Iterator[int]:
    """Yields the number of this process, then of its parent, and so on."""
    pid = os.getpid()
    while pid > 0:
        yield pid
        found = _Stat.of(pid)
        pid = found.parent if found else 0


@dataclass(frozen=True, slots=True)
class _Stat:
    """What the kernel tells of a process."""

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
        """How many seconds ago it started."""
        ticks = os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - self.started / ticks


def _here() -> tuple[str, str, str] | None:
    """This machine, the time since it was started, and the namespace of this process."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    except OSError:
        machine = ""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  no path: a kernel's name
    except OSError:
        return None
    return f"{socket.gethostname()}/{machine}", boot, namespace
