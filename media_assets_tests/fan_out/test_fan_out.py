"""Rows on the workers of a real Dask cluster, and failures there."""

import pickle
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from signal import SIGKILL
from subprocess import Popen
from threading import Thread
from time import sleep
from uuid import uuid4

import pytest

from media_assets.errors import (
    DeclarationError,
    NotSendableError,
    SchedulerUnreachableError,
    StoreFaultError,
    WorkerDiffersError,
)
from media_assets.fan_out.resource import FanOut
from media_assets.fan_out.worker import Expected, check_worker
from media_assets.io_manager import MediaIOManager
from media_assets.pipeline import Plan
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.fan_out import photos as photos_module
from media_assets_tests.fan_out.cluster import Cluster, fanned_out, without_times
from media_assets_tests.fan_out.frames import frames, videos
from media_assets_tests.fan_out.photos import DEADLY, DEADLY_SIZE, SEEN, SLOWLY, photos
from media_assets_tests.media.clips import clips
from media_assets_tests.media.videos import make_video
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import insert, manifest
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import cells, run_step

ROWS = 24


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with two workers."""
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        running.worker()
        running.worker()
        yield running
    finally:
        running.stop()


@pytest.fixture
def partition(home: Path, tmp_path: Path) -> str:
    save_photos(tmp_path / "in", ROWS)
    (partition,) = insert(photos, tmp_path / "in")
    return partition


def test_workers_make_what_the_step_makes_itself(cluster: Cluster, partition: str) -> None:
    local = cells(run_step(photos, partition))
    on_workers = cells(run_step(photos, partition, force=True, manager=fanned_out(cluster)))

    assert without_times(on_workers) == without_times(local)
    assert {len(records) for records in local.values()} == {ROWS}
    assert len({record.value is None for record in local["note"].values()}) == 2


def test_videos_are_worked_on_there_by_their_path(
    cluster: Cluster, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        make_video(tmp_path / f"in/{number}.mp4", seconds=0.5 + number / 10)
    (partition,) = insert(clips, tmp_path / "in")

    local = cells(run_step(clips, partition))
    on_workers = cells(run_step(clips, partition, force=True, manager=fanned_out(cluster)))

    assert without_times(on_workers) == without_times(local)
    assert [local["duration"][f"{n}.mp4"].value for n in range(3)] == ["0.5", "0.6", "0.7"]


def test_parents_are_split_there_each_in_a_task_of_its_own(
    cluster: Cluster, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        make_video(tmp_path / f"in/{number}.mp4", seconds=0.5 + number / 10)
    (partition,) = insert(videos, tmp_path / "in")
    run_step(videos, partition)

    local = cells(run_step(frames, partition))
    on_workers = cells(run_step(frames, partition, force=True, manager=fanned_out(cluster)))

    assert without_times(on_workers) == without_times(local)
    assert len(local["small"]) == 2 + 3 + 3
    assert run_step(frames, partition, manager=MediaIOManager(fan_out=nowhere()))


def test_rows_that_are_right_are_not_sent(cluster: Cluster, partition: str) -> None:
    run_step(photos, partition, manager=fanned_out(cluster))

    outputs = run_step(photos, partition, manager=MediaIOManager(fan_out=nowhere()))

    assert [output.committed.reused for output in outputs] == [ROWS] * 4


def nowhere() -> FanOut:
    return FanOut(engine="dask", scheduler="tcp://127.0.0.1:9")


def test_a_scheduler_that_is_down_is_named_and_nothing_is_committed(partition: str) -> None:
    with pytest.raises(SchedulerUnreachableError, match=r"tcp://127\.0\.0\.1:9 does not answer"):
        run_step(photos, partition, manager=MediaIOManager(fan_out=nowhere()))

    assert manifest(photos, "flipped", partition) is None


def test_the_rows_of_a_killed_worker_are_made_by_another(partition: str, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    seen.mkdir()
    slow = {SLOWLY: "0.1", SEEN: str(seen)}
    cluster = Cluster(tmp_path)
    try:
        workers = [cluster.worker(slow), cluster.worker(slow)]
        killer = Thread(target=kill_once_seen, args=(workers[0], seen))
        killer.start()
        on_workers = cells(run_step(photos, partition, manager=fanned_out(cluster, chunk_rows=3)))
        killer.join()
    finally:
        cluster.stop()

    assert workers[0].returncode == -SIGKILL
    assert without_times(on_workers) == without_times(
        cells(run_step(photos, partition, force=True))
    )


def test_a_row_that_kills_its_workers_is_an_error_row_and_the_others_are_made(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_photos(tmp_path / "in", 6)
    save_photo(tmp_path / "in" / "deadly.png", size=DEADLY_SIZE)
    (partition,) = insert(photos, tmp_path / "in")
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    cluster = Cluster(tmp_path)
    try:
        cluster.worker({DEADLY: "1"}, comes_back=True)
        made = cells(run_step(photos, partition, manager=fanned_out(cluster, chunk_rows=2)))
        again = cells(run_step(photos, partition, manager=fanned_out(cluster, chunk_rows=2)))
    finally:
        cluster.stop()

    failed = {row: record for row, record in made["flipped"].items() if record.error_class}
    assert list(failed) == ["deadly.png"]
    assert "Processes died again and again" in (failed["deadly.png"].error_message or "")
    assert made["source_image"]["deadly.png"].error_class is None
    assert {len(records) for records in made.values()} == {7}
    assert again["flipped"] == made["flipped"], "it is not tried again as it is"


def kill_once_seen(worker: Popen[bytes], seen: Path) -> None:
    while not (seen / str(worker.pid)).exists():
        sleep(0.02)
    worker.kill()


def test_a_worker_with_other_code_is_refused_before_any_row(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = Path(photos_module.__file__).read_text()
    for folder, text in (("ours", code), ("theirs", code.replace("FLIP_LEFT", "FLIP_TOP"))):
        path = tmp_path / folder / "released_photos.py"
        path.parent.mkdir()
        path.write_text(text.replace("FLIP_TOP_RIGHT", "FLIP_TOP_BOTTOM"))
    monkeypatch.syspath_prepend(tmp_path / "ours")
    table = import_module("released_photos").photos
    save_photos(tmp_path / "in", 2)
    (partition,) = insert(table, tmp_path / "in")
    cluster = Cluster(tmp_path)
    try:
        cluster.worker({"PYTHONPATH": str(tmp_path / "theirs")})
        with pytest.raises(WorkerDiffersError, match="the source of row function 'flipped' is"):
            run_step(table, partition, manager=fanned_out(cluster))
    finally:
        cluster.stop()

    assert manifest(table, "flipped", partition) is None
    assert not list(home.glob("media/files/**/*.jpg"))


def test_a_worker_that_does_not_see_our_files_is_refused(tmp_path: Path) -> None:
    plan = Plan("photos", "p1", "a-run", "source_image", ())
    expected = Expected.of(plan, [str(tmp_path / "not mounted")])

    with pytest.raises(WorkerDiffersError, match="not mounted is not there"):
        check_worker(pickle.dumps(plan), expected)


def test_a_worker_without_access_to_the_bucket_commits_nothing(
    cluster: Cluster, partition: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_server.make_bucket(f"fan-out-{uuid4().hex[:8]}")
    # Credentials in the environment belong to the step's process: these workers have none.
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_access_key)
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", f"s3://{bucket}/out/")

    with pytest.raises(StoreFaultError):
        run_step(photos, partition, manager=fanned_out(cluster, retries=0))

    assert manifest(photos, "flipped", partition) is None


def test_a_function_within_a_function_cannot_be_sent(
    cluster: Cluster, home: Path, tmp_path: Path
) -> None:
    del home
    table = photos_table()
    save_photos(tmp_path / "in", 2)
    (partition,) = insert(table, tmp_path / "in")

    with pytest.raises(NotSendableError, match="cannot be sent to workers"):
        run_step(table, partition, manager=fanned_out(cluster))


def test_an_engine_without_a_scheduler_is_refused() -> None:
    plan = Plan("photos", "p1", "a-run", "source_image", ())

    with pytest.raises(DeclarationError, match="but no scheduler"):
        FanOut(engine="dask").run(plan, [])
