"""A location of another team's, where media tables are guests."""

import subprocess

import dagster as dg
import pytest

from media_assets.run_processes import claimed_process, end_dead_runs
from media_assets_tests.shop_project import Shop, shop

__all__ = ["shop"]


def test_it_loads_with_its_own_executor_and_all_of_its_own(shop: Shop) -> None:
    defs = shop.load()

    dg.Definitions.validate_loadable(defs)
    executor = defs.executor
    assert isinstance(executor, dg.ExecutorDefinition)
    assert executor.name == "multiprocess"
    assert defs.resolve_job_def("prices_job").executor_def.name == "multiprocess"
    assert {sensor.name for sensor in defs.sensors or ()} == {
        "alerts",
        "days_uploads",
        "media_assets_dead_runs",
        "photos_uploads",
        "scans_uploads",
    }
    assert {job.name for job in defs.resolve_all_job_defs()} == {
        "__ASSET_JOB",
        "days_job",
        "days_maintenance",
        "media_assets_check_destinations",
        "photos_job",
        "photos_maintenance",
        "prices_job",
        "scans_job",
        "scans_maintenance",
    }


def launched_to_the_slow_step(
    shop: Shop, instance: dg.DagsterInstance, partition: str
) -> tuple[subprocess.Popen[bytes], dg.DagsterRun]:
    """A run whose table's step is over, and whose next step, in another process, is not."""
    for name in ("slow_report.started", "slow_report.may_end"):
        (shop.home / name).unlink(missing_ok=True)
    selected = 'key:"photos/*" or key:"slow_report"'
    process = shop.start("launch", "--assets", selected, "--partition", partition)
    shop.wait_for("slow_report.started", process)
    (run,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    return process, run


def test_a_run_under_the_multiprocess_executor_is_left_alone_while_it_lives_and_found_once_killed(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    shop.load()
    partition = shop.insert(instance, "photos", 2)
    process, run = launched_to_the_slow_step(shop, instance, partition)

    claimed, before = claimed_process(run), end_dead_runs(instance)
    process.kill()
    process.wait()
    after = end_dead_runs(instance)

    assert claimed is not None
    assert claimed.pid == process.pid
    assert before == []
    assert [ended.run_id for ended in after] == [run.run_id]


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_of_ten_runs_that_are_looked_at_in_a_later_step_all_succeed(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    shop.load()
    partition = shop.insert(instance, "photos", 2)
    for _ in range(10):
        process, _ = launched_to_the_slow_step(shop, instance, partition)
        assert end_dead_runs(instance) == []
        (shop.home / "slow_report.may_end").touch()
        assert process.wait(timeout=120) == 0

    assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 10


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_of_ten_runs_that_are_killed_in_a_later_step_all_are_found(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    shop.load()
    partition = shop.insert(instance, "photos", 2)
    for _ in range(10):
        process, run = launched_to_the_slow_step(shop, instance, partition)
        process.kill()
        process.wait()
        assert [ended.run_id for ended in end_dead_runs(instance)] == [run.run_id]
