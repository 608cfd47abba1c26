"""A process that is killed while it writes rows loses nothing, and leaves nothing half-made."""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL
from uuid import uuid4

import dagster as dg
import pytest

from media_assets.tables.table import MediaTable
from media_assets.temporary_folder import list_abandoned
from media_assets_tests.faults.kills import Point, die_at, start
from media_assets_tests.faults.places import (
    Place,
    S3Access,
    assert_nothing_is_torn,
    assert_orphans_are_listed,
    content_of,
    rows_in,
    small_table,
)
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert, inserted, materialize
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import run_step

BIN = Path(sys.executable).parent
ROWS = 8
WRITING = "media_assets/pipeline/writing.py"
RECORDS = "media_assets/records"
EVENTS = "event_log/sql_event_log.py"
POINTS = [
    Point("the destination is noted", f"{RECORDS}/known_destinations.py", "note_destination"),
    Point("the first file is staged", WRITING, "FileWriter.encode"),
    Point("the last file is staged", WRITING, "FileWriter.encode", 2 * ROWS),
    Point("the first file is placed", WRITING, "Placement.place"),
    Point("the last file is placed", WRITING, "Placement.place", 2 * ROWS),
    Point("the first work record is written", f"{RECORDS}/work_records.py", "WorkRecords.flush"),
    Point("the first manifest is placed", f"{RECORDS}/ledger.py", "Ledger.claim"),
    Point("the last manifest is placed", f"{RECORDS}/ledger.py", "Ledger.claim", 4),
    Point("work records are removed", f"{RECORDS}/work_records.py", "WorkRecords.remove"),
    # One event per column announces the run, one tells of its materialization.
    Point("the first event is sent", EVENTS, "SqlEventLogStorage._store_asset_event", 5),
    Point("the last event is sent", EVENTS, "SqlEventLogStorage._store_asset_event", 8),
]


SLOW = """
import time
from pathlib import Path

from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos")


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    time.sleep(0.03)
    with Path({log!r}).open("a") as log:
        log.write(f"{{time.time()}} {{hash(source_image.tobytes())}}\\n")
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


defs = ma.build_defs([photos])
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return save_photos(tmp_path_factory.mktemp("uploads"), ROWS)


@pytest.fixture(params=["local", "s3"])
def new_place(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Callable[[], Place]:
    """Places that nobody has been to, all in one kind of storage."""
    if request.param == "local":
        return lambda: Place(home, str(tmp_path / uuid4().hex))
    return s3_place(home, request.getfixturevalue("s3_server"))


def s3_place(home: Path, server: S3Server) -> Callable[[], Place]:
    """Places in a new bucket."""
    bucket = server.make_bucket(f"crash-{uuid4().hex}")
    access = S3Access(server.url, server.access_key_id, server.secret_access_key)
    return lambda: Place(home, f"s3://{bucket}/{uuid4().hex}", access)


@pytest.fixture
def table() -> MediaTable:
    return small_table()


def kill_often(
    count: int, new_place: Callable[[], Place], photos: list[Path], table: MediaTable
) -> None:
    """Kills so many steps at random moments, and holds each rerun against a run without a kill."""
    clean = new_place()
    (partition,) = insert(table, *photos, manager=clean.manager)
    process, began = start(clean, partition), time.monotonic()
    process.join()
    lasts = time.monotonic() - began
    expected = content_of(clean, rows_in(clean, partition))
    assert len(expected) == 3 * ROWS
    moments = random.Random(8)  # noqa: S311  moments, no secrets

    killed = 0
    for _ in range(3 * count):
        place = new_place()
        (partition,) = insert(table, *photos, manager=place.manager)
        process, began = start(place, partition), time.monotonic()
        process.join(moments.uniform(0, lasts))
        if process.exitcode is not None:
            lasts = min(lasts, time.monotonic() - began)  # the first one was held up
        process.kill()
        process.join()
        killed += process.exitcode == -SIGKILL
        assert_nothing_is_torn(place)

        run_step(table, partition, manager=place.manager)

        assert content_of(place, rows_in(place, partition)) == expected
        assert_orphans_are_listed(place)
        if killed == count:
            return
    pytest.fail(f"only {killed} of {count} processes were still at work when they were killed")


def test_a_rerun_after_a_kill_equals_a_run_without_one(
    new_place: Callable[[], Place], photos: list[Path], table: MediaTable
) -> None:
    kill_often(5, new_place, photos, table)


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_rerun_after_each_of_many_kills_equals_a_run_without_one(
    new_place: Callable[[], Place], photos: list[Path], table: MediaTable
) -> None:
    kill_often(130 if new_place().s3 is None else 70, new_place, photos, table)


def test_what_a_killed_upload_had_staged_goes_with_the_next_run(
    home: Path,
    s3_server: S3Server,
    photos: list[Path],
    table: MediaTable,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = s3_place(home, s3_server)()
    partition = inserted(instance, table, *photos, manager=place.manager)
    die_at(POINTS[2], place, partition)
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    left = list(list_abandoned())
    assert any(folder.glob(".media-assets-*") for folder in left)

    run_step(table, partition, manager=place.manager)

    assert not any(path.exists() for path in left)
    assert list(list_abandoned()) == []


@pytest.mark.faults
# Dagster's own, of a resource within a resource.
@pytest.mark.filterwarnings("ignore:.*dagster_run:DeprecationWarning")
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.what)
def test_a_kill_at_each_point_of_a_commit_loses_nothing(
    point: Point,
    new_place: Callable[[], Place],
    photos: list[Path],
    table: MediaTable,
    instance: dg.DagsterInstance,
) -> None:
    clean, place = new_place(), new_place()
    whole = inserted(instance, table, *photos, manager=clean.manager)
    run_step(table, whole, manager=clean.manager)
    partition = inserted(instance, table, *photos, manager=place.manager)

    exit_code = die_at(point, place, partition)
    assert_nothing_is_torn(place)
    rerun = materialize(instance, table, partition, manager=place.manager)

    assert exit_code == -SIGKILL, "the point was never reached"
    assert rerun.success
    expected = content_of(clean, rows_in(clean, whole))
    assert content_of(place, rows_in(place, partition)) == expected
    assert_orphans_are_listed(place)


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(10))
def test_a_killed_command_computes_again_what_the_last_five_seconds_made_and_no_more(
    number: int, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    log, project = tmp_path / "log", tmp_path / "slow.py"
    project.write_text(SLOW.format(log=str(log)))
    save_photos(tmp_path / "uploads", 600)
    command = [BIN / "media-assets", "insert", "photos", tmp_path / "uploads", "-f", project]
    moment = random.Random(number).uniform(5.5, 8.0)  # noqa: S311  moments, no secrets

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        while not log.exists():
            assert killed.poll() is None, "it ended before it could be killed"
            time.sleep(0.02)
        time.sleep(moment)
        killed.kill()
        died_at = time.time()
    first = calls_in(log)
    rerun = subprocess.run(command, check=False, capture_output=True, text=True)

    assert killed.returncode == -SIGKILL
    assert rerun.returncode == 0, rerun.stderr
    again = calls_in(log)[len(first) :]
    ages = [died_at - called_at for called_at, row in first if row in {row for _, row in again}]
    assert len({row for _, row in first + again}) == 600
    assert died_at - first[0][0] > 5
    assert max(ages, default=0.0) < 5


def calls_in(log: Path) -> list[tuple[float, str]]:
    """When the function was called, and with what."""
    lines = [line.split() for line in log.read_text().splitlines()]
    return [(float(called_at), row) for called_at, row in lines]
