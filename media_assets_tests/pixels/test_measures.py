import numpy as np
import pytest
from PIL import Image

from media_assets import transforms
from media_assets_tests.images.pictures import PICTURES, on_white, scene


@pytest.mark.parametrize("picture", PICTURES)
def test_every_mode_measures_as_it_looks_on_white(picture: str) -> None:
    image = PICTURES[picture]()
    seen = on_white(image)

    assert transforms.mean_luminance(image) == pytest.approx(
        transforms.mean_luminance(seen), abs=0.01
    )
    assert _distance(transforms.average_color(image), transforms.average_color(seen)) <= 2
    assert transforms.dominant_color(image).startswith("#")


def _distance(first: str, second: str) -> int:
    pairs = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return max(abs(before - after) for before, after in pairs)


def test_the_mean_luminance_is_that_of_all_pixels() -> None:
    image = scene((101, 67))

    expected = np.asarray(image.convert("L")).mean() / 255

    assert transforms.mean_luminance(image) == pytest.approx(expected, abs=1e-12)


def test_white_is_one_and_black_is_zero() -> None:
    assert transforms.mean_luminance(Image.new("RGB", (3, 3), "white")) == 1.0
    assert transforms.mean_luminance(Image.new("RGB", (3, 3))) == 0.0
    assert transforms.mean_luminance(Image.new("I;16", (3, 3), 65535)) == 1.0


def test_what_is_transparent_counts_as_white() -> None:
    assert transforms.mean_luminance(Image.new("RGBA", (3, 3), (0, 0, 0, 0))) == 1.0
    assert transforms.average_color(Image.new("RGBA", (3, 3), (0, 0, 0, 0))) == "#ffffff"


def test_the_average_mixes_and_the_dominant_colour_does_not() -> None:
    flag = Image.new("RGB", (400, 300), "#204060")
    flag.paste("#f0e010", (0, 0, 100, 300))

    assert transforms.average_color(flag) == "#54684c"
    assert transforms.dominant_color(flag) == "#204060"
