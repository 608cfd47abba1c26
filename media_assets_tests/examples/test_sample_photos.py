import os
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from examples.sample_photos import make_sample_photos

SMALL = (320, 240)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_sample_photos(tmp_path_factory.mktemp("photos"), size=SMALL)


def test_twenty_four_photos_with_names_that_tell_what_they_show(photos: list[Path]) -> None:
    assert len(photos) == len({path.stem for path in photos}) == 24
    assert all(path.stem.replace("-", "").isalpha() and path.is_file() for path in photos)
    assert sorted(photos) == sorted(photos[0].parent.iterdir())


def test_every_photo_is_rich_in_detail_and_different_from_all_others(photos: list[Path]) -> None:
    thumbnails: list[np.ndarray] = []
    for path in photos:
        with Image.open(path) as image:
            small = np.asarray(image.convert("RGB").resize((16, 16)), float)
        assert small.std() > 8
        assert all(np.abs(small - other).mean() > 8 for other in thumbnails)
        thumbnails.append(small)


def test_the_first_eight_show_every_kind_of_file(photos: list[Path]) -> None:
    opened = [Image.open(path) for path in photos[:8]]

    assert {image.format for image in opened} == {"JPEG", "PNG", "WEBP"}
    assert {image.getexif().get(ExifTags.Base.Orientation) for image in opened} == {None, 6}
    assert {image.width > image.height for image in opened} == {True, False}
    alphas = [image.getchannel("A").getextrema() for image in opened if image.mode == "RGBA"]
    assert alphas == [(0, 255)]
    for image in opened:
        image.close()


def test_the_same_number_is_the_same_photo_every_time(photos: list[Path], tmp_path: Path) -> None:
    again = make_sample_photos(tmp_path, 6, size=SMALL)

    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in photos[:6]]


def test_photos_past_the_last_motif_are_new_ones(tmp_path: Path) -> None:
    photos = make_sample_photos(tmp_path, 26, size=(160, 120))

    assert photos[24].name == "harbour-at-dusk-2.jpg"
    assert photos[24].read_bytes() != photos[0].read_bytes()


def test_existing_photos_stay_untouched(tmp_path: Path) -> None:
    tmp_path.joinpath("harbour-at-dusk.jpg").write_bytes(b"mine")
    os.utime(tmp_path / "harbour-at-dusk.jpg", (1, 1))

    photos = make_sample_photos(tmp_path, 2, size=SMALL)

    assert photos[0].read_bytes() == b"mine"
    assert photos[0].stat().st_mtime == 1
    assert photos[1].stat().st_size > 5_000


def test_a_photo_of_usual_size_weighs_what_photos_weigh(tmp_path: Path) -> None:
    (photo,) = make_sample_photos(tmp_path, 1)

    with Image.open(photo) as image:
        assert image.size == (1280, 960)
    assert 150_000 < photo.stat().st_size < 600_000
