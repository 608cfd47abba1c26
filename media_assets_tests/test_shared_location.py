"""A location of another team's, where media tables are guests."""

import subprocess

import dagster as dg
import pytest

from media_assets.run_processes import end_dead_runs, process_of
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog
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

    claimed, before = process_of(run), end_dead_runs(instance)
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


STALENESS = """
query Staleness($small: AssetKeyInput!, $source: AssetKeyInput!) {
  small: assetNodeOrError(assetKey: $small) { ...status }
  source: assetNodeOrError(assetKey: $source) { ...status }
}
fragment status on AssetNode {
  d1: staleStatus(partition: "2026-01-01")
  d2: staleStatus(partition: "2026-01-02")
  d3: staleStatus(partition: "2026-01-03")
}
"""


def test_a_range_makes_every_partition_and_each_is_stale_by_its_own_inputs(
    shop: Shop, instance: dg.DagsterInstance
) -> None:
    defs = shop.load()
    days = ["2026-01-01", "2026-01-02", "2026-01-03"]
    for n, day in enumerate(days):
        save_photo(shop.home / "uploads" / "days" / day / "photo.jpg", seed=n)
    shop.run("launch", "--assets", 'key:"days/*"', "--partition-range", "...".join(days[::2]))
    save_photo(shop.home / "uploads" / "days" / days[1] / "another.jpg", seed=9)

    again = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey(["days", "source_image"])],
        partition_key=days[1],
    )
    keys = {"small": ["days", "small"], "source": ["days", "source_image"]}
    status = shop.asks(STALENESS, {name: {"path": path} for name, path in keys.items()})

    assert again.success
    assert status == {
        "small": {"d1": "FRESH", "d2": "STALE", "d3": "FRESH"},
        "source": {"d1": "FRESH", "d2": "FRESH", "d3": "FRESH"},
    }
    stored = catalog().sql("select partition, count(small) as n from days group by all order by 1")
    assert stored.to_numpy().tolist() == [[days[0], 1], [days[1], 1], [days[2], 1]]


def test_a_table_in_yaml_has_partitions_policies_conditions_and_functions_of_its_own(
    shop: Shop,
) -> None:
    defs = shop.load()

    (toned,) = [spec for spec in defs.resolve_all_asset_specs() if spec.key.path[-1] == "toned"]
    assets = defs.resolve_assets_def(dg.AssetKey(["scans", "toned"]))
    assert toned.partitions_def == dg.MonthlyPartitionsDefinition(
        "2026-01-01", end_date="2026-06-01"
    )
    assert toned.automation_condition is not None
    assert toned.group_name == "archive"
    assert [dep.asset_key.path[-1] for dep in toned.deps] == ["grayscale"]
    assert assets.backfill_policy == dg.BackfillPolicy.single_run()
    assert assets.op.retry_policy == dg.RetryPolicy(max_retries=2)
    assert defs.resolve_job_def("scans_job").run_tags["team"] == "archive"
