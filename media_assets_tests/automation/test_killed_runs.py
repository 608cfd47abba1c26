"""Killed runs of a real deployment are found and started again, and make only what is missing."""

import os
import signal
from collections import Counter
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.io_manager import MediaIOManager
from media_assets.records.work_records import WorkRecords
from media_assets_tests.automation.deployment import deployed, process_of_the_run
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.photos import save_photos
from media_assets_tests.retentions import ONLY_CURRENT
from media_assets_tests.runs import catalog, inserted, manifest
from media_assets_tests.stored import collect_all, fileurls, stored

ROWS = 30
DEFINITIONS = """
import time
from pathlib import Path

import media_assets as ma
from PIL import Image

photos = ma.MediaTable("photos")


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    with (Path(__file__).parent / "made.txt").open("a") as made:
        print(source_image.getpixel((0, 0)), file=made)
    time.sleep(0.6)
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


defs = ma.build_defs([photos])
"""


class Work:
    """What the runs over a partition have done so far."""

    def __init__(self, home: Path, partition: str) -> None:
        self.partition = partition
        root = MediaIOManager().installation.catalog
        self._records = WorkRecords(root, "photos", "flipped", partition)
        self._made = home / "made.txt"
        self.rows = {self._corner(photo): photo.name for photo in (home / "card").iterdir()}

    def recorded(self) -> set[str]:
        """The rows that an unfinished run has recorded, or one before it."""
        return set(self._records.left_behind())

    def made(self, rows: set[str]) -> dict[str, int]:
        """How often each of these rows was made."""
        times = Counter(self.rows[corner] for corner in self._made.read_text().splitlines())
        return {row: times[row] for row in rows}

    def _corner(self, photo: Path) -> str:
        with Image.open(photo) as image:
            return str(image.getpixel((0, 0)))


@pytest.fixture
def work(home: Path, instance: dg.DagsterInstance) -> Work:
    """The work over one partition, which nothing was made of yet."""
    save_photos(home / "card", ROWS)
    return Work(home, inserted(instance, photos_table(), home / "card"))


@pytest.mark.deployment
def test_a_run_whose_process_was_killed_is_started_again(
    home: Path, instance: dg.DagsterInstance, work: Work
) -> None:
    with deployed(home, definitions=DEFINITIONS) as deployment:
        deployment.backfill(["source_image", "flipped"], [work.partition])
        deployment.wait(lambda: len(work.recorded()) > 0)
        worker = process_of_the_run(instance)
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        before = work.made(work.recorded())
        deployment.wait(lambda: deployment.runs() == ["SUCCESS", "FAILURE"])

    assert_made_once_and_nothing_left(home, work, before)


@pytest.mark.deployment
@pytest.mark.faults
def test_a_run_is_started_again_after_the_machine_went_down(home: Path, work: Work) -> None:
    with deployed(home, definitions=DEFINITIONS) as deployment:
        deployment.backfill(["source_image", "flipped"], [work.partition])
        deployment.wait(lambda: len(work.recorded()) > 0)
        deployment.kill()
    before = work.made(work.recorded())

    with deployed(home, definitions=DEFINITIONS) as deployment:
        deployment.wait(lambda: deployment.runs() == ["SUCCESS", "FAILURE"])

    assert_made_once_and_nothing_left(home, work, before)


def assert_made_once_and_nothing_left(home: Path, work: Work, before: dict[str, int]) -> None:
    """Holds that what was recorded before the end of a run was not made again, and all is there."""
    flipped = manifest(photos_table(), "flipped", work.partition)
    assert flipped is not None
    assert len(catalog().sql("select flipped from photos").dropna()) == ROWS
    assert 0 < len(before) < ROWS
    assert work.made(set(before)) == before
    assert work.recorded() == set()
    collect_all(MediaIOManager().installation.catalog, ONLY_CURRENT)
    assert stored(str(home / "media" / "files")) == fileurls(flipped)
