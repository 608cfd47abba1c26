"""Runs at once over an instance in PostgreSQL and a catalog in a bucket."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from media_assets.automation.local_runs import register_partitions
from media_assets.home import CATALOG_VARIABLE, OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.deploy.postgres import DEPLOY, postgres
from media_assets_tests.faults.kills import PRELOADED
from media_assets_tests.faults.places import COLUMNS, small_table
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog, insert, materialize
from media_assets_tests.servers.s3 import S3Server

BATCHES, ROWS_OF_BATCH = 5, 4
_ALL = ("source_image", *COLUMNS)


@pytest.fixture
def shared_home(
    s3_environment: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A home that keeps nothing itself: PostgreSQL has the instance, a bucket the rest."""
    bucket = s3_environment.make_bucket(f"cluster-{uuid4().hex}")
    shutil.copy(DEPLOY / "local-cluster" / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv(CATALOG_VARIABLE, f"s3://{bucket}/catalog/")
    monkeypatch.setenv(OUTPUT_VARIABLE, f"s3://{bucket}/files/")
    with postgres() as url:
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
        yield tmp_path


def take_over(environment: dict[str, str]) -> None:
    os.environ.update(environment)


def run(partition: str) -> tuple[bool, str]:
    """A run as a process of its own makes it: whether it succeeded, and its id."""
    with dg.DagsterInstance.get() as instance:
        result = materialize(instance, small_table(rows_per_partition=ROWS_OF_BATCH), partition)
        return result.success, result.run_id


def batches(table: MediaTable, folder: Path) -> list[str]:
    """Inserts batches, lets Dagster know, and returns their partitions."""
    save_photos(folder, BATCHES * ROWS_OF_BATCH)
    insert(table, folder)
    stored = StoredTable(MediaIOManager().installation.catalog, table.name)
    with dg.DagsterInstance.get() as instance:
        register_partitions(instance, table, stored)
    return stored.partitions()


def materializations(instance: dg.DagsterInstance, column: str) -> Counter[str | None]:
    """The runs that told of a column, each as often as it did."""
    key = dg.AssetKey(["photos", column])
    return Counter(record.run_id for record in instance.fetch_materializations(key, 100).records)


def test_four_runs_of_partitions_and_two_of_one_partition_at_once_lose_nothing(
    shared_home: Path,
) -> None:
    table = small_table(rows_per_partition=ROWS_OF_BATCH)
    *single, twice = batches(table, shared_home / "in")
    context = get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED, __name__])

    # The server of processes may be older than this test, and so its environment.
    pool = ProcessPoolExecutor(
        len(single) + 2,
        mp_context=context,
        initializer=take_over,
        initargs=(dict(os.environ),),
    )
    with pool:
        results = list(pool.map(run, [*single, twice, twice]))

    runs = [run_id for _, run_id in results]
    assert [succeeded for succeeded, _ in results] == [True] * len(runs)
    rows = catalog().sql("select partition, count(shade) as made from photos group by all")
    assert dict(rows.itertuples(index=False, name=None)) == dict.fromkeys(
        [*single, twice], ROWS_OF_BATCH
    )
    assert list(catalog().sql("select * from media_assets.errors")["row"]) == []
    with dg.DagsterInstance.get() as instance:
        assert {run.status for run in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}
        for column in _ALL:
            assert materializations(instance, column) == Counter(runs)
