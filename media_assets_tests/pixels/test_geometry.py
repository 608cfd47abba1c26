from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from media_assets import transforms
from media_assets_tests.images.pictures import PICTURES, distance, on_white, scene

WORKS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "thumbnail": lambda image: transforms.thumbnail(image, (32, 32)),
    "fit": lambda image: transforms.fit(image, (32, 32)),
    "fill": lambda image: transforms.fill(image, (20, 20)),
    "crop": lambda image: transforms.crop(image, (8, 4, 40, 28)),
    "flip": lambda image: transforms.flip(image, "top-bottom"),
    "rotate": lambda image: transforms.rotate(image, 180),
    "turn": lambda image: transforms.rotate(image, 30),
    "pad": lambda image: transforms.pad(image, (80, 80)),
    "border": lambda image: transforms.border(image, 4),
}


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("picture", PICTURES)
def test_every_mode_looks_as_if_it_were_rgb(picture: str, work: str) -> None:
    image = PICTURES[picture]()
    untouched = image.copy()

    result = WORKS[work](image)

    expected = WORKS[work](on_white(image))
    assert result.size == expected.size
    if work != "turn":  # Corners are black, transparent, or white under transparency.
        assert distance(on_white(result), expected) < 6
    assert image.tobytes() == untouched.tobytes()
    assert (image.mode, image.size, image.info) == (untouched.mode, untouched.size, untouched.info)
    assert image.getpalette("RGB") == untouched.getpalette("RGB")


@pytest.mark.parametrize("work", sorted(set(WORKS) - {"pad", "border"}))
def test_sixteen_bit_gray_stays_so_where_only_geometry_changes(work: str) -> None:
    assert WORKS[work](PICTURES["I;16"]()).mode == "I;16"


@pytest.mark.parametrize("work", WORKS)
def test_the_colour_profile_stays_with_the_image(work: str) -> None:
    image = scene()
    image.info["icc_profile"] = b"a profile"

    assert WORKS[work](image).info["icc_profile"] == b"a profile"


def test_a_thumbnail_has_the_very_pixels_of_pillows() -> None:
    image = scene((640, 480))
    expected = image.copy()
    expected.thumbnail((128, 128), Image.Resampling.LANCZOS, reducing_gap=2.0)

    assert transforms.thumbnail(image, (128, 128)).tobytes() == expected.tobytes()


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 99), st.integers(1, 99))
def test_a_thumbnail_has_the_very_size_of_pillows(
    width: int, height: int, across: int, down: int
) -> None:
    image = Image.new("L", (width, height))
    expected = image.copy()
    expected.thumbnail((across, down))

    assert transforms.thumbnail(image, (across, down)).size == expected.size


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 70), st.integers(1, 70))
def test_a_thumbnail_fits_and_is_never_enlarged(
    width: int, height: int, across: int, down: int
) -> None:
    small = transforms.thumbnail(Image.new("L", (width, height)), (across, down))

    assert small.width <= min(width, across)
    assert small.height <= min(height, down)


def test_fit_enlarges_and_keeps_proportions() -> None:
    assert transforms.fit(scene((64, 48)), (640, 640)).size == (640, 480)


def test_fill_keeps_the_part_that_centering_names() -> None:
    image = Image.new("RGB", (90, 30), "red")
    image.paste("blue", (60, 0, 90, 30))

    left = transforms.fill(image, (30, 30), centering=(0, 0.5))
    right = transforms.fill(image, (30, 30), centering=(1, 0.5))

    assert left.getpixel((15, 15)) == (255, 0, 0)
    assert right.getpixel((15, 15)) == (0, 0, 255)


def test_rotating_by_a_right_angle_is_pillows_own_and_keeps_the_canvas() -> None:
    image = scene()

    assert transforms.rotate(image, 90).tobytes() == image.rotate(90).tobytes()
    assert transforms.rotate(image, 90).size == image.size
    assert transforms.rotate(image, 90, expand=True).size == (image.height, image.width)


def test_rotating_four_times_by_a_right_angle_changes_nothing() -> None:
    image = turned = scene()
    for _ in range(4):
        turned = transforms.rotate(turned, 90, expand=True)

    assert turned.tobytes() == image.tobytes()


def test_flipping_mirrors_every_row() -> None:
    image = scene()

    flipped = np.asarray(transforms.flip(image))

    assert (flipped == np.asarray(image)[:, ::-1]).all()


def test_padding_surrounds_the_image_evenly() -> None:
    padded = transforms.pad(Image.new("RGB", (40, 20), "red"), (100, 100), color="navy")

    assert padded.size == (100, 100)
    assert padded.getpixel((50, 24)) == padded.getpixel((50, 76)) == (0, 0, 128)
    assert padded.getpixel((50, 26)) == padded.getpixel((50, 74)) == (255, 0, 0)


def test_a_border_has_its_width_and_colour() -> None:
    framed = transforms.border(Image.new("RGB", (40, 20), "red"), 5, color=(1, 2, 3))

    assert framed.getpixel((4, 4)) == framed.getpixel((45, 25)) == (1, 2, 3)
    assert framed.getpixel((5, 5)) == framed.getpixel((44, 24)) == (255, 0, 0)


def test_a_crop_moves_no_pixel_and_ends_at_the_image() -> None:
    image = Image.linear_gradient("L")

    part = transforms.crop(image, (-5, 100, 20, 900))

    assert part.size == (20, 156)
    assert part.getpixel((0, 0)) == image.getpixel((0, 100))
    assert part.getpixel((19, 155)) == 255
