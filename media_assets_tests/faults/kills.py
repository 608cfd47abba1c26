"""Processes that write rows and are killed: at a moment that the caller picks, or at a point.

A moment is a time by the clock, or an amount of CPU time. The processes are forked from a server
that has imported everything once, so one costs milliseconds.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import CodeType, FrameType

import dagster as dg

from media_assets.records import work_records
from media_assets_tests.faults.places import Place, small_table
from media_assets_tests.runs import materialize
from media_assets_tests.steps import run_step

PRELOADED = ["pytest", "pandas", "pyarrow.parquet", "dagster_aws.s3", __name__]

_context = get_context("forkserver")
_context.set_forkserver_preload(PRELOADED)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the program: where a function has returned so many times.

    Attributes:
        what: What has just been done.
        file: What the function's file ends in.
        function: Its qualified name.
        times: How often it has returned.
    """

    what: str
    file: str
    function: str
    times: int = 1

    def is_in(self, code: CodeType) -> bool:
        return code.co_qualname == self.function and code.co_filename.endswith(self.file)


def start(place: Place, partition: str) -> BaseProcess:
    """Starts a step, and returns when it is about to write."""
    receiver, sender = _context.Pipe(duplex=False)
    process = _context.Process(target=_step, args=(place, partition, sender), daemon=True)
    process.start()
    sender.close()
    receiver.recv()
    return process


def die_at(point: Point, place: Place, partition: str) -> int | None:
    """Runs all columns as Dagster does until a point is reached, and returns the exit code."""
    return _exit_code_of(_run_until, point, place, partition)


def die_in(point: Point, work: Callable[[], object]) -> int | None:
    """Runs anything that can be pickled until a point is reached, and returns the exit code."""
    return _exit_code_of(_until, point, work)


def die_after(seconds: float, work: Callable[[], object]) -> int | None:
    """Runs anything that can be pickled until it has used so much CPU time; returns the exit code.

    That is a moment as good as any, and the same one however busy the machine is.
    """
    return _exit_code_of(_for_seconds, seconds, work)


def _exit_code_of(work: Callable[..., None], *given: object) -> int | None:
    """Runs a function in a process, and ends what a killed one leaves: Dagster's `tail -F`."""
    process = _context.Process(target=_in_its_own_group, args=(work, *given), daemon=True)
    process.start()
    process.join()
    with suppress(ProcessLookupError):
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)
    return process.exitcode


def _in_its_own_group(work: Callable[..., None], *given: object) -> None:
    os.setpgrp()
    work(*given)


@contextmanager
def beside(work: Callable[[], object]) -> Generator[None]:
    """Does anything that can be pickled in a process of its own, which is killed in the end."""
    process = _context.Process(target=work, daemon=True)
    process.start()
    try:
        yield
        assert process.is_alive()
    finally:
        process.kill()
        process.join()


def _for_seconds(seconds: float, work: Callable[[], object]) -> None:
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process as a kill does
    signal.setitimer(signal.ITIMER_PROF, seconds)
    work()


def _until(point: Point, work: Callable[[], object]) -> None:
    profile = partial(_kill_at, point, [0])
    threading.setprofile(profile)
    sys.setprofile(profile)
    work()


def _step(place: Place, partition: str, started: Connection) -> None:
    place.enter()
    work_records.FLUSH_SECONDS = 0.02  # a run lasts tenths of seconds here
    started.send("now")
    run_step(small_table(), partition, manager=place.manager)


def _run_until(point: Point, place: Place, partition: str) -> None:
    place.enter()
    work_records.FLUSH_SECONDS = 0.0
    profile = partial(_kill_at, point, [0])
    threading.setprofile(profile)
    sys.setprofile(profile)
    with dg.DagsterInstance.get() as instance:
        done = materialize(instance, small_table(), partition, manager=place.manager)
    assert done.success


def _kill_at(point: Point, seen: list[int], frame: FrameType, event: str, _: object) -> None:
    """A profiling function: it is told of every return, on every thread."""
    if event == "return" and point.is_in(frame.f_code):
        seen[0] += 1
        if seen[0] == point.times:
            os.kill(os.getpid(), signal.SIGKILL)
