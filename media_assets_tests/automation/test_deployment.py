"""The promise, end to end: photos are copied into a folder or a bucket, and soon all is there."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from media_assets.home import OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets_tests.automation.deployment import deployed
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog

if TYPE_CHECKING:
    from media_assets_tests.servers.s3 import S3Server

logger = logging.getLogger(__name__)
SENSOR = "photos_uploads"
PHOTOS = 100


@dataclass(frozen=True)
class Uploads:
    """Where a table's photos are copied to, and how."""

    location: str
    copy: Callable[[Path], object]


@pytest.fixture(params=["folder", "bucket"])
def uploads(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Uploads:
    """A folder, or a bucket that all files go to as well."""
    if request.param == "folder":
        folder = home / "uploads" / "photos"
        folder.mkdir(parents=True)
        return Uploads(str(folder), lambda photo: shutil.copy2(photo, folder))
    server: S3Server = request.getfixturevalue("s3_environment")
    location = f"s3://{server.make_bucket(f'shows-{uuid4().hex}')}/incoming/"
    monkeypatch.setenv(OUTPUT_VARIABLE, location.replace("incoming", "made"))
    store = MediaIOManager().storage.store_of(f"{location}any")[0]
    return Uploads(location, lambda p: store.put(f"incoming/{p.name}", p.read_bytes()))


def brightnesses() -> dict[str, float]:
    if "photos" not in catalog().tables():
        return {}
    shown = catalog().sql("select * from photos")
    if "brightness" not in shown:
        return {}
    return dict(shown.dropna()[["row", "brightness"]].itertuples(index=False, name=None))


@pytest.mark.deployment
@pytest.mark.timeout(1200)
def test_copied_photos_are_materialized_and_later_only_changed_ones(
    home: Path, uploads: Uploads
) -> None:
    photos = save_photos(home / "card", PHOTOS)
    with deployed(home, uploads=uploads.location) as deployment:
        deployment.start_sensor(SENSOR)

        for photo in photos:
            uploads.copy(photo)
        copied = monotonic()
        deployment.wait(lambda: len(brightnesses()) == PHOTOS)
        logger.info("All is there %.1f s after the last copy.", monotonic() - copied)
        deployment.wait(lambda: set(deployment.runs()) == {"SUCCESS"})
        before, ticked, runs = brightnesses(), deployment.ticks(SENSOR), deployment.runs()
        for photo in photos:
            uploads.copy(photo)
        deployment.wait(lambda: deployment.ticks(SENSOR) >= ticked + 2)
        assert deployment.runs() == runs

        for number, photo in enumerate(photos[:3]):
            uploads.copy(save_photo(photo, seed=1000 + number))
        changed = {photo.name for photo in photos[:3]}
        deployment.wait(lambda: {r for r, b in brightnesses().items() if b != before[r]} == changed)
        deployment.wait(lambda: deployment.runs() == ["SUCCESS", *runs])

    made = catalog().sql(
        "select run_id, list(row) as rows from media_assets.files"
        " where \"column\" = 'flipped' group by run_id"
    )
    assert sorted(changed) in [sorted(rows) for rows in made["rows"]]
