"""Damage outside the pixels never costs the picture, and is noted."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageFile

from media_assets.errors import MediaAssetsError, UndecodableImageError
from media_assets.images.decode import (
    DEFAULT_INPUT_FORMATS,
    ImageLimits,
    decode_image,
    image_facts,
    open_image,
)
from media_assets_tests.images.made_by_hand import Tiff, chunk, png
from media_assets_tests.images.pictures import SRGB, WIDE_GAMUT, decoded, distance, saved, scene

SAMPLES = np.random.default_rng(7).integers(0, 256, (9, 13, 3))
PICTURE = Image.fromarray(SAMPLES.astype(np.uint8))


def marked(content: bytes) -> tuple[Image.Image, list[str]]:
    """The decoded image, and its marks."""
    opened = open_image(content, ImageLimits())
    return decode_image(opened), opened.marks


TEXT = zlib.compress(b"node 0 node 1 node 2 node 3 " * 60_000)
LONG = [
    (b"iTXt", b"workflow\0\1\0\0\0" + TEXT, "text"),
    (b"zTXt", b"workflow\0\0" + TEXT, "text"),
    (b"iCCP", b"profile\0\0" + zlib.compress(SRGB + bytes(3_000_000)), "colour profile"),
    (b"iCCP", b"profile\0\0" + zlib.compress(bytes(40_000_000)), "colour profile"),
]


@pytest.mark.parametrize(("kind", "content", "dropped"), LONG)
@pytest.mark.parametrize("is_behind", [False, True])
def test_long_text_and_large_profiles_of_a_png_are_dropped_and_said(
    kind: bytes, content: bytes, dropped: str, *, is_behind: bool
) -> None:
    piece = chunk(kind, content)
    pieces = {"after": piece} if is_behind else {"before": [piece]}

    image, marks = marked(png(2, 8, SAMPLES, **pieces))  # pyright: ignore[reportArgumentType]

    assert image.tobytes() == PICTURE.tobytes()
    assert marks == [f"dropped: {dropped}"]
    assert image.info == {}


def test_the_colours_of_a_profile_that_is_dropped_for_its_size_are_kept() -> None:
    large = WIDE_GAMUT + bytes(1_100_000)
    profile = struct.pack(">I", len(large)) + large[4:]
    small = png(2, 8, SAMPLES, before=[chunk(b"iCCP", b"p\0\0" + zlib.compress(WIDE_GAMUT))])

    image, marks = marked(
        png(2, 8, SAMPLES, before=[chunk(b"iCCP", b"p\0\0" + zlib.compress(profile))])
    )

    assert marks == ["dropped: colour profile"]
    assert distance(image, PICTURE) > 20
    assert decoded(small).info["icc_profile"] == WIDE_GAMUT


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (b"tEXt", b"Author\0me"),
        (b"gAMA", struct.pack(">I", 100_000)),
        (b"cHRM", bytes(32)),
        (b"eXIf", b"II*\0junk"),
        (b"acTL", struct.pack(">II", 3, 0)),
        (b"pHYs", bytes(9)),
        (b"iCCP", b"p\0\0" + zlib.compress(WIDE_GAMUT)),
    ],
)
@pytest.mark.parametrize("is_behind", [False, True])
def test_a_wrong_checksum_costs_a_png_that_chunk_alone(
    kind: bytes, content: bytes, *, is_behind: bool
) -> None:
    piece = chunk(kind, content, checksum=1)
    pieces = {"after": piece} if is_behind else {"before": [piece]}

    image, marks = marked(png(2, 8, SAMPLES, **pieces))  # pyright: ignore[reportArgumentType]

    assert image.tobytes() == PICTURE.tobytes()
    assert [mark.partition(":")[0] for mark in marks] == ["dropped"]


def test_a_sound_file_has_nothing_said_of_it() -> None:
    for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"):
        assert marked(saved(scene(), name))[1] == []


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_a_jpeg_that_lacks_its_end_marker_alone_is_whole(options: dict[str, object]) -> None:
    content = saved(scene((160, 120)), "JPEG", quality=90, **options)

    for cut in (content[:-2], content[:-1]):
        image, marks = marked(cut)
        assert image.tobytes() == decoded(content).tobytes()
        assert marks == ["end marker missing"]
        assert decoded(cut, (40, 30)).tobytes() == decoded(content, (40, 30)).tobytes()
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_a_jpeg_that_lacks_any_pixel_is_refused(options: dict[str, object]) -> None:
    content = saved(scene((160, 120)), "JPEG", quality=90, **options)

    for lacking in (*range(4, 40), 100, 500, len(content) // 2):
        with pytest.raises(UndecodableImageError):
            decoded(content[:-lacking])


def test_a_progressive_jpeg_that_was_cut_between_two_scans_is_refused() -> None:
    content = saved(scene((160, 120)), "JPEG", progressive=True)
    starts = [at for at in range(len(content)) if content[at : at + 2] == b"\xff\xda"]

    assert len(starts) > 3
    for start in starts[1:]:
        tables = content.rindex(b"\xff\xc4", 0, start)
        with pytest.raises(UndecodableImageError):
            decoded(content[:tables])


def test_a_jpeg_with_a_broken_segment_of_metadata_is_decoded_without_it() -> None:
    content = saved(scene(), "JPEG")
    broken = b"\xff\xe0\0\x08JFIF\0\1" + b"\xff\xe2\0\x0eICC_PROFILE\0"

    image, marks = marked(content[:2] + broken + content[2:])

    assert image.tobytes() == decoded(content).tobytes()
    assert marks == ["dropped: metadata"]


def test_a_webp_whose_metadata_is_cut_off_is_decoded_without_it() -> None:
    content = saved(scene(), "WEBP", lossless=True, xmp=b"x" * 500)

    image, marks = marked(content[:-200])

    assert image.tobytes() == decoded(content).tobytes()
    assert marks == ["dropped: metadata"]


def test_a_tiff_with_a_tag_that_cannot_be_read_is_decoded_without_it() -> None:
    kind = Tiff(2, 8, tags=[(33432, 4, [2**31] * 40)])
    content = bytearray(kind.of(SAMPLES))
    entry = content.index(struct.pack("<HHI", 33432, 4, 40))
    struct.pack_into("<HII", content, entry + 2, 2, 40, 2**30)

    image, _ = marked(bytes(content))

    assert image.tobytes() == PICTURE.tobytes()


def test_a_gif_without_its_end_is_whole() -> None:
    content = saved(scene().quantize(32), "GIF")

    assert decoded(content[:-1]).tobytes() == decoded(content).tobytes()


def test_an_apng_is_counted_and_its_picture_taken_as_before() -> None:
    frames = [scene(), scene().rotate(180), scene().rotate(90)]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], default_image=True)

    opened = open_image(file.getvalue(), ImageLimits())

    assert opened.frames == 3
    assert decode_image(opened).tobytes() == scene().tobytes()


def outcome(content: bytes, decode_size: tuple[int, int] | None, *, keeps: bool) -> object:
    """The facts and marks of a file, or what is wrong with it."""
    try:
        opened = open_image(content, ImageLimits(), keeps_truncated=keeps)
        facts = image_facts(opened)
        decode_image(opened, decode_size=decode_size)
    except MediaAssetsError as error:
        return str(error)
    return facts, opened.marks


OF_ALL_KINDS = {
    **{name: saved(scene((160, 120)), name) for name in DEFAULT_INPUT_FORMATS},
    "progressive": saved(scene((160, 120)), "JPEG", progressive=True),
    "CMYK": saved(scene((160, 120)).convert("CMYK"), "JPEG", quality=95),
    "restarts": saved(scene((160, 120)), "JPEG", restart_marker_blocks=4, subsampling=0),
}


@pytest.mark.parametrize("kind", OF_ALL_KINDS)
@given(data=st.data())
@settings(max_examples=20)
def test_a_reduced_decode_finds_the_damage_that_a_whole_one_finds(
    kind: str, data: st.DataObject
) -> None:
    content = bytearray(OF_ALL_KINDS[kind])
    at = data.draw(st.integers(20, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "zeros", "flipped", "left out"])):
        case "cut":
            del content[at:]
        case "zeros":
            content[at:] = bytes(len(content) - at)
        case "flipped":
            content[at] ^= 1 << data.draw(st.integers(0, 7))
        case _:
            del content[at : at + data.draw(st.integers(1, 300))]
    size = data.draw(st.sampled_from([(1, 1), (30, 20), (90, 90)]))
    keeps = data.draw(st.booleans())

    assert outcome(bytes(content), size, keeps=keeps) == outcome(bytes(content), None, keeps=keeps)
