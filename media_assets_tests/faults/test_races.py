"""Eight processes at one table at once: two insert, three make, one collects, two read."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.catalog import Catalog
from media_assets.errors import MediaAssetsError, UnknownNameError
from media_assets.upkeep.collection import collect
from media_assets.upkeep.garbage import GarbageFinder
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.upkeep.retention import Retention
from media_assets.uploads.log import UploadLog
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.faults.kills import PRELOADED
from media_assets_tests.faults.places import COLUMNS, Place, bytes_of, small_table
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step

ROWS = 24
"""What each of the inserting processes inserts, in the same order."""

Work = Callable[[Place, list[Path], float], list[str]]


def insert_all(place: Place, photos: list[Path], until: float) -> list[str]:
    """Inserts the same files as another process, a few at a time."""
    for start in range(0, len(photos), 4):
        insert(small_table(), *photos[start : start + 4], manager=place.manager)
    return []


def make_all(place: Place, photos: list[Path], until: float) -> list[str]:
    """Materializes whatever partitions there are, again and again."""
    while time.time() < until:
        for partition_key in partitions(place):
            run_step(small_table(), partition_key, manager=place.manager)
    return []


def collect_garbage(place: Place, photos: list[Path], until: float) -> list[str]:
    """Collects again and again, with the grace that it always has."""
    while time.time() < until:
        root, storage = place.manager.installation.catalog, place.storage
        in_place = files_uploaded_in_place(root, storage)
        table = StoredTable(root, "photos")
        finder = GarbageFinder(table, storage, Retention(keep=1), in_place=in_place)
        for folder in finder.find():
            list(collect(root, storage, folder))
    return []


def read_all(place: Place, photos: list[Path], until: float) -> list[str]:
    """Reads the table and all its files, and tells what should not have been seen."""
    wrong: list[str] = []
    catalog = Catalog(place.manager.installation.catalog)
    while time.time() < until:
        try:
            shown = catalog.sql("select * from photos")
        except UnknownNameError:
            continue
        rows = shown["row"].to_list()
        wrong += [f"{row} stands twice" for row in set(rows) if rows.count(row) > 1]
        for column in [name for name in COLUMNS[:2] if name in shown]:
            for fileurl in shown[column].dropna():
                try:
                    bytes_of(place.storage, str(fileurl))
                except MediaAssetsError as error:
                    wrong.append(str(error))
    return wrong


def partitions(place: Place) -> list[str]:
    log = UploadLog(place.manager.installation.catalog, "photos")
    log.refresh()
    return log.partitions()


def _work(work: Work, place: Place, photos: list[Path], until: float) -> list[str]:
    place.enter()
    return work(place, photos, until)


@pytest.fixture
def pool() -> Iterator[ProcessPoolExecutor]:
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with ProcessPoolExecutor(8, mp_context=context) as opened:
        yield opened


@pytest.mark.parametrize(
    "seconds", [4.0, pytest.param(30.0, marks=pytest.mark.faults)], ids=["short", "long"]
)
def test_eight_processes_at_once_leave_one_row_each_and_nobody_reads_a_half_of_anything(
    home: Path, tmp_path: Path, pool: ProcessPoolExecutor, seconds: float
) -> None:
    place = Place(home, str(tmp_path / uuid4().hex))
    photos = save_photos(tmp_path / "uploads", ROWS)
    insert(small_table(), *photos[:4], manager=place.manager)
    (first,) = partitions(place)
    run_step(small_table(), first, manager=place.manager)
    do = partial(pool.submit, _work)
    until = time.time() + seconds

    works = [insert_all, insert_all, make_all, make_all, make_all, collect_garbage, read_all]
    running = [do(work, place, photos, until) for work in [*works, read_all]]
    wrong = [text for future in running for text in future.result()]
    for partition_key in partitions(place):
        run_step(small_table(), partition_key, manager=place.manager)

    assert wrong == []
    rows = Catalog(place.manager.installation.catalog).sql("select * from photos order by row")
    assert rows["row"].to_list() == [path.name for path in photos]
    assert int(rows[list(COLUMNS)].isna().sum().sum()) == 0
