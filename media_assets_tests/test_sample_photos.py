import os
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageChops, ImageStat

from media_assets.sample_photos import make_sample_photos

SMALL = (320, 240)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_sample_photos(tmp_path_factory.mktemp("photos"), size=SMALL)


def test_the_first_four_show_every_kind_of_file(photos: list[Path]) -> None:
    opened = [Image.open(path) for path in photos[:4]]

    assert {image.format for image in opened} == {"JPEG", "PNG", "WEBP"}
    assert {image.size for image in opened} == {SMALL}
    orientations = [image.getexif().get(ExifTags.Base.Orientation) for image in opened]
    assert orientations == [None, 6, None, None]
    for image in opened:
        image.close()


def test_all_photos_differ_and_are_rich_in_detail(photos: list[Path]) -> None:
    thumbnails: list[Image.Image] = []
    for path in photos:
        with Image.open(path) as image:
            small = image.convert("RGB").resize((16, 16))
        assert min(ImageStat.Stat(small).stddev) > 8
        for other in thumbnails:
            assert max(ImageStat.Stat(ImageChops.difference(small, other)).mean) > 2
        thumbnails.append(small)
    assert sorted(photos) == sorted(photos[0].parent.iterdir())


def test_the_same_number_is_the_same_photo_every_time(photos: list[Path], tmp_path: Path) -> None:
    again = make_sample_photos(tmp_path, 4, size=SMALL)

    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in photos[:4]]


def test_existing_photos_stay_untouched(tmp_path: Path) -> None:
    mine = tmp_path / "lake-01.jpg"
    mine.write_bytes(b"mine")
    os.utime(mine, (1, 1))

    make_sample_photos(tmp_path, 2, size=SMALL)

    assert mine.read_bytes() == b"mine"
    assert mine.stat().st_mtime == 1
