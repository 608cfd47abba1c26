"""The promise, end to end: photos are copied into a folder, and a minute later all is there."""

import shutil
from pathlib import Path

import pytest

from media_assets_tests.automation.deployment import deployed
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog

SENSOR = "photos_uploads"
PHOTOS = 30


def brightnesses() -> dict[str, float]:
    if "photos" not in catalog().tables():
        return {}
    shown = catalog().sql("select * from photos")
    if "brightness" not in shown:
        return {}
    return dict(shown.dropna()[["row", "brightness"]].itertuples(index=False, name=None))


@pytest.mark.deployment
@pytest.mark.timeout(1200)
def test_copied_photos_are_materialized_by_themselves_and_only_what_changed_again(
    home: Path,
) -> None:
    uploads = home / "uploads" / "photos"
    photos = save_photos(home / "card", PHOTOS)
    uploads.mkdir(parents=True)
    with deployed(home) as deployment:
        deployment.start_sensor(SENSOR)

        shutil.copytree(home / "card", uploads, dirs_exist_ok=True)
        deployment.wait(lambda: len(brightnesses()) == PHOTOS)
        deployment.wait(lambda: deployment.runs() == ["SUCCESS"])
        before, ticked = brightnesses(), deployment.ticks(SENSOR)
        shutil.copytree(home / "card", uploads, dirs_exist_ok=True)
        deployment.wait(lambda: deployment.ticks(SENSOR) >= ticked + 3)
        assert deployment.runs() == ["SUCCESS"]

        for photo in photos[:3]:
            save_photo(uploads / photo.name, seed=1000 + photos.index(photo))
        changed = {photo.name for photo in photos[:3]}
        deployment.wait(lambda: {r for r, b in brightnesses().items() if b != before[r]} == changed)
        deployment.wait(lambda: deployment.runs() == ["SUCCESS", "SUCCESS"])

    rows = catalog().sql(
        "select run_id, count(*) from media_assets.files where \"column\" = 'flipped' group by all"
    )
    assert sorted(rows.iloc[:, 1]) == [3, PHOTOS - 3]
