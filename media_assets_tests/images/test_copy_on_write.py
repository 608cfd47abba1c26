"""A lent image can be changed in all of Pillow's ways without changing the original."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageOps

from media_assets.images.copy_on_write import lend

SIZE = (8, 6)
WAYS: dict[str, Callable[[Image.Image], object]] = {
    "alpha_composite": lambda image: image.alpha_composite(Image.new("RGBA", SIZE, "white")),
    "draw": lambda image: ImageDraw.Draw(image).rectangle((0, 0, 7, 5), fill=255),
    "floodfill": lambda image: ImageDraw.floodfill(image, (0, 0), white(image)),
    "frombytes": lambda image: image.frombytes(b"\xff" * len(image.tobytes())),
    "paste": lambda image: image.paste(white(image), (0, 0, 4, 4)),
    "pixel": lambda image: pixels(image).__setitem__((2, 2), white(image)),
    "putalpha": lambda image: image.putalpha(3),
    "putdata": lambda image: image.putdata([white(image)] * 48),
    "putpalette": lambda image: image.putpalette(bytes(range(256)) * 3),
    "putpixel": lambda image: image.putpixel((1, 1), white(image)),
    "thumbnail": lambda image: image.thumbnail((4, 4)),
    "transpose in place": lambda image: ImageOps.exif_transpose(image, in_place=True),
}
ONLY = {"alpha_composite": {"RGBA"}, "putpalette": {"L", "P"}}
EVERY = {"1", "L", "P", "LA", "RGB", "RGBA", "CMYK"}


def picture(mode: str) -> Image.Image:
    drawn = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    drawn.putpixel((3, 3), (200, 10, 90))
    return drawn.convert(mode)


def white(image: Image.Image) -> Any:  # noqa: ANN401  what Pillow takes
    return 255 if len(image.getbands()) == 1 else (255,) * len(image.getbands())


def pixels(image: Image.Image) -> Any:  # noqa: ANN401  what Pillow returns
    return image.load()


def state(image: Image.Image) -> tuple[object, ...]:
    return (
        image.mode, image.size, image.tobytes(), image.getpalette(), dict(image.info), image.format
    )  # fmt: skip


@pytest.mark.parametrize(
    ("way", "mode"),
    [(way, mode) for way in WAYS for mode in sorted(EVERY & ONLY.get(way, EVERY))],
)
def test_a_lent_image_changes_as_any_other_and_the_lender_stays(way: str, mode: str) -> None:
    image, plain = picture(mode), picture(mode)
    before = state(image)
    lent = lend(image)

    WAYS[way](lent)

    WAYS[way](plain)
    assert state(lent) == state(plain)
    assert state(image) == before


def test_pixels_that_were_loaded_before_a_change_show_and_make_later_ones() -> None:
    image = picture("RGB")
    lent = lend(image)
    first, second = pixels(lent), pixels(lent)

    first[0, 0] = (1, 2, 3)
    second[1, 0] = (4, 5, 6)

    assert first[1, 0] == second[1, 0] == lent.getpixel((1, 0)) == (4, 5, 6)
    assert second[0, 0] == (1, 2, 3)
    assert state(image) == state(picture("RGB"))


def test_nothing_is_copied_until_something_changes() -> None:
    image = picture("RGB")
    lent = lend(image)

    lent.transpose(Image.Transpose.ROTATE_90)
    lent.tobytes()

    assert lent.im is image.im


def test_memory_that_is_handed_out_is_the_lent_images_own() -> None:
    image = picture("RGB")
    lent = lend(image)

    lent.getim()

    assert lent.im is not image.im


def test_the_last_reader_gets_the_very_pixels() -> None:
    image = picture("RGB")
    lent = lend(image, is_last=True)

    lent.putpixel((0, 0), (9, 9, 9))

    assert lent.im is image.im
    assert image.getpixel((0, 0)) == (9, 9, 9)


@pytest.mark.parametrize("mode", ["P", "RGB"])
def test_all_readers_get_images_of_one_class(mode: str) -> None:
    image = picture(mode)
    image.format, image.info = "PNG", {"icc_profile": b"a"}

    first, last = lend(image), lend(image, is_last=True)

    assert type(first) is type(last)
    assert first.info == last.info == {"icc_profile": b"a"}
    assert first.format == last.format == "PNG"
    first.info["icc_profile"] = b"b"
    assert image.info == {"icc_profile": b"a"}


def test_a_lent_image_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(lend(picture("RGB"))))  # noqa: S301  our own bytes

    assert again.tobytes() == picture("RGB").tobytes()
