"""Which process a run lives in: the run's own, whatever processes its steps have."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from media_assets.run_processes import PROCESS_TAG, RunProcess, end_dead_runs, process_of
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted, materialize

_RUN = """
import time

import dagster as dg

from media_assets.run_processes import claim_run


@dg.op
def wait(context: dg.OpExecutionContext) -> None:
    claim_run(context.instance, context.run)
    print(context.run.run_id, flush=True)
    time.sleep(300)


@dg.job
def waiting() -> None:
    wait()


waiting.execute_in_process(instance=dg.DagsterInstance.get())
"""


@pytest.fixture
def process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process whose run has claimed it, and waits in a step."""
    with subprocess.Popen(
        [sys.executable, "-c", _RUN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield process
        process.kill()


def waiting_run(process: subprocess.Popen[str], instance: dg.DagsterInstance) -> dg.DagsterRun:
    assert process.stdout is not None
    run = instance.get_run_by_id(process.stdout.readline().strip())
    assert run is not None
    return run


def test_a_run_of_this_process_claims_this_process(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table()
    save_photos(home / "uploads" / "photos", 1)
    partition = inserted(instance, table, home / "uploads" / "photos")

    run = materialize(instance, table, partition).dagster_run

    claimed = instance.get_run_by_id(run.run_id)
    assert claimed is not None
    assert process_of(claimed) == RunProcess.at(os.getpid())
    assert PROCESS_TAG.startswith(".dagster/")


def test_a_run_is_ended_only_after_its_process_has_died(
    process: subprocess.Popen[str], instance: dg.DagsterInstance
) -> None:
    run = waiting_run(process, instance)
    retried = instance.create_run_for_job(
        dg.job(name="retried")(lambda: None),
        status=dg.DagsterRunStatus.STARTED,
        tags={PROCESS_TAG: run.tags[PROCESS_TAG]},
    )

    before = end_dead_runs(instance)
    # Its parent has not asked for it yet, so its number is still taken.
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    after = end_dead_runs(instance)

    assert before == []
    assert [ended.run_id for ended in after] == [run.run_id]
    states = [instance.get_run_by_id(r.run_id) for r in (run, retried)]
    assert [state.status for state in states if state] == [
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.STARTED,
    ]


def test_a_process_that_cannot_be_seen_from_here_is_not_dead(
    process: subprocess.Popen[str], instance: dg.DagsterInstance
) -> None:
    run = waiting_run(process, instance)
    claimed = process_of(run)
    assert claimed is not None
    process.kill()
    process.wait()
    elsewhere = [
        replace(claimed, machine="another/machine"),
        replace(claimed, namespace="pid:[4026532999]"),
        replace(claimed, namespace="pid:[4026532999]", boot="another"),
        # A run that has gone on in another process since: Dagster's events name that one.
        replace(claimed, pid=999_999_999),
    ]

    ended = list[dg.DagsterRun]()
    for unseen in elsewhere:
        instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id} {unseen}"})
        ended += end_dead_runs(instance)
    before_the_restart = replace(claimed, boot="before")
    instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id} {before_the_restart}"})

    assert ended == []
    assert [one.run_id for one in end_dead_runs(instance)] == [run.run_id]


def test_a_run_killed_while_canceling_is_canceled(
    process: subprocess.Popen[str], instance: dg.DagsterInstance
) -> None:
    run = waiting_run(process, instance)
    instance.report_run_canceling(run)
    process.kill()
    process.wait()

    end_dead_runs(instance)

    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.CANCELED


_STEP_OF_ITS_OWN = """
import multiprocessing
import os
import time

from media_assets.run_processes import RunProcess, end_with


def step() -> None:
    end_with(RunProcess.at(os.getppid()))
    print(os.getpid(), flush=True)
    time.sleep(300)


step_process = multiprocessing.get_context("fork").Process(target=step)
step_process.start()
step_process.join()
"""


def test_a_steps_process_ends_with_that_of_its_run() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STEP_OF_ITS_OWN], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        step = int(run.stdout.readline())
        before = Path(f"/proc/{step}").exists()

        run.kill()
        # The step holds the other end of this pipe: it is empty once the step is gone.
        rest = run.stdout.read()

    assert before
    assert rest == ""
