"""Colours that files state without an ICC profile are converted to sRGB."""

import struct
from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

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
def test_impossible_colour_values_never_make_an_image_fail(piece: bytes) -> None:
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


ADOBE_POINTS = (31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000)


def exif(space: int, index: bytes = b"", order: str = "<") -> bytes:
    """A camera's block: the colour space, and the interoperability index."""
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    tiff += struct.pack(order + "HHHIII", 1, 0x8769, 4, 1, 26, 0)
    count = 2 if index else 1
    tiff += struct.pack(order + "HHHIHH", count, 0xA001, 3, 1, space, 0)
    if index:
        tiff += struct.pack(order + "HHII", 0xA005, 4, 1, 56)
        tiff += struct.pack(order + "IHHHI4sI", 0, 1, 1, 2, 4, index, 0)
    return b"Exif\0\0" + tiff


def photo(block: bytes, name: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    options |= {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(
        name, {}
    )
    return saved(
        Image.new(mode, (16, 16), ROSE if mode == "RGB" else 90), name, exif=block, **options
    )


@pytest.mark.parametrize(
    "block",
    [exif(0xFFFF, b"R03\0"), exif(0xFFFF, b"R03\0", ">"), exif(2), exif(2, b"R98\0")],
)
@pytest.mark.parametrize("name", ["JPEG", "WEBP", "PNG"])
def test_adobe_rgb_stated_by_exif_becomes_srgb(block: bytes, name: str) -> None:
    # Computed another way: the same colours stated by gAMA and cHRM, of 2.2 against 563/256.
    expected = color_of(stated_png(points(*ADOBE_POINTS), gamma(256 / 563)))

    assert expected[0] > ROSE[0] + 15
    assert is_near(color_of(photo(block, name)), expected)


@pytest.mark.parametrize(
    "block", [exif(1), exif(0xFFFF), exif(0xFFFF, b"R98\0"), exif(1, b"R03\0"), exif(7)]
)
def test_other_colour_spaces_of_exif_are_srgb(block: bytes) -> None:
    assert is_near(color_of(photo(block)), ROSE)


def test_a_profile_counts_before_exif() -> None:
    content = photo(exif(2), icc_profile=WIDE_GAMUT)

    assert is_near(color_of(content), ROSE)
    assert decoded(content).info["icc_profile"] == WIDE_GAMUT


@pytest.mark.parametrize("length", range(8, 68, 3))
def test_an_exif_block_that_ends_early_never_costs_the_image(length: int) -> None:
    opened = open_image(photo(exif(0xFFFF, b"R03\0")[:length], "WEBP"), ImageLimits())

    assert decode_image(opened).size == (16, 16)
    assert set(opened.marks) <= {"dropped: colour space"}


def bmp(kind: int, endpoints: tuple[float, ...], gammas: tuple[float, ...]) -> bytes:
    """A version 4 BMP, with the picture's three colours and the exponent of each."""
    header = struct.pack("<IiiHHIIiiII", 108, 8, 8, 1, 24, 0, 192, 2_835, 2_835, 0, 0)
    header += struct.pack("<4I", 0, 0, 0, 0) + struct.pack("<I", kind)
    header += struct.pack("<9i", *(round(part * (1 << 30)) for part in endpoints))
    header += struct.pack("<3I", *(round(part * (1 << 16)) for part in gammas))
    pixels = bytes(reversed(ROSE)) * 64
    return struct.pack("<2sIHHI", b"BM", 14 + 108 + len(pixels), 0, 0, 122) + header + pixels


P3_ENDPOINTS = (0.68, 0.32, 0, 0.265, 0.69, 0.045, 0.15, 0.06, 0.79)
P3_IN_FULL = (0.4866, 0.2290, 0.0, 0.2657, 0.6917, 0.0451, 0.1982, 0.0793, 1.0439)
SRGB_ENDPOINTS = (0.64, 0.33, 0.03, 0.3, 0.6, 0.1, 0.15, 0.06, 0.79)


@pytest.mark.parametrize("endpoints", [P3_ENDPOINTS, P3_IN_FULL])
def test_the_endpoints_of_a_bmp_come_out_in_srgb(endpoints: tuple[float, ...]) -> None:
    expected = color_of(stated_png(points(*P3_POINTS), gamma(1 / 2.2)))

    assert is_near(color_of(bmp(0, endpoints, (2.2, 2.2, 2.2))), expected)


def test_each_colour_of_a_bmp_has_a_gamma_of_its_own() -> None:
    color = color_of(bmp(0, SRGB_ENDPOINTS, (1.0, 2.2, 2.2)))

    light = (200 / 255) ** 1.0
    assert is_near(color, (round((1.055 * light ** (1 / 2.4) - 0.055) * 255), *ROSE[1:]))


@pytest.mark.parametrize(
    ("content", "marks"),
    [
        (bmp(0, SRGB_ENDPOINTS, (2.2, 2.2, 2.2)), []),
        (bmp(0, (0,) * 9, (0, 0, 0)), []),
        (bmp(0x73524742, P3_ENDPOINTS, (1, 1, 1)), []),
        (bmp(0, (0,) * 9, (1, 1, 1)), ["dropped: colour space"]),
        (bmp(0, P3_ENDPOINTS, (1_000, 1, 1)), ["dropped: colour space"]),
        (bmp(0, (0.3, 0.3, 0.4) * 3, (2.2, 2.2, 2.2)), ["dropped: colour space"]),
    ],
)
def test_a_bmp_without_sound_endpoints_stays_as_it_is(content: bytes, marks: list[str]) -> None:
    opened = open_image(content, ImageLimits())

    assert decode_image(opened).getpixel((3, 3)) == ROSE
    assert opened.marks == marks


WHITE_POINT, PRIMARIES, TRANSFER = 318, 319, 301
P3_TAGS = {WHITE_POINT: (0.3127, 0.3290), PRIMARIES: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)}
LINEAR_TABLE = tuple(n * 257 for n in range(256))


def tiff(tags: Mapping[int, object], color: object = ROSE, mode: str = "RGB") -> bytes:
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory.tagtype[tag] = 3 if tag == TRANSFER else 5
        directory[tag] = value
    return saved(Image.new(mode, (8, 8), color), "TIFF", tiffinfo=directory)  # pyright: ignore[reportArgumentType]


def test_the_tags_of_a_tiff_come_out_in_srgb() -> None:
    assert is_near(color_of(tiff(P3_TAGS)), ROSE_OF_DISPLAY_P3)


@pytest.mark.parametrize("tables", [1, 3])
def test_the_transfer_function_of_a_tiff_is_applied(tables: int) -> None:
    linear = tuple(round(((sample / 255 + 0.055) / 1.055) ** 2.4 * 255) for sample in ROSE)

    assert is_near(color_of(tiff({TRANSFER: LINEAR_TABLE * tables}, linear)), ROSE)
    assert abs(decoded(tiff({TRANSFER: LINEAR_TABLE}, 55, "L")).getpixel((3, 3)) - 128) <= 2  # pyright: ignore[reportOperatorIssue, reportOptionalOperand]


@pytest.mark.parametrize(
    "tags",
    [
        {WHITE_POINT: (0.3127, 0.3290, 0.1)},
        {PRIMARIES: (0.68, 0.32)},
        {PRIMARIES: (0.0,) * 6},
        {TRANSFER: (0, 65_535)},
    ],
)
def test_malformed_tags_of_a_tiff_cost_nothing_but_themselves(tags: Mapping[int, object]) -> None:
    opened = open_image(tiff(tags), ImageLimits())

    assert decode_image(opened).getpixel((3, 3)) == ROSE
    assert opened.marks == ["dropped: colour space"]


def test_the_transfer_function_of_srgb_in_a_tiff_changes_nothing() -> None:
    shades = tuple(round((n / 255) ** 2.2 * 65_535) for n in range(256))

    assert color_of(tiff({TRANSFER: shades})) == ROSE
