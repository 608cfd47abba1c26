"""The uploads sensor, tick by tick: nothing is missed, nothing is done twice."""

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg

from media_assets.automation.cursor import Cursor
from media_assets.automation.ticks import evaluate
from media_assets.automation.uploads_scan import CHUNK_FILES
from media_assets.build import build_defs
from media_assets.io_manager import MediaIOManager
from media_assets.uploads.listing import ListedFile
from media_assets_tests.automation.listings import PAGE_FILES, MemoryListing
from media_assets_tests.automation.sensors import Ticker, photos_table
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog, insert, materialize


def run_all(ticker: Ticker, requests: list[dg.RunRequest]) -> list[dict[str, object]]:
    made = []
    for request in requests:
        result = materialize(ticker.instance, ticker.table, str(request.partition_key))
        assert result.success
        made += [
            event.materialization.metadata["media_assets/made"].value
            for event in result.get_asset_materialization_events()
        ]
    return made


def test_photos_are_recorded_once_they_were_seen_twice_unchanged(
    home: Path, instance: dg.DagsterInstance
) -> None:
    ticker = Ticker(instance, photos_table())
    save_photos(home / "uploads" / "photos", 3)

    looks = [ticker.tick() for _ in range(4)]

    assert [(look.unsettled, look.new) for look, _ in looks] == [(3, 0), (0, 3), (0, 0), (0, 0)]
    assert [len(requests) for _, requests in looks] == [0, 1, 0, 0]


def test_a_file_that_grows_waits_until_it_has_stopped(
    home: Path, instance: dg.DagsterInstance
) -> None:
    ticker = Ticker(instance, photos_table())
    folder = home / "uploads" / "photos"
    whole = save_photo(home / "whole.jpg").read_bytes()
    folder.mkdir(parents=True)

    for share in (10, 200, len(whole)):
        (folder / "slow.jpg").write_bytes(whole[:share])
        look, _ = ticker.tick()
        assert (look.unsettled, look.new) == (1, 0)
    look, _ = ticker.tick()

    assert look.new == 1
    assert ticker.log().newest_of(["slow.jpg"])["slow.jpg"].size_bytes == len(whole)


def test_a_tick_looks_again_at_files_that_may_still_be_being_written(
    home: Path, instance: dg.DagsterInstance
) -> None:
    ticker, pauses = Ticker(instance, photos_table()), list[float]()
    save_photos(home / "uploads" / "photos", 3)

    look, requests = ticker.tick(pause=pauses.append)
    idle, none = ticker.tick(pause=pauses.append)

    assert (look.unsettled, look.new, len(requests)) == (0, 3, 1)
    assert (idle.unsettled, idle.new, len(none)) == (0, 0, 0)
    assert pauses == [1.0], "without such files, a tick does not wait"


def test_photos_that_arrive_while_a_tick_looks_get_the_same_run(
    home: Path, instance: dg.DagsterInstance
) -> None:
    ticker, folder = Ticker(instance, photos_table()), home / "uploads" / "photos"
    arriving = iter(range(1, 3))
    save_photo(folder / "0.jpg")

    def arrive(_: float) -> None:
        if (number := next(arriving, None)) is not None:
            save_photo(folder / f"{number}.jpg", seed=number)

    look, requests = ticker.tick(pause=arrive)

    assert (look.unsettled, look.new, len(requests)) == (0, 3, 1)


def test_a_tick_does_not_wait_for_a_file_that_goes_on_growing(
    home: Path, instance: dg.DagsterInstance
) -> None:
    ticker, path = Ticker(instance, photos_table()), home / "uploads" / "photos" / "slow.jpg"
    pauses: list[float] = []
    save_photo(path)

    def grow(seconds: float) -> None:
        pauses.append(seconds)
        path.write_bytes(path.read_bytes() + b"more")

    look, requests = ticker.tick(pause=grow)

    assert (look.unsettled, look.new, requests) == (1, 0, [])
    assert pauses == [1.0]


def test_unchanged_files_cause_no_run_and_three_replaced_ones_make_three_rows(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table()
    ticker = Ticker(instance, table)
    photos, folder = save_photos(home / "card", 6), home / "uploads" / "photos"
    shutil.copytree(home / "card", folder)
    ticker.tick()
    _, requests = ticker.tick()
    run_all(ticker, requests)

    shutil.copytree(home / "card", folder, dirs_exist_ok=True)
    again = [ticker.tick() for _ in range(3)]

    assert [len(requests) for _, requests in again] == [0, 0, 0]
    assert again[2][0].unsettled == 0  # What was only touched is no news a second time.

    for number in range(3):
        save_photo(folder / photos[number].name, seed=100 + number)
    replaced = [ticker.tick() for _ in range(3)]

    assert sum(look.replaced for look, _ in replaced) == 3
    (request,) = [request for _, requests in replaced for request in requests]
    assert run_all(ticker, [request]) == [3, 3]
    assert len(catalog().rows("photos", [photo.name for photo in photos])) == 6


def test_what_is_no_photo_is_left_alone_and_counted(
    home: Path, instance: dg.DagsterInstance
) -> None:
    ticker = Ticker(instance, photos_table())
    folder = home / "uploads" / "photos"
    for name in (".hidden.jpg", "~open.jpg", "notes.txt", "a.jpg.part", ".git/x.jpg", "good.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(save_photo(home / "one.jpg"), folder / name)

    look, _ = ticker.tick()

    assert (look.left_alone.total, look.unsettled, look.files) == (5, 1, 6)


def test_folder_markers_in_a_bucket_are_not_photos(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing = MemoryListing()
    listing.put("2026/", "marker", size=0)
    listing.put("album.jpg/", "marker", size=0)
    listing.put("2026/a.jpg", "1")
    ticker = Ticker(instance, photos_table(), listing)

    look, _ = ticker.tick()

    assert (look.left_alone.total, look.new) == (2, 1)


def test_a_tick_that_died_after_recording_is_made_up_for(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing = MemoryListing()
    listing.put("a.jpg", "1")
    died = Ticker(instance, photos_table(), listing)
    died.tick()
    ticker = Ticker(instance, died.table, listing)

    looks = [ticker.tick() for _ in range(3)]

    assert sum(look.new for look, _ in looks) == 0
    assert sum(len(requests) for _, requests in looks) == 1


def test_an_old_cursor_leads_to_nothing_new(home: Path, instance: dg.DagsterInstance) -> None:
    listing = MemoryListing()
    ticker = Ticker(instance, photos_table(), listing)
    cursors = [""]
    for number in range(4):
        listing.put(f"{number}.jpg", "1")
        ticker.tick()
        cursors.append(ticker.cursor)
    ticker.tick()
    ticker.tick()
    entries, runs = ticker.log().refresh(), dict(ticker.runs)

    for cursor in [*cursors, "no json", '{"place": 3}']:
        ticker.tick(cursor=cursor)

    assert ticker.log().refresh() == entries
    assert ticker.runs.keys() == runs.keys()


def test_two_sensors_at_once_record_every_upload_once(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing, table = MemoryListing(), photos_table(rows_per_partition=50)
    for number in range(200):
        listing.put(f"{number:03d}.jpg", "1")
    tickers = [Ticker(instance, table, listing) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            list(pool.map(lambda ticker: ticker.tick(), tickers))

    log = tickers[0].log()
    assert log.query("select count(*) from log") == [(200,)]
    assert tickers[0].runs.keys() == tickers[1].runs.keys()
    assert len(tickers[0].runs) == 4


def test_a_batch_waits_for_more_unless_it_is_full(home: Path, instance: dg.DagsterInstance) -> None:
    listing = MemoryListing()
    ticker = Ticker(instance, photos_table(rows_per_partition=2, gather_seconds=60), listing)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        listing.put(name, "1")

    _, full = ticker.tick()
    _, waiting = ticker.tick()
    _, due = ticker.tick(after=60)

    assert (len(full), len(waiting), len(due)) == (1, 0, 1)


def test_uploads_that_arrive_during_a_run_get_one_run_after_it(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing = MemoryListing()
    ticker = Ticker(instance, photos_table(), listing)
    listing.put("a.jpg", "1")
    ticker.tick()
    _, (first,) = ticker.tick()
    run = instance.create_run_for_job(
        dg.job(name=ticker.table.job_name)(lambda: None),
        tags={"dagster/partition": str(first.partition_key)},
        status=dg.DagsterRunStatus.STARTED,
    )
    for name in ("b.jpg", "c.jpg", "d.jpg"):
        listing.put(name, "1")
        _, meanwhile = ticker.tick()
        assert meanwhile == []

    instance.report_run_failed(run)
    _, after = ticker.tick()

    assert len(after) == 1


def test_a_partition_that_an_insert_materialized_gets_no_second_run(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = photos_table()
    ticker = Ticker(instance, table)
    save_photos(home / "uploads" / "photos", 2)
    (partition,) = insert(table, home / "uploads" / "photos")
    ticker.tick()
    ticker.runs.clear()
    materialize(instance, table, partition)

    requests = [request for _ in range(3) for request in ticker.tick(cursor="")[1]]

    assert requests == []


def test_the_next_tick_continues_where_one_stopped_and_reads_every_page_once(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing = MemoryListing()
    for number in range(100 * PAGE_FILES):
        listing.put(f"{number:06d}.jpg", "1")
    ticker = Ticker(instance, photos_table(), listing)

    looks = [ticker.tick(seconds=0.1)[0]]
    while not looks[-1].is_complete:
        looks.append(ticker.tick(seconds=0.1)[0])

    files = 100 * PAGE_FILES
    assert len(looks) > 1
    assert listing.pages <= 100 + 1 + len(looks)
    assert sum(look.files for look in looks) == files
    assert ticker.log().query("select count(*), count(distinct uri) from log") == [(files, files)]


def test_a_tick_holds_no_more_files_than_it_compares_at_once(
    home: Path, instance: dg.DagsterInstance
) -> None:
    held: list[int] = []

    class Watched(MemoryListing):
        def files(self, after: str = "") -> Iterator[ListedFile]:
            for given, file in enumerate(super().files(after), 1):
                if given % 1_000 == 0:
                    held.append(given - ticker.log().query("select count(*) from log")[0][0])
                yield file

    listing = Watched()
    for number in range(4 * CHUNK_FILES):
        listing.put(f"{number:06d}.jpg", "1")
    ticker = Ticker(instance, photos_table(), listing)

    ticker.tick(seconds=60)

    assert 0 < max(held) <= CHUNK_FILES
    assert len(held) == 4 * CHUNK_FILES // 1_000


def test_the_cursors_file_may_be_deleted_and_late_uploads_are_found(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing = MemoryListing()
    for name in ("b.jpg", "d.jpg", "f.jpg"):
        listing.put(name, "1")
    ticker = Ticker(instance, photos_table(), listing)
    ticker.tick(seconds=0)
    ticker.tick(seconds=0)
    listing.remove("d.jpg")
    listing.put("a.jpg", "1")
    listing.put("e.jpg", "1")

    for _ in range(8):
        ticker.tick(seconds=0)

    assert set(ticker.log().newest_of("abcdef")) == set()
    names = [f"{letter}.jpg" for letter in "abdef"]
    assert set(ticker.log().newest_of(names)) == set(names)


def test_growing_keys_are_listed_from_the_last_one_on(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing = MemoryListing()
    for number in range(10 * PAGE_FILES):
        listing.put(f"{number:06d}.jpg", "1")
    ticker = Ticker(instance, photos_table(uploads_order="growing"), listing)
    ticker.tick()
    first = listing.pages

    for number in range(3):
        listing.put(f"9{number:06d}.jpg", "1")
        ticker.tick()

    assert listing.pages == first + 3
    assert ticker.log().query("select count(*) from log") == [(10 * PAGE_FILES + 3,)]


def test_growing_keys_wait_for_the_one_that_is_still_written(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing = MemoryListing()
    ticker = Ticker(instance, photos_table(uploads_order="growing"), listing)
    listing.put("1.jpg", "1")
    listing.put("2.jpg", "1", is_settled=False)
    listing.put("3.jpg", "1")
    ticker.tick()
    listing.put("2.jpg", "2", is_settled=False)
    ticker.tick()
    listing.settle()

    ticker.tick()

    uploads = ticker.log().newest_of(["1.jpg", "2.jpg", "3.jpg"])
    assert {row: upload.version for row, upload in uploads.items()} == {
        "1.jpg": "1",
        "2.jpg": "2",
        "3.jpg": "1",
    }


def test_files_in_no_partition_hold_nothing_up(home: Path, instance: dg.DagsterInstance) -> None:
    listing = MemoryListing()
    table = photos_table(
        partitions=dg.StaticPartitionsDefinition(["north", "south"]),
        partition_of=lambda row: row.split("/")[-2],
    )
    for name in ("north/a.jpg", "west/b.jpg", "c.jpg", "south/d.jpg"):
        listing.put(name, "1")
    ticker = Ticker(instance, table, listing)

    look, _ = ticker.tick()
    _, requests = ticker.tick()

    assert sorted(look.misplaced) == ["c.jpg", "west/b.jpg"]
    assert [request.partition_key for request in requests] == ["north", "south"]


def test_names_that_are_not_valid_text_do_not_break_a_tick(
    home: Path, instance: dg.DagsterInstance
) -> None:
    ticker = Ticker(instance, photos_table())
    folder = home / "uploads" / "photos"
    photo = save_photo(home / "one.jpg").read_bytes()
    for name in (b"caf\xe9.jpg", "日本 語#?%.jpg".encode(), b"new\nline.jpg", b"-rf.jpg"):
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo)

    ticker.tick(seconds=0)
    json.loads(ticker.cursor)
    for _ in range(12):
        ticker.tick(seconds=0)

    assert ticker.log().query("select count(*) from log") == [(4,)]


def test_the_sensor_is_off_and_says_what_it_did(home: Path, instance: dg.DagsterInstance) -> None:
    table = photos_table()
    sensor = build_defs([table]).resolve_sensor_def("photos_uploads")
    resources = {"media_io_manager": MediaIOManager()}

    with dg.build_sensor_context(instance=instance, resources=resources) as context:
        missing = sensor.evaluate_tick(context)
        save_photos(home / "uploads" / "photos", 2)
        ticked = evaluate(table, context)
        assert isinstance(ticked, dg.SensorResult)
    with dg.build_sensor_context(
        instance=instance, resources=resources, cursor=ticked.cursor
    ) as context:
        idle = sensor.evaluate_tick(context)

    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert "does not exist yet" in str(missing.skip_message)
    assert len(ticked.run_requests or ()) == 1
    assert "2 files listed, 0 new" in str(idle.skip_message)
    assert Cursor.parse(idle.cursor).requested == Cursor.parse(ticked.cursor).requested


def test_a_table_without_partitions_gets_runs_too(home: Path, instance: dg.DagsterInstance) -> None:
    listing = MemoryListing()
    listing.put("a.jpg", "1")
    ticker = Ticker(instance, photos_table(partitions=None), listing)
    ticker.tick()

    _, (request,) = ticker.tick()

    assert request.partition_key is None
