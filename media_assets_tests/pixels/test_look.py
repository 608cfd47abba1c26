from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageChops

from media_assets import transforms
from media_assets.pixels.look import Corner
from media_assets_tests.images.pictures import PICTURES, distance, on_white

WORKS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "rgb": lambda image: transforms.convert(image, "RGB"),
    "rgba": lambda image: transforms.convert(image, "RGBA"),
    "grayscale": transforms.grayscale,
    "blur": transforms.blur,
    "sharpen": lambda image: transforms.sharpen(image, percent=20),
    "watermark": lambda image: transforms.watermark(image, "© 2026", position="center"),
}


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("picture", PICTURES)
def test_every_mode_looks_as_if_it_were_rgb(picture: str, work: str) -> None:
    image = PICTURES[picture]()
    untouched = image.copy()

    result = WORKS[work](image)

    if work != "rgb":  # This one drops the transparency, as documented.
        assert distance(on_white(result), on_white(WORKS[work](on_white(image)))) < 8
    assert image.tobytes() == untouched.tobytes()
    assert (image.mode, image.size, image.info) == (untouched.mode, untouched.size, untouched.info)
    assert image.getpalette("RGB") == untouched.getpalette("RGB")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
@pytest.mark.parametrize("picture", PICTURES)
def test_every_mode_converts_to_every_common_one(picture: str, mode: str) -> None:
    assert transforms.convert(PICTURES[picture](), mode).mode == mode


@pytest.mark.parametrize("mode", ["I", "F", "I;16"])
@pytest.mark.parametrize("source", ["I;16", "I;16B", "I of 16 bits"])
def test_wide_gray_keeps_its_values_among_wide_modes(source: str, mode: str) -> None:
    image = PICTURES[source]()

    converted = transforms.convert(image, mode)

    assert converted.mode == mode
    assert (np.asarray(converted) == np.asarray(image.convert("I"))).all()


def test_grayscale_weighs_colours_as_rec_601() -> None:
    gray = [
        transforms.grayscale(Image.new("RGB", (1, 1), name)).getpixel((0, 0))
        for name in ("red", "lime", "blue")
    ]

    assert gray == [76, 150, 29]


def test_blurring_spreads_and_sharpening_steepens_an_edge() -> None:
    image = Image.new("RGB", (40, 20), (60, 60, 60))
    image.paste((200, 200, 200), (20, 0, 40, 20))

    blurred = np.asarray(transforms.blur(image, 3))[10, :, 0]
    sharpened = np.asarray(transforms.sharpen(image))[10, :, 0]

    assert 60 < blurred[18] < blurred[21] < 200
    assert sharpened[19] < 60
    assert sharpened[20] > 200


def test_blurring_lets_no_hidden_colour_out() -> None:
    image = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (20, 0, 40, 20))

    blurred = np.asarray(transforms.blur(image, 3))

    assert blurred[blurred[..., 3] > 16][:, 0].max() < 16


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ("top-left", (2, 2)),
        ("top-right", (78, 2)),
        ("bottom-left", (2, 78)),
        ("bottom-right", (78, 78)),
        ("center", (40, 40)),
    ],
)
def test_a_watermark_sits_where_it_is_put(position: Corner, expected: tuple[int, int]) -> None:
    image = Image.new("RGB", (100, 100))

    marked = transforms.watermark(
        image, Image.new("L", (5, 5), 255), position=position, width=0.2, opacity=1
    )

    assert ImageChops.difference(marked, image).getbbox() == (
        *expected,
        expected[0] + 20,
        expected[1] + 20,
    )


def test_a_watermarks_opacity_mixes_it_with_the_image() -> None:
    marked = transforms.watermark(
        Image.new("RGB", (50, 50)),
        Image.new("RGB", (5, 5), "white"),
        position="center",
        opacity=0.5,
    )

    assert marked.getpixel((25, 25)) == pytest.approx((127, 127, 127), abs=1)


def test_a_text_can_be_read_on_light_and_on_dark() -> None:
    for shade in ("white", "black"):
        image = Image.new("RGB", (300, 200), shade)
        marked = transforms.watermark(image, "Harbour Museum")
        assert ImageChops.difference(marked, image).getbbox() is not None
        assert marked.crop((0, 0, 300, 150)).tobytes() == image.crop((0, 0, 300, 150)).tobytes()


def test_a_high_mark_is_made_to_fit() -> None:
    image = Image.new("RGB", (200, 50))

    marked = transforms.watermark(image, Image.new("RGB", (10, 100), "red"), width=0.5, opacity=1)

    box = ImageChops.difference(marked, image).getbbox()
    assert box is not None
    assert 0 < box[1] < box[3] < 50


def test_a_watermark_keeps_transparency_and_profile() -> None:
    image = PICTURES["RGBA"]()
    image.info["icc_profile"] = b"a profile"

    marked = transforms.watermark(image, Image.new("RGB", (5, 5), "red"), width=0.1)

    assert marked.mode == "RGBA"
    assert marked.info["icc_profile"] == b"a profile"
    assert marked.getpixel((0, 0)) == image.getpixel((0, 0))


def test_stripping_leaves_the_pixels_and_what_says_how_they_look() -> None:
    image = Image.new("P", (4, 4), 3)
    image.putpalette([10, 20, 30] * 8)
    image.info = {"exif": b"Exif\0\0...", "comment": b"at home", "xmp": b"<x/>", "dpi": (72, 72)}
    image.info |= {"icc_profile": b"profile", "transparency": 3}

    stripped = transforms.strip(image)

    assert stripped.info == {"icc_profile": b"profile", "transparency": 3}
    assert stripped.tobytes() == image.tobytes()
    assert stripped.getpalette() == image.getpalette()
    assert "comment" in image.info
