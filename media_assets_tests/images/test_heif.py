"""HEIC and HEIF: read as phones write them, with nothing registered in Pillow."""

import struct
import sys
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from media_assets.errors import (
    ImageTooLargeError,
    MissingExtraError,
    UndecodableImageError,
    UnsupportedImageError,
)
from media_assets.images import heif
from media_assets.images.costs import decoding_bytes
from media_assets.images.decode import (
    ImageFacts,
    ImageLimits,
    decode_image,
    image_facts,
    open_image,
)
from media_assets.images.headers import identify
from media_assets_tests.images.pictures import decoded, distance, saved, scene

LIMITS = ImageLimits()
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


@pytest.mark.parametrize("orientation", TURNS)
def test_an_image_is_turned_once_although_its_exif_says_so_again(orientation: int) -> None:
    content = saved(scene(), "HEIF", quality=95, exif=exif(orientation))
    turn = TURNS[orientation]
    expected = scene() if turn is None else scene().transpose(turn)

    opened = open_image(content, LIMITS)
    facts = image_facts(opened)
    image = decode_image(opened)

    assert (image.mode, image.size, image.format) == ("RGB", expected.size, "HEIF")
    assert facts == ImageFacts("HEIF", *expected.size, 1)
    assert distance(image, expected) < 5


def test_an_orientation_that_only_exif_states_is_ignored_as_the_format_says() -> None:
    content = saved(scene(), "HEIF", exif=exif(6)).replace(b"irot", b"free")

    assert decoded(content).size == (64, 48)


@pytest.mark.parametrize(
    ("mode", "expected"), [("L", "L"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("LA", "RGBA")]
)
def test_transparency_and_gray_are_kept(mode: str, expected: str) -> None:
    picture = scene().convert(mode)

    assert decoded(saved(picture, "HEIF", quality=90)).mode == expected


def test_transparent_pixels_stay_transparent() -> None:
    picture = scene().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))

    alpha = decoded(saved(picture, "HEIF", quality=95)).getchannel("A")

    assert distance(alpha, picture.getchannel("A")) < 5


def test_ten_bits_are_scaled_to_eight() -> None:
    samples = np.full((48, 64, 3), 40_000, np.uint16)
    file = BytesIO()
    pillow_heif.from_bytes("RGB;16", (64, 48), samples.tobytes()).save(file, quality=95)

    image = decoded(file.getvalue())

    assert image.mode == "RGB"
    assert image.getpixel((30, 20)) == (156, 156, 156)


def test_a_profile_is_kept_for_the_columns() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    picture = scene()
    picture.info["icc_profile"] = profile

    assert decoded(saved(picture, "HEIF")).info == {"icc_profile": profile}


def test_colours_stated_by_numbers_are_converted_or_marked() -> None:
    def marks(transfer: int) -> tuple[Image.Image, list[str]]:
        stated = {"color_primaries": 9, "transfer_characteristics": transfer}
        content = saved(scene(), "HEIF", **stated)
        opened = open_image(content, LIMITS)
        return decode_image(opened), opened.marks

    plain = decoded(saved(scene(), "HEIF"))
    wide, no_marks = marks(1)
    assert no_marks == []
    assert distance(wide, plain) > 5
    assert marks(16)[1] == ["colours: PQ, not converted"]


def test_the_primary_image_of_several_is_read_and_the_others_are_counted() -> None:
    several = pillow_heif.from_pillow(scene((32, 32)))
    several.add_from_pillow(scene())
    file = BytesIO()
    several.save(file, primary_index=1)

    assert decoded(file.getvalue()).size == (64, 48)
    assert image_facts(open_image(file.getvalue(), LIMITS)) == ImageFacts("HEIF", 64, 48, 2)
    with pytest.raises(ImageTooLargeError, match=r"2 frames\. At most 1 frames"):
        open_image(file.getvalue(), ImageLimits(max_frames=1))


def test_a_thumbnail_in_the_file_never_stands_for_the_image() -> None:
    picture = scene((320, 240))
    file = pillow_heif.from_pillow(picture)
    file[0].info["thumbnails"] = [64]
    saved_file = BytesIO()
    file.save(saved_file, quality=95)

    opened = open_image(saved_file.getvalue(), LIMITS)
    image = decode_image(opened, decode_size=(30, 30))

    assert image.size == (40, 30)
    assert distance(image, picture.reduce(8)) < 5


def test_pixels_are_counted_before_they_are_decoded() -> None:
    content = bytearray(saved(scene(), "HEIF"))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", 100_000, 100_000)

    with pytest.raises(ImageTooLargeError, match="10,000,000,000 pixels"):
        open_image(bytes(content), LIMITS)


def test_a_size_that_is_not_that_of_the_pixels_is_an_error() -> None:
    content = bytearray(saved(scene(), "HEIF"))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", 640, 480)

    with pytest.raises(UndecodableImageError, match="The HEIF image cannot be decoded"):
        decoded(bytes(content))


def test_a_crop_does_not_hide_the_pixels_that_are_decoded_for_it() -> None:
    content = saved(scene(), "HEIF")
    assert b"clap" in content

    with pytest.raises(ImageTooLargeError, match=r"4,096 pixels\. At most 4,000"):
        open_image(content, ImageLimits(max_pixels=4_000))


def test_a_file_that_is_cut_short_says_where_it_ends() -> None:
    content = saved(scene((160, 120)), "HEIF")

    with pytest.raises(UndecodableImageError, match="cut short: it has 700 of at least"):
        decoded(content[:700])


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"ftypheix\0\0\0\0mif1heix", "HEIF"),
        (b"ftypmif1\0\0\0\0mif1heic", "HEIF"),
        (b"ftypheic\0\0\0\0mif1avifheic", "HEIF"),
        (b"ftypavif\0\0\0\0mif1miafheic", "AVIF"),
        (b"ftypmif1\0\0\0\0mif1heicavif", "AVIF"),
        (b"ftypmif1\0\0\0\0avifmif1miaf", "AVIF"),
        (b"ftypavis\0\0\0\0msf1", "AVIF"),
        (b"ftypisom\0\0\0\0isomiso2mp41", None),
    ],
)
def test_heif_avif_and_video_are_told_apart_by_their_brands(start: bytes, name: str | None) -> None:
    content = struct.pack(">I", 4 + len(start)) + start + bytes(100)

    assert identify(content) == name


def test_an_avif_file_is_not_taken_for_heif() -> None:
    assert decoded(saved(scene(), "AVIF")).format == "AVIF"


def test_what_decoding_takes_is_estimated() -> None:
    content = saved(scene(), "HEIF")

    assert decoding_bytes(open_image(content, LIMITS)) == 64 * 48 * 9 + 2 * len(content)


def test_nothing_is_registered_in_pillow() -> None:
    decoded(saved(scene(), "HEIF"))

    assert "HEIF" not in Image.OPEN
    assert ".heic" not in Image.registered_extensions()


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    content = saved(scene(), "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heif._heif_file.cache_clear()

    with pytest.raises(MissingExtraError, match=r'HEIC .* pip install "media-assets\[heif\]"'):
        open_image(content, LIMITS)


def test_an_svg_is_refused_with_the_reason() -> None:
    with pytest.raises(UnsupportedImageError, match=r"SVG has no pixels.*Draw it as PNG"):
        open_image(b'<svg xmlns="http://www.w3.org/2000/svg" width="9"/>', LIMITS)
