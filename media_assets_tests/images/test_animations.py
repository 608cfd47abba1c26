"""Animations: every frame as browsers show it, read and written, within limits."""

import gc
import struct
import weakref
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from media_assets import transforms
from media_assets.errors import (
    ImageTooLargeError,
    UndecodableImageError,
    UnencodableImageError,
    UnequalFramesError,
)
from media_assets.images.animation_files import encode_animation
from media_assets.images.animations import animation_of
from media_assets.images.decode import ImageLimits, image_facts, open_image
from media_assets.images.formats import Encoding, check_encoding
from media_assets.pixels.animation import Animation
from media_assets_tests.images.pictures import decoded, distance, saved, scene

SIZE = (64, 48)
TIMES = [0.1, 0.25, 0.04, 1.0]
LOSSLESS = {
    "WEBP": {"lossless": True, "exact": True},
    "GIF": {},
    "PNG": {},
}


def frames(
    count: int = 4, *, transparent: bool = False, size: tuple[int, int] = SIZE
) -> list[Image.Image]:
    """A disc that moves over a background of few colours, which a GIF holds exactly."""
    made: list[Image.Image] = []
    for number in range(count):
        frame = Image.new("RGBA", size, (0, 0, 0, 0) if transparent else (30, 60, 90, 255))
        left = number * size[0] // (count + 1)
        ImageDraw.Draw(frame).rectangle((left, 8, left + 15, 23), fill=(250, 40 * number, 30, 255))
        made.append(frame if transparent else frame.convert("RGB"))
    return made


def written(animation: Animation, name: str | None = None, **options: object) -> bytes:
    file = BytesIO()
    encode_animation(animation, file, check_encoding(name, options))
    return file.getvalue()


def read(content: bytes, limits: ImageLimits | None = None, *, keeps: bool = False) -> Animation:
    limits = limits or ImageLimits()
    return animation_of(open_image(content, limits, keeps_truncated=keeps), limits)


def pixels(frame: Image.Image) -> np.ndarray:
    shown = np.asarray(frame.convert("RGBA")).copy()
    shown[shown[..., 3] == 0] = 0
    return shown


def same(found: Sequence[Image.Image], expected: Sequence[Image.Image]) -> bool:
    pairs = zip(found, expected, strict=True)
    return all((pixels(one) == pixels(other)).all() for one, other in pairs)


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("name", LOSSLESS)
def test_frames_times_and_loops_come_back_as_they_were_written(
    name: str,
    transparent: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    given = frames(transparent=transparent)

    for loop in (0, 1, 3):
        content = written(Animation(given, TIMES, loop=loop), name, **LOSSLESS[name])
        found = read(content)

        assert same(list(found), given)
        assert found.durations == pytest.approx(TIMES)
        assert found.loop == loop
        assert open_image(content, ImageLimits()).frames == 4


@pytest.mark.parametrize("name", LOSSLESS)
def test_pillow_shows_the_same_frames_and_times(name: str) -> None:
    for transparent in (False, True):
        given = frames(transparent=transparent)

        content = written(Animation(given, TIMES), name, **LOSSLESS[name])

        with Image.open(BytesIO(content)) as file:
            shown: list[Image.Image] = []
            times: list[float] = []
            for number in range(4):
                file.seek(number)
                shown.append(file.convert("RGBA"))
                times.append(file.info["duration"] / 1000)
        assert same(shown, given)
        assert times == pytest.approx(TIMES)


@pytest.mark.parametrize("name", LOSSLESS)
def test_the_same_frames_give_the_same_bytes(name: str) -> None:
    def factory() -> list[Image.Image]:
        return frames(transparent=True)

    made = {written(Animation(factory, TIMES), name) for _ in range(3)}

    assert len(made) == 1


def test_what_pillow_writes_is_read_with_every_frame() -> None:
    first, *others = frames()
    for name in ("GIF", "WEBP", "PNG"):
        options = {"lossless": True} if name == "WEBP" else {}
        times = [round(seconds * 1000) for seconds in TIMES]
        content = saved(
            first, name, save_all=True, append_images=others, duration=times, loop=0, **options
        )

        found = read(content)

        assert same(list(found), [first, *others]), name
        assert (found.durations, found.loop) == (pytest.approx(TIMES), 0)


def gif(*parts: tuple[tuple[int, int], Image.Image, int], screen: tuple[int, int] = SIZE) -> bytes:
    """A GIF of parts at places, each with its disposal, put together by hand."""
    body = b"GIF89a" + struct.pack("<2H3B", *screen, 0, 0, 0)
    for (left, top), part, disposal in parts:
        still = saved(part, "GIF")
        table = 3 << ((still[10] & 7) + 1)
        rest = still[13 + table :]
        image = rest[rest.index(b"\x2c") :]
        flags = 0x80 | (still[10] & 7)
        body += struct.pack("<4BHBB", 0x21, 0xF9, 4, disposal << 2, 5, 0, 0)
        body += struct.pack("<B4HB", 0x2C, left, top, *part.size, flags)
        body += still[13 : 13 + table] + image[10:-1]
    return body + b"\x3b"


def test_what_a_gif_leaves_clears_and_restores_is_as_in_browsers() -> None:
    red, green, blue = (Image.new("RGB", (20, 20), name) for name in ("red", "lime", "blue"))
    content = gif(((0, 0), red, 1), ((10, 10), green, 2), ((30, 0), blue, 3), ((0, 20), green, 1))

    first, second, third, fourth = (frame.convert("RGBA") for frame in read(content))

    nothing, is_red, is_green, is_blue = (
        *((0, 0, 0, 0), (255, 0, 0, 255)),
        *((0, 255, 0, 255), (0, 0, 255, 255)),
    )
    places = (5, 5), (15, 15), (35, 5), (5, 25), (60, 40)
    assert [first.getpixel(at) for at in places] == [is_red, is_red, nothing, nothing, nothing]
    assert [second.getpixel(at) for at in places] == [is_red, is_green, nothing, nothing, nothing]
    assert [third.getpixel(at) for at in places] == [is_red, nothing, is_blue, nothing, nothing]
    assert [fourth.getpixel(at) for at in places] == [is_red, nothing, nothing, is_green, nothing]


def test_a_webp_of_opaque_pieces_on_an_empty_canvas_is_transparent_around_them() -> None:
    pieces = [Image.new("RGBA", SIZE) for _ in range(3)]
    for at, piece in enumerate(pieces):
        piece.paste((255, 60 * at, 0, 255), (10 * at, 0, 10 * at + 10, SIZE[1]))
    by_pillow = BytesIO()
    pieces[0].save(by_pillow, "WEBP", save_all=True, append_images=pieces[1:], lossless=True)
    ours = written(Animation(pieces, [0.1] * 3), "WEBP", lossless=True)

    assert same(list(read(by_pillow.getvalue())), pieces)
    assert same(list(read(ours)), pieces)
    with Image.open(BytesIO(ours)) as shown:
        assert same([shown], pieces[:1])
    assert decoded(by_pillow.getvalue()).mode == "RGBA"


def test_an_image_is_an_animation_of_one_frame() -> None:
    pages = saved(scene(), "TIFF", save_all=True, append_images=[scene()])
    for content in (saved(scene(), "JPEG"), saved(scene(), "GIF"), pages):
        found = read(content)

        (frame,) = found
        assert (len(found), found.loop, found.duration) == (1, 1, 0.0)
        assert frame.tobytes() == decoded(content).tobytes()
        assert written(found, "PNG") == saved(frame, "PNG")


def test_transforms_of_animations_make_every_frame() -> None:
    given = Animation(frames(), TIMES, loop=2)

    for made in (
        transforms.thumbnail(given, (32, 32)),
        transforms.fit(given, (100, 100)),
        transforms.convert(given, "L"),
        given.map(transforms.flip),
    ):
        assert (made.durations, made.loop) == (given.durations, 2)
    small = list(transforms.thumbnail(given, (32, 32)))
    assert same(small, [transforms.thumbnail(frame, (32, 32)) for frame in given])


def test_an_orientation_turns_every_frame() -> None:
    first, *others = frames()
    exif = Image.Exif()
    exif[0x0112] = 6
    content = saved(
        first, "WEBP", save_all=True, append_images=others, lossless=True, exif=exif.tobytes()
    )

    assert [frame.size for frame in read(content)] == [(48, 64)] * 4


@pytest.mark.parametrize("name", LOSSLESS)
def test_damage_in_a_frame_is_an_error_that_names_it(name: str) -> None:
    content = bytearray(written(Animation([scene().rotate(n) for n in range(4)], 0.1), name))
    place = len(content) * 9 // 10 if name != "GIF" else content.rindex(b"\x2c\0\0\0\0") + 800
    content[place : place + 40] = bytes(40) if name != "GIF" else b"\xff" * 40
    cut = content[: len(content) * 9 // 10]

    with pytest.raises(UndecodableImageError, match=r"frame \d of 4 is damaged|damaged|cut short"):
        list(read(bytes(cut)))


def test_the_frames_before_a_cut_are_kept_if_the_table_says_so() -> None:
    for name, options in LOSSLESS.items():
        content = written(Animation(frames(), TIMES), name, **options)

        found = read(content[: len(content) - 40], keeps=True)

        assert same(list(found), frames()[:3]), name


def test_no_frame_is_left_out_if_a_file_lacks_only_what_comes_after_them() -> None:
    for name, options in LOSSLESS.items():
        content = written(Animation(frames(), TIMES), name, **options)

        found = read(content[:-1], keeps=True)

        assert same(list(found), frames()), name
        assert found.duration == read(content).duration, name


def test_too_many_pixels_in_all_frames_are_refused_before_any_is_decoded() -> None:
    content = written(Animation(frames(), TIMES), "GIF")
    limits = ImageLimits(max_animation_pixels=4 * 64 * 48 - 1)

    with pytest.raises(ImageTooLargeError, match=r"12,288 pixels in all frames.*12,287"):
        next(iter(read(content, limits)))
    with pytest.raises(ImageTooLargeError, match="4 frames"):
        read(content, ImageLimits(max_frames=3))


def test_a_frame_larger_than_its_canvas_is_refused_before_it_is_decoded() -> None:
    content = bytearray(gif(((0, 0), frames()[0], 1), ((0, 0), frames()[1], 1)))
    at = content.rindex(b"\x2c\0\0\0\0") + 5
    content[at : at + 4] = struct.pack("<2H", 65_535, 65_535)

    with pytest.raises(ImageTooLargeError, match=r"4,294,8\d\d,\d\d\d pixels"):
        list(read(bytes(content)))


def test_times_do_not_drift_in_a_gif() -> None:
    thirtieths = Animation([scene().rotate(n) for n in range(30)], 1 / 30)

    found = read(written(thirtieths, "GIF"))

    assert found.duration == pytest.approx(1.0)
    assert set(found.durations) == {0.03, 0.04}


def test_equal_frames_stay_frames_but_in_webp_which_merges_them() -> None:
    still = Animation([frames()[0]] * 3, 0.5)

    assert [len(read(written(still, name))) for name in ("GIF", "PNG")] == [3, 3]
    pair = Animation([frames()[0], *[frames()[1]] * 3, frames()[0]], 0.5)
    merged = read(written(pair, "WEBP", lossless=True))
    assert merged.durations == (0.5, 1.5, 0.5)
    assert len(read(written(still, "WEBP"))) == 1


def test_frames_of_other_sizes_or_numbers_are_refused() -> None:
    small = Image.new("RGB", (8, 8))
    for given in (
        Animation([*frames(1), small], 0.1),
        Animation(lambda: frames(1), [0.1, 0.1]),
        Animation(lambda: frames(3), [0.1, 0.1]),
    ):
        for name in LOSSLESS:
            with pytest.raises(UnequalFramesError, match=r"The animation has .* expected"):
                written(given, name)
    with pytest.raises(UnencodableImageError):
        written(Animation([Image.new("1", (17_000, 1))] * 2, 0.1), "WEBP")
    with pytest.raises(ValueError, match="durations"):
        Animation([], 0.1)
    with pytest.raises(ValueError, match="0 or more"):
        Animation(frames(1), [-1.0])


def test_a_photo_looks_the_same_in_every_format() -> None:
    turns = [scene().rotate(90 * n) for n in range(3)]
    for name, most in (("WEBP", 12), ("GIF", 12), ("PNG", 0)):
        found = list(read(written(Animation(turns, 0.1), name)))

        assert max(distance(a.convert("RGB"), b) for a, b in zip(found, turns, strict=True)) <= most


@pytest.mark.parametrize("name", LOSSLESS)
def test_few_frames_are_in_memory_however_many_there_are(name: str) -> None:
    references: list[weakref.ref[Image.Image]] = []
    alive: list[int] = []

    def counted(frame: Image.Image) -> Image.Image:
        references.append(weakref.ref(frame))
        gc.collect()
        alive.append(sum(reference() is not None for reference in references))
        return frame

    gc.freeze()  # what other tests have left is not looked through for each frame
    source = read(written(Animation(frames(40), [0.05] * 40), name))
    written(source.map(counted), name)
    gc.unfreeze()

    assert len(alive) == 40
    assert max(alive) <= 4


def test_only_what_changes_is_written() -> None:
    background = scene((400, 300)).quantize(64).convert("RGB")
    moving: list[Image.Image] = []
    for number in range(8):
        moving.append(background.copy())
        ImageDraw.Draw(moving[-1]).rectangle((number * 10, 0, number * 10 + 9, 9), fill="red")

    for name in ("GIF", "PNG"):
        one, all_of_them = (
            written(Animation(moving[:1], 0.1), name),
            written(Animation(moving, 0.1), name),
        )

        assert len(all_of_them) < 1.5 * len(one)
        assert same(list(read(written(Animation(moving, 0.1), "PNG"))), moving)


def test_facts_of_a_written_animation_are_those_of_its_file() -> None:
    facts = image_facts(open_image(written(Animation(frames(), TIMES), "GIF"), ImageLimits()))

    assert (facts.format, facts.width, facts.height, facts.frames) == ("GIF", *SIZE, 4)
    assert Encoding().format is None
    assert written(Animation(frames(), TIMES))[8:12] == b"WEBP"
