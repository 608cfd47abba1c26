from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from media_assets import transforms
from media_assets_tests.images.pictures import PICTURES, on_white, scene
from media_assets_tests.photos import picture


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


@pytest.mark.parametrize("size", [(101, 67), (2_500, 1_700), (3, 3)])
def test_the_sharpness_is_the_variance_of_the_laplacian_of_all_pixels(
    size: tuple[int, int],
) -> None:
    image = picture(1, size)
    shades = np.asarray(image.convert("L")).astype(int)

    middle = 4 * shades[1:-1, 1:-1]
    laplacian = middle - shades[1:-1, :-2] - shades[1:-1, 2:] - shades[:-2, 1:-1] - shades[2:, 1:-1]

    assert transforms.sharpness(image) == pytest.approx(laplacian.var(), rel=1e-9)


def test_a_blurred_photo_is_less_sharp_and_a_tiny_one_has_no_sharpness() -> None:
    image = picture(1, (300, 200)).resize((60, 40)).resize((300, 200), Image.Resampling.NEAREST)

    assert transforms.sharpness(transforms.blur(image, 3)) < transforms.sharpness(image) / 4
    assert transforms.sharpness(Image.new("RGB", (2, 2))) == 0.0


def test_copies_in_other_sizes_qualities_and_modes_have_almost_the_same_hash() -> None:
    photos = [picture(seed, (400, 300)) for seed in range(20)]
    hashes = [transforms.perceptual_hash(photo) for photo in photos]

    for photo, expected in zip(photos, hashes, strict=True):
        for copy in (photo.resize((123, 99)), compressed(photo, 30), photo.convert("RGBA")):
            assert differing(transforms.perceptual_hash(copy), expected) <= 5

    assert all(-(2**63) <= found < 2**63 for found in hashes)
    assert min(hashes) < 0 < max(hashes)
    pairs = [(a, b) for n, a in enumerate(hashes) for b in hashes[:n]]
    assert min(differing(a, b) for a, b in pairs) > 12
    mirrored = transforms.perceptual_hash(transforms.flip(photos[0]))
    assert differing(mirrored, hashes[0]) > 12


def differing(first: int, second: int) -> int:
    return ((first ^ second) & (2**64 - 1)).bit_count()


def compressed(image: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)
