"""The connection between a worker and the scheduler cut in the middle of a run."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

from media_assets_tests.fan_out.cluster import Cluster, fanned_out, without_times
from media_assets_tests.fan_out.photos import SEEN, SLOWLY, photos
from media_assets_tests.faults.cable import Cable, Cut
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import cells, run_step

ROWS = 24


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    yield running
    running.stop()


@pytest.mark.parametrize("how", Cut)
@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.faults)])
def test_a_run_outlives_a_cut_between_a_worker_and_the_scheduler(
    home: Path, cluster: Cluster, tmp_path: Path, how: Cut, seconds: float
) -> None:
    save_photos(tmp_path / "in", ROWS)
    (partition,) = insert(photos, tmp_path / "in")
    seen = tmp_path / "seen"
    seen.mkdir()
    slow = {SLOWLY: "0.1", SEEN: str(seen)}
    cable = Cable(cluster.address)
    cut_off = cluster.worker(slow, scheduler=cable.address)
    cluster.worker(slow)
    was_cut = list[bool]()

    def cut_once_seen() -> None:
        while not (seen / str(cut_off.pid)).exists():
            sleep(0.02)
        with cable.cut(how):
            was_cut.append(True)
            sleep(seconds)

    cutter = Thread(target=cut_once_seen)
    cutter.start()
    made = cells(run_step(photos, partition, manager=fanned_out(cluster, chunk_rows=3)))
    cutter.join()
    cable.close()

    assert was_cut
    assert without_times(made) == without_times(cells(run_step(photos, partition, force=True)))
