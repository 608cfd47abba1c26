"""Concurrent rows: all correct, few in flight, and an end when the storage fails."""

import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Barrier, Lock

import pytest
from PIL import Image

from media_assets import transforms
from media_assets.errors import StoreFullError
from media_assets.pipeline import Result, RowPlan, RowResult, run_plan
from media_assets.pipeline.budget import MemoryRoom
from media_assets.pipeline.processes import Processes
from media_assets.pipeline.row import RowWalk, Shared
from media_assets.pipeline.writing import FileWriter
from media_assets.records.manifests import Record
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.pipeline.plans import content, files_in, plan_for, rows_of, run
from media_assets_tests.pipeline.test_writing import files_of_at_most, noise

ROWS = 40

thumbnails = MediaTable("thumbnails")


@thumbnails.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@thumbnails.computed_column()
def thumbnail(source_image: Image.Image) -> Image.Image:
    return transforms.thumbnail(source_image, (16, 16))


@thumbnails.computed_column()
def width(thumbnail: Image.Image) -> int:
    return thumbnail.width


def in_plain_pillow(path: Path) -> dict[str, bytes]:
    """The expected files of the image columns, in a few plain lines."""
    with Image.open(path) as source:
        small = source.copy()
        small.thumbnail((16, 16), Image.Resampling.LANCZOS, reducing_gap=2.0)
        made = {
            "flipped": source.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
            "thumbnail": small,
        }
    files = {name: BytesIO() for name in made}
    for name, image in made.items():
        image.save(files[name], "JPEG")
    return {name: file.getvalue() for name, file in files.items()}


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("destination", ["{tmp_path}/out", "memory://run-{workers}/out"])
def test_all_rows_hold_byte_for_byte_what_a_plain_loop_makes(
    tmp_path: Path, workers: int, destination: str
) -> None:
    where = destination.format(tmp_path=tmp_path, workers=workers)
    paths = save_photos(tmp_path / "uploads", ROWS)

    results = run(plan_for(thumbnails, where), rows_of(paths), workers=workers)

    assert sorted(results) == [path.name for path in paths]
    for path in paths:
        records = results[path.name].records
        made = {name: content(records[name]) for name in ("flipped", "thumbnail")}
        assert made == in_plain_pillow(path)
        assert records["width"].value == "16"
    assert len(files_in(where)) == 2 * ROWS
    assert sum(result.decodes for result in results.values()) == ROWS


def test_no_more_rows_are_taken_than_the_threads_can_soon_make(tmp_path: Path) -> None:
    rows = rows_of(save_photos(tmp_path / "uploads", ROWS))
    taken, most_in_flight, finished = 0, 0, list[Result]()

    def counted() -> Iterator[RowPlan]:
        nonlocal taken, most_in_flight
        for row in rows:
            taken += 1
            most_in_flight = max(most_in_flight, taken - len(finished))
            yield row

    for result in run_plan(plan_for(thumbnails, tmp_path / "out"), counted(), workers=2):
        finished.append(result)

    assert len(finished) == ROWS
    assert most_in_flight <= 2 * 2 + 1


def test_rows_that_wait_for_their_uploads_are_bounded_too(tmp_path: Path) -> None:
    rows = rows_of(save_photos(tmp_path / "uploads", ROWS)) * 5
    taken, finished = 0, 0
    most_in_flight = 0

    def counted() -> Iterator[RowPlan]:
        nonlocal taken, most_in_flight
        for row in rows:
            taken += 1
            most_in_flight = max(most_in_flight, taken - finished)
            yield row

    for _ in run_plan(plan_for(thumbnails, "memory://bounded/"), counted(), workers=2):
        finished += 1

    assert finished == len(rows)
    assert most_in_flight <= 2 * 2 + 64 + 2


def test_images_are_in_flight_only_while_their_pixels_fit_together(tmp_path: Path) -> None:
    table, lock, at_once = MediaTable("photos"), Lock(), [0, 0]

    @table.computed_column()
    def counted(source_image: Image.Image) -> int:
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once)
        threading.Event().wait(0.002)
        with lock:
            at_once[0] -= 1
        return source_image.width

    plan = plan_for(table, tmp_path / "out")
    paths = [save_photo(tmp_path / f"{n}.png", size=(100, 100)) for n in range(24)]
    rows = rows_of(paths)
    room = MemoryRoom(2 * (100 * 100 * 4 + max(path.stat().st_size for path in paths)))

    with (
        FileWriter(plan) as writer,
        Processes() as processes,
        ThreadPoolExecutor(8) as pool,
    ):
        shared = Shared(room, writer, processes)
        list(pool.map(lambda row: next(RowWalk(plan, row, shared).walk(), None), rows))

    assert at_once == [0, 2]


def test_rows_run_on_as_many_threads_as_there_are_workers(tmp_path: Path) -> None:
    table, meeting = MediaTable("photos"), Barrier(3, timeout=240)

    @table.computed_column()
    def met(source_image: Image.Image) -> bool:
        meeting.wait()
        return source_image.width > 0

    rows = rows_of(save_photos(tmp_path / "uploads", 6))
    results = run(plan_for(table, tmp_path / "out"), rows, workers=3)

    assert {result.records["met"].value for result in results.values()} == {"true"}


def test_a_full_disk_stops_the_run_and_rows_that_were_finished_stay(tmp_path: Path) -> None:
    paths = [*save_photos(tmp_path / "uploads", 8), tmp_path / "uploads" / "too-large.png"]
    noise().save(paths[-1])
    taken: list[str] = []

    def endless() -> Iterator[RowPlan]:
        for path in [*paths, *save_photos(tmp_path / "more", 200)]:
            taken.append(path.name)
            yield from rows_of([path])

    finished: list[Result] = []
    out = tmp_path / "out"
    with files_of_at_most(40_000), pytest.raises(StoreFullError):
        finished.extend(
            result for result in run_plan(plan_for(thumbnails, out), endless(), workers=2)
        )

    assert "too-large.png" in taken
    assert len(taken) < 30, "rows were taken after the disk was full"
    for path in out.rglob("*.*"):
        with Image.open(path) as image:
            image.load()


def test_a_store_that_takes_no_files_stops_the_run_before_any_row(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands where the folder should be")
    rows = iter(rows_of(save_photos(tmp_path / "uploads", 3)))

    with pytest.raises(ValueError, match="is in the way"):
        list(run_plan(plan_for(thumbnails, tmp_path / "out" / "deeper"), rows))

    assert len(list(rows)) == 3


def test_leaving_the_rows_early_starts_no_further_ones(tmp_path: Path) -> None:
    rows = iter(rows_of(save_photos(tmp_path / "uploads", ROWS)))
    results = run_plan(plan_for(thumbnails, tmp_path / "out"), rows, workers=2)

    first = next(results)
    results.close()  # pyright: ignore[reportAttributeAccessIssue]  a generator underneath

    assert isinstance(first, RowResult)
    assert first.records["width"].error_class is None
    assert len(list(rows)) >= ROWS - 6


def test_no_rows_are_no_work(tmp_path: Path) -> None:
    assert list(run_plan(plan_for(thumbnails, tmp_path / "out"), [])) == []


def test_a_plan_is_a_value_that_other_machines_can_be_given(tmp_path: Path) -> None:
    plan = plan_for(thumbnails, tmp_path / "out")
    rows = rows_of(save_photos(tmp_path / "uploads", 2), {"photo-000.jpg": {"a": Record("a")}})

    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301  our own bytes
    assert pickle.loads(pickle.dumps(rows)) == rows  # noqa: S301
