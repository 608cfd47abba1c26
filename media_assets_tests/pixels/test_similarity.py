"""How alike two images are: against the published formula, and where sizes and modes differ."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from media_assets.pixels.similarity import (
    difference_picture,
    have_equal_pixels,
    structural_similarity,
)
from media_assets_tests.photos import picture

PHOTO = picture(3, (96, 72))


def ssim_by_its_formula(first: Image.Image, second: Image.Image) -> float:
    """The index of each window and channel, one by one, and their mean."""
    one, other = np.asarray(first, float), np.asarray(second, float)
    height, width, channels = one.shape
    found: list[float] = []
    for top in range(height - 6):
        for left in range(width - 6):
            for channel in range(channels):
                x = one[top : top + 7, left : left + 7, channel]
                y = other[top : top + 7, left : left + 7, channel]
                covariance = ((x - x.mean()) * (y - y.mean())).mean()
                shared = (2 * x.mean() * y.mean() + 6.5025) * (2 * covariance + 58.5225)
                whole = (x.mean() ** 2 + y.mean() ** 2 + 6.5025) * (x.var() + y.var() + 58.5225)
                found.append(shared / whole)
    return sum(found) / len(found)


def test_the_index_is_that_of_its_formula() -> None:
    blurred = PHOTO.resize((40, 30)).filter(ImageFilter.GaussianBlur(2))
    small = PHOTO.resize((40, 30))

    assert structural_similarity(small, blurred) == pytest.approx(
        ssim_by_its_formula(small, blurred)
    )


def test_more_blur_is_less_alike() -> None:
    found = [
        structural_similarity(PHOTO, PHOTO.filter(ImageFilter.GaussianBlur(radius)))
        for radius in (1, 3, 8)
    ]

    assert 1 > found[0] > found[1] > found[2] > 0
    assert structural_similarity(PHOTO, PHOTO.copy()) == 1


def test_images_of_other_sizes_and_modes_are_compared_too() -> None:
    smaller = PHOTO.resize((48, 36), Image.Resampling.BOX)

    assert structural_similarity(PHOTO, smaller) > 0.99
    assert not have_equal_pixels(PHOTO, smaller)
    assert difference_picture(PHOTO, smaller).size == (48, 36)
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F", "HSV"):
        image = Image.new(mode, (9, 5))
        assert structural_similarity(image, image) == 1
        assert have_equal_pixels(image, image.copy())
        assert difference_picture(image, PHOTO).mode == "RGB"


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2_000, 3)])
def test_tiny_and_narrow_images_are_compared(size: tuple[int, int]) -> None:
    black, white = Image.new("RGB", size), Image.new("RGB", size, "white")

    assert structural_similarity(black, white) < 0.01
    assert structural_similarity(black, black.copy()) == 1
    assert min(difference_picture(black, white).size) >= 1


def test_a_change_of_transparency_alone_is_a_difference_and_hidden_colours_are_none() -> None:
    opaque = Image.new("RGBA", (32, 32), (255, 0, 0, 255))
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))

    assert not have_equal_pixels(opaque, clear)
    assert structural_similarity(opaque, clear) < 0.6
    hidden = Image.new("RGBA", (32, 32), (0, 9, 0, 0))
    assert have_equal_pixels(clear, hidden)
    assert structural_similarity(clear, hidden) == 1


def test_a_difference_of_one_pixel_is_not_equal_and_stands_out_in_red() -> None:
    other = PHOTO.copy()
    other.putpixel((10, 10), (255, 255, 255))

    drawn = difference_picture(PHOTO, other)

    assert not have_equal_pixels(PHOTO, other)
    assert 0.9 < structural_similarity(PHOTO, other) < 1
    red, green, _ = np.asarray(drawn, int).transpose(2, 0, 1)
    assert np.argwhere(red - green > 100).tolist() == [[10, 10]]
