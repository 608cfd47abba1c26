"""Colours that files state without an ICC profile come out in sRGB."""

import struct

import numpy as np
import pytest
from PIL import Image

from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets_tests.images.made_by_hand import chunk, png
from media_assets_tests.images.pictures import WIDE_GAMUT, decoded, saved

ROSE = (200, 90, 90)
ROSE_OF_DISPLAY_P3 = (216, 81, 86)
DISPLAY_P3, BT_2020, BT_709 = 12, 9, 1
LIKE_SRGB, LINEAR, PQ, HLG = 13, 8, 16, 18
P3_POINTS = (31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)


def avif(primaries: int, transfer: int, mode: str = "RGB") -> bytes:
    picture = Image.new("RGB", (64, 64), ROSE).convert(mode)
    content = bytearray(saved(picture, "AVIF", quality=100, subsampling="4:4:4"))
    at = content.find(b"nclx") + 4
    content[at : at + 4] = struct.pack(">HH", primaries, transfer)
    return bytes(content)


def stated_png(*pieces: bytes, color: tuple[int, ...] = ROSE) -> bytes:
    samples = np.full((8, 8, 3), color)
    return png(2, 8, samples, before=pieces)


def numbers(primaries: int, transfer: int) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, 0, 1]))


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def points(*values: int) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *values))


def color_of(content: bytes) -> tuple[int, ...]:
    color = decoded(content).getpixel((3, 3))
    assert isinstance(color, tuple)
    return color


def is_near(color: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 2 for a, b in zip(color, expected, strict=True))


@pytest.mark.parametrize(
    "content",
    [
        avif(DISPLAY_P3, LIKE_SRGB),
        stated_png(numbers(DISPLAY_P3, LIKE_SRGB)),
        stated_png(points(*P3_POINTS)),
        stated_png(points(*P3_POINTS), gamma(0.45455)),
    ],
    ids=["nclx", "cICP", "cHRM", "cHRM and gAMA"],
)
def test_colours_of_display_p3_come_out_in_srgb(content: bytes) -> None:
    assert is_near(color_of(content), ROSE_OF_DISPLAY_P3)
    assert decoded(content).info == {}


@pytest.mark.parametrize(
    "content",
    [
        avif(BT_709, LIKE_SRGB),
        avif(BT_709, 1),
        avif(2, 2),
        stated_png(numbers(BT_709, LIKE_SRGB)),
        stated_png(gamma(0.45455)),
        stated_png(points(31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)),
        stated_png(chunk(b"sRGB", b"\0"), gamma(1.0)),
    ],
)
def test_colours_that_are_those_of_srgb_stay_as_they_are(content: bytes) -> None:
    assert is_near(color_of(content), ROSE)


def test_linear_light_is_encoded() -> None:
    linear = tuple(round(((sample / 255 + 0.055) / 1.055) ** 2.4 * 255) for sample in ROSE)

    assert is_near(color_of(stated_png(gamma(1.0), color=linear)), ROSE)
    assert is_near(color_of(stated_png(numbers(BT_709, LINEAR), color=linear)), ROSE)


def test_gray_and_transparency_stay_what_they_are() -> None:
    gray = png(4, 8, np.full((8, 8, 2), (55, 70)), before=[gamma(1.0)])

    assert decoded(gray).mode == "LA"
    assert is_near(color_of(gray), (128, 70))


@pytest.mark.parametrize(("transfer", "name"), [(PQ, "PQ"), (HLG, "HLG")])
def test_colours_of_a_high_range_are_left_and_said(transfer: int, name: str) -> None:
    for content in (avif(BT_2020, transfer), stated_png(numbers(BT_2020, transfer))):
        opened = open_image(content, ImageLimits())
        assert is_near(decode_image(opened).getpixel((3, 3)), ROSE)  # pyright: ignore[reportArgumentType]
        assert opened.marks == [f"colours: {name}, not converted"]


def test_numbers_count_before_a_profile_and_a_profile_before_a_gamma() -> None:
    profile = saved(Image.new("RGB", (8, 8), ROSE), "PNG", icc_profile=WIDE_GAMUT)

    both = profile[:33] + numbers(DISPLAY_P3, LIKE_SRGB) + profile[33:]
    with_gamma = profile[:33] + gamma(1.0) + profile[33:]

    assert is_near(color_of(both), ROSE_OF_DISPLAY_P3)
    assert color_of(with_gamma) == ROSE
    assert decoded(with_gamma).info["icc_profile"] == WIDE_GAMUT


@pytest.mark.parametrize("piece", [points(*[0] * 8), points(*[2**32 - 1] * 8), gamma(0), b""])
def test_impossible_colours_never_cost_the_image(piece: bytes) -> None:
    assert color_of(stated_png(piece)) == ROSE


def test_boxes_that_loop_or_lie_never_cost_the_image() -> None:
    content = avif(DISPLAY_P3, LIKE_SRGB)
    for name in (b"ipma", b"ipco", b"pitm", b"colr"):
        broken = bytearray(content)
        at = broken.find(name)
        broken[at : at + 4] = b"junk"
        try:
            decoded(bytes(broken))
        except ValueError as error:
            assert "AVIF" in str(error)  # noqa: PT017  libavif itself may refuse it
