"""Every depth and layout of a picture against a second decoder, libvips.

The two may differ in these cases:

- Signed, 32-bit and fractional gray has no stated range: libvips clips it to 0..255, while here the
  image's own range is used (`pixels.shades`).
- An extra sample that a TIFF calls "unspecified" is not transparency; libvips treats it as such.
- CMYK is converted to RGB here by its own profile or none, in libvips always by a profile.
- Separate brightness and colour, uncompressed, are shown as red, green and blue by libvips.
- XMP may rotate a JPEG, PNG or WEBP here if EXIF does not say; libvips reads only EXIF.
- Each decoder smooths colours at half resolution in its own way.
- The screen around a small frame of a GIF is transparent here, as in browsers; libvips paints it
  black if no colour is transparent.
"""

import struct
from itertools import product

import numpy as np
import pytest
from PIL import ExifTags, Image

from media_assets_tests.images.made_by_hand import CHANNELS, Order, Samples, Tiff, chunk, png
from media_assets_tests.images.pictures import decoded, distance, saved, scene
from media_assets_tests.images.second_decoder import difference, seen_by_libvips, seen_by_us

ROUNDING = 2
HEIGHT, WIDTH = 8, 17


def noise(depth: int, channels: int = 1) -> Samples:
    """Samples from all over a depth's range, including its ends."""
    shape = (HEIGHT, WIDTH) if channels == 1 else (HEIGHT, WIDTH, channels)
    samples = np.random.default_rng(depth * 8 + channels).integers(0, 1 << depth, shape)
    samples[0, 0], samples[0, 1] = 0, (1 << depth) - 1
    return samples


def check(content: bytes) -> None:
    assert difference(seen_by_us(content), seen_by_libvips(content)) <= ROUNDING


PNGS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), *product((2, 4, 6), (8, 16))]


@pytest.mark.parametrize(("color_type", "depth"), PNGS)
def test_a_png_of_any_depth_looks_as_a_second_decoder_sees_it(color_type: int, depth: int) -> None:
    check(png(color_type, depth, noise(depth, CHANNELS[color_type])))


@pytest.mark.parametrize("value", ["of a pixel", "low", "with bits beyond its depth"])
@pytest.mark.parametrize(("color_type", "depth"), [each for each in PNGS if each[0] in {0, 2}])
def test_the_transparent_colour_of_a_png_is_the_one_that_its_samples_name(
    color_type: int, depth: int, value: str
) -> None:
    channels = CHANNELS[color_type]
    samples = noise(depth, channels) if value != "low" else np.zeros_like(noise(depth, channels))
    samples[1, 1] = 1
    key = samples[1, 1].reshape(-1)
    beyond = 0x4000 if value == "with bits beyond its depth" and depth < 16 else 0
    content = struct.pack(f">{channels}H", *(int(sample) | beyond for sample in key))

    file = png(color_type, depth, samples, before=[chunk(b"tRNS", content)])

    assert seen_by_us(file)[1, 1, 3] == 0
    check(file)


@pytest.mark.parametrize("alphas", ["none", "first", "all"])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_of_any_depth_looks_as_a_second_decoder_sees_it(depth: int, alphas: str) -> None:
    colors = chunk(b"PLTE", noise(8, 3).astype(np.uint8).tobytes().ljust(3 << depth)[: 3 << depth])
    content = {"none": None, "first": b"\0", "all": bytes(range(1 << depth))}[alphas]
    transparency = [] if content is None else [chunk(b"tRNS", content)]

    check(png(3, depth, noise(depth), before=[colors, *transparency]))


ORDERS: tuple[Order, ...] = ("<", ">")
PACKED = (False, True)
GRAYS = [
    Tiff(photometric, depth, order, is_packed=is_packed)
    for order, is_packed, photometric, depth in product(ORDERS, PACKED, (0, 1), (1, 2, 4, 8, 16))
    if (photometric, depth, order) != (0, 16, ">")  # Pillow does not read such files, and says so.
]
COLOURS = [
    Tiff(2, depth, order, is_packed=is_packed, extra=extra, has_planes=has_planes)
    for order, is_packed, depth, extra, has_planes in product(
        ORDERS, PACKED, (8, 16), (None, 1, 2), (False, True)
    )
]


@pytest.mark.parametrize("kind", GRAYS, ids=lambda kind: kind.name)
def test_a_gray_tiff_of_any_depth_looks_as_a_second_decoder_sees_it(kind: Tiff) -> None:
    check(kind.of(noise(kind.depth)))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("kind", COLOURS, ids=lambda kind: kind.name)
def test_a_colour_tiff_of_any_layout_looks_as_a_second_decoder_sees_it(
    kind: Tiff, channels: int
) -> None:
    if kind.extra is not None and channels == 3:
        return
    samples = noise(kind.depth, channels)
    if kind.extra == 1:  # Colours premultiplied with their alpha never exceed it.
        samples[..., 3] |= 1 << (kind.depth - 1)
        samples[..., :3] = np.minimum(samples[..., :3], samples[..., 3:])

    check(kind.of(samples))


@pytest.mark.parametrize("highest", [255, 65_535])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
@pytest.mark.parametrize("order", ORDERS)
def test_the_palette_of_a_tiff_may_be_filled_with_8_or_16_bits(
    order: Order, depth: int, highest: int
) -> None:
    colors = np.random.default_rng(5).integers(0, highest + 1, 3 << depth).tolist()

    check(Tiff(3, depth, order, colors=colors).of(noise(depth)))


def test_12_bits_of_gray_fill_the_whole_range() -> None:
    samples = noise(12)

    shades = np.asarray(decoded(Tiff(1, 12).of(samples)))

    assert np.array_equal(shades, np.round(samples * (65_535 / 4_095)))


@pytest.mark.parametrize("order", ORDERS)
def test_gray_with_a_sign_keeps_the_order_of_its_shades(order: Order) -> None:
    samples = np.arange(-128, -128 + HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)

    for depth in (8, 16, 32):
        kind = Tiff(1, depth, order, form="i")
        assert np.array_equal(np.asarray(decoded(kind.of(samples))), samples)


def test_gray_of_32_bits_without_a_sign_keeps_the_order_of_its_shades() -> None:
    samples = np.array([[0, 2**16, 2**31 - 1], [2**31, 2**31 + 2**16, 2**32 - 1]])

    shades = np.asarray(decoded(Tiff(1, 32).of(samples))).ravel()

    assert list(shades) == sorted(shades)
    assert shades[0] < shades[3]


def test_fractions_where_zero_is_white_are_turned_round() -> None:
    samples = np.linspace(0, 1, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)

    light, dark = (np.asarray(decoded(Tiff(kind, 32, form="f").of(samples))) for kind in (1, 0))

    assert np.allclose(dark, 1 - light, atol=1e-6)


def test_an_extra_sample_without_meaning_is_not_transparency() -> None:
    for has_planes in (False, True):
        samples = noise(8, 4)
        seen = seen_by_us(Tiff(2, 8, extra=0, has_planes=has_planes).of(samples))
        assert np.array_equal(seen[..., :3], samples[..., :3])
        assert seen[..., 3].min() == 255


@pytest.mark.parametrize("side", [1, 2])
def test_brightness_and_colour_apart_look_as_they_were_written(side: int) -> None:
    picture = scene((16, 16))
    pixels = np.asarray(picture.convert("YCbCr"), int)
    blocks = pixels.reshape(16 // side, side, 16 // side, side, 3).swapaxes(1, 2)
    brightness = blocks[..., 0].reshape(*blocks.shape[:2], -1)
    colour = blocks[..., 1:].mean(axis=(2, 3)).astype(int)
    samples = np.concatenate([brightness, colour], axis=2).reshape(1, -1)
    tags = [(256, 3, [16]), (257, 3, [16]), (258, 3, [8, 8, 8]), (277, 3, [3]), (278, 3, [16])]
    kind = Tiff(6, 8, tags=[*tags, (339, 3, [1, 1, 1]), (530, 3, [side, side])])

    shown = decoded(kind.of(samples))

    assert distance(shown, picture) < (2 if side == 1 else 12)


FORMATS = [
    ("JPEG", {"subsampling": 0, "quality": 95}),
    ("JPEG", {"subsampling": 0, "progressive": True}),
    ("JPEG", {"keep_rgb": True}),
    ("PNG", {}),
    ("WEBP", {"lossless": True}),
    ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
    ("GIF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA"])
@pytest.mark.parametrize(("name", "options"), FORMATS, ids=str)
def test_every_format_looks_as_a_second_decoder_sees_it(
    name: str, options: dict[str, object], mode: str
) -> None:
    picture = scene().convert(mode.replace("A", ""))
    if mode.endswith("A"):
        if name == "JPEG":
            return
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    content = saved(picture, name, **options)

    assert difference(seen_by_us(content), seen_by_libvips(content)) <= ROUNDING + 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("name", "options"), [each for each in FORMATS if each[0] != "GIF"], ids=str
)
def test_every_orientation_is_turned_as_a_second_decoder_turns_it(
    name: str, options: dict[str, object], orientation: int
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = saved(scene(), name, exif=exif, **options)

    assert difference(seen_by_us(content), seen_by_libvips(content)) <= ROUNDING + 2


def test_only_an_avifs_own_boxes_turn_it() -> None:
    packet = b'<x:xmpmeta><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'
    content = saved(scene(), "AVIF", xmp=packet, quality=100, subsampling="4:4:4")

    assert decoded(content).size == scene().size
    check(content)


def small_frame(mode: str) -> bytes:
    """A GIF of 40 by 30 pixels whose only frame is 20 by 10, at 5, 7."""
    picture = scene((20, 10)).convert("L" if mode == "L" else "RGB")
    content = bytearray(saved(picture if mode == "L" else picture.quantize(16), "GIF"))
    struct.pack_into("<HH", content, 6, 40, 30)
    struct.pack_into("<HH", content, content.index(b",\0\0\0\0") + 1, 5, 7)
    return bytes(content)


@pytest.mark.parametrize("mode", ["L", "P"])
def test_the_screen_around_a_small_frame_of_a_gif_is_transparent(mode: str) -> None:
    content = small_frame(mode)
    inside = np.zeros((30, 40), bool)
    inside[7:17, 5:25] = True

    ours, theirs = seen_by_us(content), seen_by_libvips(content)

    assert np.array_equal(ours[..., 3] == 255, inside)
    assert np.abs(ours - theirs)[inside].max() <= ROUNDING
