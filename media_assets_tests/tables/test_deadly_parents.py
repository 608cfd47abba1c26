"""A parent in whose splitting the step's own process died twice is an error row."""

import os
import signal
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from media_assets.catalog import Catalog
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import made, run_step

DEADLY = "photo-002.jpg"
ROWS = 4

_context = get_context("forkserver")


class Half(NamedTuple):
    """The one part of each row."""

    half: Image.Image


def halves(source_image: Image.Image, row: str) -> Iterator[Half]:
    if row == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    yield Half(source_image.reduce(2))


def tables() -> tuple[MediaTable, MediaTable]:
    photos = MediaTable("photos")
    return photos, photos.derived_table()(halves)


def run_halves(home: str, partition: str) -> None:
    os.environ["DAGSTER_HOME"] = home
    run_step(tables()[1], partition)


def exit_code(home: Path, partition: str) -> int | None:
    process = _context.Process(target=run_halves, args=(str(home), partition))
    process.start()
    process.join()
    return process.exitcode


def test_a_parent_that_ends_the_process_twice_is_an_error_row_and_is_not_split_again(
    home: Path, tmp_path: Path
) -> None:
    photos, derived = tables()
    (partition,) = insert(photos, *save_photos(tmp_path / "in", ROWS))
    run_step(photos, partition)

    codes = [exit_code(home, partition) for _ in range(4)]

    assert codes == [-signal.SIGKILL] * 3 + [0]
    query = "select row, error_class from media_assets.errors"
    (error,) = Catalog.open().sql(query).itertuples(index=False)
    assert tuple(error) == (DEADLY, "StepDiedError")
    shown = Catalog.open().sql('select row from "photos/halves" order by row')["row"].to_list()
    assert [row.partition("/")[0] for row in shown] == [f"photo-00{n}.jpg" for n in range(ROWS)]
    assert made(run_step(derived, partition)) == 0
