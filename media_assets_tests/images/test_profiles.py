from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from media_assets.images.encode import encode_image
from media_assets.images.formats import OUTPUT_FORMATS, check_encoding
from media_assets_tests.images.pictures import (
    GRAY_INKS,
    LINEAR_GRAY,
    SRGB,
    WIDE_GAMUT,
    decoded,
    distance,
    encoded,
    saved,
    scene,
)

CARRYING = [name for name, output in OUTPUT_FORMATS.items() if output.has_profile]


def _profile_in(content: bytes) -> bytes | None:
    with Image.open(BytesIO(content)) as file:
        return file.info.get("icc_profile")


@pytest.mark.parametrize("name", CARRYING)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_wide_gamut_profile_goes_with_its_pixels(mode: str, name: str, tmp_path: Path) -> None:
    image = decoded(saved(scene().convert(mode), "PNG", icc_profile=WIDE_GAMUT))

    _, content = encoded(image, tmp_path, check_encoding(name))

    assert _profile_in(content) == WIDE_GAMUT


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_an_srgb_profile_is_dropped(name: str, tmp_path: Path) -> None:
    image = decoded(saved(scene(), "JPEG", icc_profile=SRGB))

    _, content = encoded(image, tmp_path, check_encoding(name))

    assert _profile_in(content) is None
    assert image.info["icc_profile"] == SRGB


@pytest.mark.parametrize("name", ["GIF", "BMP"])
def test_where_no_profile_fits_in_colours_become_srgb(name: str, tmp_path: Path) -> None:
    image = scene()
    image.info["icc_profile"] = WIDE_GAMUT
    red, green, blue = scene().split()

    _, content = encoded(image, tmp_path, check_encoding(name))

    seen = decoded(content).convert("RGB")
    assert distance(seen, Image.merge("RGB", (green, red, blue))) < 10
    assert distance(seen, scene()) > 20


def test_a_transparent_image_is_turned_into_srgb_with_its_transparency(tmp_path: Path) -> None:
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 255))
    image.paste((255, 0, 0, 0), (0, 0, 4, 8))
    image.info["icc_profile"] = WIDE_GAMUT

    _, content = encoded(image, tmp_path, check_encoding("GIF"))

    seen = decoded(content).convert("RGBA")
    assert seen.getchannel("A").getpixel((1, 1)) == 0
    assert seen.getpixel((6, 6)) == pytest.approx((0, 255, 0, 255), abs=4)


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
@pytest.mark.parametrize(
    "profile",
    [
        b"junk",
        b"",
        SRGB[:200],
        SRGB[:128] + b"\xff" * 400,
        b"\0" * 4096,
        SRGB[:16] + b"XYZ " + SRGB[20:],
    ],
)
def test_a_broken_profile_is_dropped(profile: bytes, name: str, tmp_path: Path) -> None:
    image = scene()
    image.info["icc_profile"] = profile

    _, content = encoded(image, tmp_path, check_encoding(name))

    assert _profile_in(content) is None
    assert decoded(content).size == image.size


@pytest.mark.parametrize("name", CARRYING)
def test_a_profile_for_another_mode_is_dropped(name: str, tmp_path: Path) -> None:
    image = scene().convert("L")
    image.info["icc_profile"] = WIDE_GAMUT

    _, content = encoded(image, tmp_path, check_encoding(name))

    assert _profile_in(content) is None


def test_cmyk_without_a_profile_is_converted_plainly(tmp_path: Path) -> None:
    image = scene().convert("CMYK")
    image.info["icc_profile"] = b"none of CMYK"

    _, content = encoded(image, tmp_path, check_encoding("JPEG"))

    assert decoded(content).mode == "RGB"
    assert distance(decoded(content), image.convert("RGB")) < 6


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_cmyk_is_converted_through_its_profile_or_keeps_it(name: str, tmp_path: Path) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 0, 0))
    image.info["icc_profile"] = GRAY_INKS

    _, content = encoded(image, tmp_path, check_encoding(name))

    if name == "TIFF":
        assert decoded(content).mode == "CMYK"
        assert _profile_in(content) == GRAY_INKS
    else:
        assert distance(decoded(content).convert("RGB"), Image.new("RGB", (16, 16))) < 8
        assert _profile_in(content) is None


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_gray_keeps_its_look_with_its_profile_or_by_srgb(name: str, tmp_path: Path) -> None:
    image = Image.new("L", (16, 16), 128)
    image.info["icc_profile"] = LINEAR_GRAY

    _, content = encoded(image, tmp_path, check_encoding(name))

    if _profile_in(content) is None:
        assert name in {"WEBP", "GIF", "BMP"}
        assert distance(decoded(content).convert("RGB"), Image.new("RGB", (16, 16), "#bcbcbc")) < 4
    else:
        assert _profile_in(content) == LINEAR_GRAY
        assert decoded(content).mode == "L"


def test_a_conversion_leaves_no_profile_of_its_own_in_the_file(tmp_path: Path) -> None:
    for name in ("PNG", "JPEG", "WEBP", "AVIF"):
        _, content = encoded(scene().convert("LAB"), tmp_path, check_encoding(name))
        assert _profile_in(content) is None


def test_threads_share_profiles() -> None:
    image = scene()
    image.info["icc_profile"] = WIDE_GAMUT

    def work(_: int) -> bytes:
        file = BytesIO()
        encode_image(image, file, check_encoding("BMP"))
        return file.getvalue()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(work, range(100)))) == 1
