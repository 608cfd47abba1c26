"""What `make cluster` starts, as a person uses it: a backfill in the UI, rows made by workers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from media_assets.home import CATALOG_VARIABLE, OUTPUT_VARIABLE
from media_assets.photos import photos
from media_assets_tests.automation.deployment import Deployment, process_of_the_run
from media_assets_tests.deploy.postgres import DEPLOY
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog, inserted

ROWS = 12
LARGE = (4000, 3000)  # A run over some of these takes seconds: time enough to kill it.


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A running cluster, whose settings this process has too."""
    for name in (CATALOG_VARIABLE, OUTPUT_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    # PostgreSQL runs as a user of its own, who may not enter pytest's folders.
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o011)
    program = DEPLOY / "local-cluster" / "cluster.py"
    process = subprocess.Popen(
        [sys.executable, program, tmp_path / "home"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("export "):
                monkeypatch.setenv(*line.removeprefix("export ").strip().split("=", 1))
            elif line.startswith("The UI"):
                port = int(line.split(":")[2].split(".")[0])
                yield Deployment(port, process, tmp_path / "home/processes/daemon.log")
                break
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.mark.deployment
def test_a_backfill_in_the_ui_of_a_cluster_is_made_by_its_workers_though_its_run_is_killed(
    cluster: Deployment, tmp_path: Path
) -> None:
    for number in range(ROWS):
        save_photo(tmp_path / "in" / f"{number}.jpg", seed=number, size=LARGE)
    with dg.DagsterInstance.get() as instance:
        partition = inserted(instance, photos, tmp_path / "in")

        cluster.backfill([column.name for column in photos.columns], [partition])
        cluster.wait(lambda: process_of_the_run(instance) is not None)
        os.kill(process_of_the_run(instance) or 0, signal.SIGKILL)
    cluster.wait(lambda: cluster.runs() == ["SUCCESS", "FAILURE"])

    assert catalog().sql("select count(brightness) as made from photos")["made"].to_list() == [ROWS]
    logs = [path.read_text() for path in (tmp_path / "home/processes").glob("worker-*.log")]
    assert ["check_worker" in log for log in logs] == [True, True]
