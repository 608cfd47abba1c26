"""An AVIF with a clean aperture is cropped as by libheif."""

import struct

import numpy as np
import pytest

from media_assets.images.boxes import inside_aperture
from media_assets.images.decode import ImageLimits, decode_image, image_facts, open_image
from media_assets_tests.images.pictures import saved, scene
from media_assets_tests.images.second_decoder import seen_by_libvips, seen_by_us

PLAIN = (40, 1, 30, 1, 0, 1, 0, 1)
SHIFTED = (41, 1, 25, 1, -3, 2, 5, 2)
TOO_WIDE = (70, 1, 30, 1, 0, 1, 0, 1)


def cropped(numbers: tuple[int, ...], orientation: int = 1) -> bytes:
    """A picture of 64 by 48 in which a 28-byte ICC profile was replaced by a clean aperture."""
    options = {"exif": exif(orientation)} if orientation > 1 else {}
    content = bytearray(
        saved(scene(), "AVIF", quality=100, subsampling="4:4:4", icc_profile=bytes(28), **options)
    )
    at = content.index(b"colrprof")
    content[at : at + 36] = b"clap" + struct.pack(">4IiIiI", *numbers)
    _make_essential(content, at)
    return bytes(content)


def exif(orientation: int) -> bytes:
    return b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, orientation, 0)


def _make_essential(content: bytearray, at: int) -> None:
    """Marks the property at a position as essential, as it has to be."""
    position, index = content.index(b"ipco") + 4, 1
    while position + 4 < at:
        position += struct.unpack_from(">I", content, position)[0]
        index += 1
    first = content.index(b"ipma") + 12 + 2
    for place in range(first + 1, first + 1 + content[first]):
        if content[place] & 0x7F == index:
            content[place] |= 0x80


@pytest.mark.parametrize("numbers", [PLAIN, SHIFTED])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_picture_is_cropped_and_turned_as_libheif_does_it(
    numbers: tuple[int, ...], orientation: int
) -> None:
    content = cropped(numbers, orientation)

    ours, theirs = seen_by_us(content), seen_by_libvips(content)

    assert ours.shape == theirs.shape
    # Up to 2 of 255: the two round differently when converting to red, green and blue.
    assert np.abs(ours - theirs).max() <= 2


def test_the_facts_tell_the_size_that_is_shown() -> None:
    opened = open_image(cropped(SHIFTED, 6), ImageLimits())
    facts = image_facts(opened)

    assert (facts.width, facts.height) == (25, 41)
    assert decode_image(opened).size == (25, 41)
    assert opened.marks == []


def test_an_aperture_that_does_not_fit_costs_nothing_but_itself() -> None:
    opened = open_image(cropped(TOO_WIDE), ImageLimits())

    assert decode_image(opened).size == (64, 48)
    assert opened.marks == ["dropped: clean aperture"]


@pytest.mark.parametrize(
    "numbers",
    [
        (40, 0, 30, 1, 0, 1, 0, 1),
        (0, 1, 30, 1, 0, 1, 0, 1),
        (41, 1, 30, 1, 0, 1, 0, 1),
        (40, 1, 30, 1, 13, 1, 0, 1),
        (40, 1, 30, 1, 0, 1, -10, 1),
    ],
)
def test_an_aperture_that_no_pixels_fill_is_none(numbers: tuple[int, ...]) -> None:
    with pytest.raises((ValueError, ZeroDivisionError)):
        inside_aperture(numbers, (64, 48))
