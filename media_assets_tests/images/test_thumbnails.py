"""Small versions of images."""

from io import BytesIO

import pytest
from PIL import Image

from media_assets.errors import ImageTooLargeError, UndecodableImageError
from media_assets.images.decode import ImageLimits
from media_assets.images.thumbnails import data_uri, thumbnail_image, webp_bytes
from media_assets_tests.images.pictures import (
    PICTURES,
    WIDE_GAMUT,
    distance,
    on_white,
    saved,
    scene,
)


def opened(webp: bytes) -> Image.Image:
    image = Image.open(BytesIO(webp))
    assert image.format == "WEBP"
    return image


def test_a_thumbnail_fits_its_box_in_its_own_proportions() -> None:
    assert opened(webp_bytes(thumbnail_image(scene((400, 300)), (80, 80)))).size == (80, 60)
    assert opened(webp_bytes(thumbnail_image(scene((300, 400)), (80, 80)))).size == (60, 80)
    assert opened(webp_bytes(thumbnail_image(scene((40, 1)), (20, 20)))).size == (20, 1)


def test_a_small_image_is_not_enlarged() -> None:
    assert opened(webp_bytes(thumbnail_image(scene((40, 30)), (80, 80)))).size == (40, 30)


@pytest.mark.parametrize("mode", PICTURES)
def test_an_image_of_any_mode_keeps_its_look(mode: str) -> None:
    picture = PICTURES[mode]()

    small = opened(webp_bytes(thumbnail_image(picture, (32, 32))))

    assert small.mode in {"RGB", "RGBA"}
    expected = on_white(picture).convert("RGB").resize(small.size, Image.Resampling.LANCZOS)
    assert distance(on_white(small), expected) < 12


def test_a_file_is_decoded_reduced_and_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(scene((1600, 1200)), "JPEG", exif=exif, quality=95)

    small = thumbnail_image(data, (120, 120))

    assert small.size == (90, 120)
    expected = scene((1600, 1200)).transpose(Image.Transpose.ROTATE_270).resize((90, 120))
    assert distance(small, expected) < 6


def test_a_colour_profile_is_worked_into_the_pixels() -> None:
    data = saved(scene((200, 150)), "JPEG", icc_profile=WIDE_GAMUT, quality=95)

    small = opened(webp_bytes(thumbnail_image(data, (64, 64))))

    assert "icc_profile" not in small.info
    red, green, blue = scene((64, 48)).split()
    assert distance(small.convert("RGB"), Image.merge("RGB", (green, red, blue))) < 40
    assert distance(small.convert("RGB"), scene((64, 48))) > 40


def test_non_images_and_too_large_images_are_refused() -> None:
    with pytest.raises(UndecodableImageError):
        thumbnail_image(saved(scene((200, 150)), "JPEG")[:2000], (64, 64))
    with pytest.raises(ImageTooLargeError):
        thumbnail_image(saved(scene(), "PNG"), (64, 64), limits=ImageLimits(max_pixels=100))


def test_a_data_uri_holds_the_file() -> None:
    assert data_uri(b"RIFF") == "data:image/webp;base64,UklGRg=="
