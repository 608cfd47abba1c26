"""Slots of pools: a killed run holds none, and whoever waits for one hears of it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import dagster as dg
import pytest

import media_assets as ma
from media_assets.automation.local_runs import run_partitions
from media_assets.io_manager import MediaIOManager
from media_assets.pool_slots import free_slots_of_killed_runs, wait_for_slots
from media_assets.tables.scanning import record
from media_assets.uploads.folders import find_files
from media_assets.verbs.location import location_of
from media_assets_tests.photos import save_photo

_RUN = """
import time

import dagster as dg

from media_assets.run_processes import claim_run


@dg.op(pool="images")
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
def holder(home: Path, instance: dg.DagsterInstance) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process whose run holds the one slot of the pool `images`, and the run."""
    instance.event_log_storage.set_concurrency_slots("images", 1)
    with subprocess.Popen(
        [sys.executable, "-c", _RUN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_a_wait_for_a_slot_names_the_run_and_ends_when_it_is_killed(
    holder: tuple[subprocess.Popen[str], str], instance: dg.DagsterInstance
) -> None:
    process, run_id = holder
    told = list[str]()

    def say(text: str) -> None:
        told.append(text)
        process.kill()

    waiting = Thread(target=wait_for_slots, args=(instance, ["images"], say))
    waiting.start()
    waiting.join(timeout=240)

    assert not waiting.is_alive()
    assert len(told) == 1
    assert "pool 'images'" in told[0]
    assert f"run {run_id}" in told[0]
    assert not instance.event_log_storage.get_concurrency_info("images").claimed_slots


def test_only_slots_of_killed_runs_are_freed(
    holder: tuple[subprocess.Popen[str], str], instance: dg.DagsterInstance
) -> None:
    process, run_id = holder
    run = instance.get_run_by_id(run_id)
    assert run is not None

    assert free_slots_of_killed_runs(instance) == 0
    process.kill()
    process.wait()
    instance.report_run_failed(run)

    assert free_slots_of_killed_runs(instance) == 1
    assert not instance.event_log_storage.get_concurrency_info("images").claimed_slots


def test_only_pools_with_a_limit_are_waited_for(
    instance: dg.DagsterInstance,
) -> None:
    told = list[str]()

    wait_for_slots(instance, [], told.append)
    wait_for_slots(instance, ["never used"], told.append)

    assert told == []


def test_a_run_waits_for_the_pools_of_derived_tables_too(
    holder: tuple[subprocess.Popen[str], str],
    instance: dg.DagsterInstance,
    tmp_path: Path,
) -> None:
    process, run_id = holder
    photos = ma.MediaTable("photos")
    photos.derived_table("tiles", ma.split.tiles(64), pool="images")
    ma.build_defs([photos])
    (partition,) = record(
        MediaIOManager().installation, photos, find_files([save_photo(tmp_path / "a.jpg")])
    ).partitions
    instance.add_dynamic_partitions("media_assets/photos", [partition])
    told = list[str]()

    def say(text: str) -> None:
        told.append(text)
        process.kill()

    location = location_of(photos).defs.resolve_implicit_global_asset_job_def()
    outcomes = run_partitions(
        location, instance, photos, [partition], photos.columns, tags={}, say=say
    )

    assert [run.succeeded for run in outcomes] == [True]
    assert len(told) == 1
    assert f"pool 'images': all 1 are taken, by run {run_id}" in told[0]
