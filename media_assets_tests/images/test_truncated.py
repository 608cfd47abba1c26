"""Files that end early, decoded as far as they go: what is kept, marked, or refused."""

import struct
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_assets.errors import UndecodableImageError, UnreadableImageError
from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets.images.truncated import TRUNCATED
from media_assets_tests.images.pictures import decoded, saved, scene

LARGE = scene((400, 300))


def _layered() -> Image.Image:
    picture = LARGE.copy()
    alpha = [shade // 2 + 127 for shade in range(256)]
    picture.putalpha(Image.linear_gradient("L").resize(LARGE.size).point(alpha))
    return picture


KEPT = {
    "JPEG": saved(LARGE, "JPEG"),
    "progressive JPEG": saved(LARGE, "JPEG", progressive=True),
    "PNG": saved(LARGE, "PNG"),
    "PNG with alpha": saved(_layered(), "PNG"),
    "16-bit PNG": saved(LARGE.convert("L").convert("I;16"), "PNG"),
    "WEBP": saved(LARGE, "WEBP"),
    "lossless WEBP": saved(LARGE, "WEBP", lossless=True),
    "WEBP with alpha": saved(_layered(), "WEBP"),
    "GIF": saved(LARGE, "GIF"),
    "TIFF": saved(LARGE, "TIFF"),
    "BMP": saved(LARGE, "BMP"),
}
PARTLY = {"progressive JPEG", "GIF", "BMP"}
"""These fill the image in passes, or from below."""


def kept(
    content: bytes, decode_size: tuple[int, int] | None = None
) -> tuple[Image.Image, list[str]]:
    opened = open_image(content, ImageLimits(), keeps_truncated=True)
    return decode_image(opened, decode_size=decode_size), opened.marks


@pytest.mark.parametrize("percent", [50, 90])
@pytest.mark.parametrize("name", KEPT)
def test_what_was_there_is_as_in_the_whole_file_and_marked(name: str, percent: int) -> None:
    content = KEPT[name]
    whole = decoded(content)

    image, marks = kept(content[: len(content) * percent // 100])

    assert (image.size, image.mode, marks) == (whole.size, whole.mode, [TRUNCATED])
    rows = np.asarray(image.convert("RGB"), dtype=int)
    expected = np.asarray(whole.convert("RGB"), dtype=int)
    same = (np.abs(rows - expected).max(axis=(1, 2)) == 0).sum()
    if name not in PARTLY:
        assert same >= 0.15 * percent / 50 * image.height
        first = int(0.15 * percent / 50 * image.height)
        assert (rows[:first] == expected[:first]).all()
    else:
        assert same > 0 or name == "progressive JPEG"


@pytest.mark.parametrize("name", KEPT)
def test_a_truncated_file_is_an_error_unless_it_is_to_be_kept(name: str) -> None:
    content = KEPT[name][: len(KEPT[name]) // 2]

    with pytest.raises(UndecodableImageError, match="cut short"):
        decoded(content)


@pytest.mark.parametrize("name", KEPT)
def test_a_whole_file_is_decoded_as_ever(name: str) -> None:
    image, marks = kept(KEPT[name])

    assert marks == []
    assert image.tobytes() == decoded(KEPT[name]).tobytes()


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_zeros_from_an_interrupted_copy_count_as_missing(name: str) -> None:
    content = KEPT[name]
    half = len(content) // 2

    image, marks = kept(content[:half] + bytes(len(content) - half))

    assert marks == [TRUNCATED]
    assert image.tobytes() == kept(content[:half].rstrip(b"\0"))[0].tobytes()


def test_an_orientation_and_a_fraction_of_the_size_apply_to_what_is_there() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("JPEG", "PNG", "TIFF"):
        options = {"exif": exif.tobytes()} if name != "TIFF" else {"tiffinfo": {0x0112: 6}}
        content = saved(LARGE, name, **options)

        image, _ = kept(content[: len(content) * 2 // 3])
        small, marks = kept(content[: len(content) * 2 // 3], (40, 40))

        assert image.size == (300, 400), name
        assert small.size[0] < 300
        assert marks == [TRUNCATED]
        assert image.crop((299, 0, 300, 400)).getbbox(), name  # what was the top is at the right


@pytest.mark.parametrize("name", KEPT)
def test_any_cut_gives_a_part_or_our_error(name: str) -> None:
    content = KEPT[name]
    for length in range(0, len(content), max(len(content) // 60, 1)):
        with suppress(UnreadableImageError):
            image, marks = kept(content[:length])

            assert (image.size, marks) in [((400, 300), [TRUNCATED]), ((400, 300), [])]


def test_damage_within_a_file_is_an_error_even_if_truncated_ones_are_kept() -> None:
    content = bytearray(KEPT["PNG"])
    content[len(content) // 2] ^= 0xFF

    with pytest.raises(UndecodableImageError, match="damaged between bytes"):
        kept(bytes(content))


def test_formats_that_are_decoded_as_a_whole_stay_errors() -> None:
    at_end = saved(LARGE, "TIFF", compression="tiff_lzw")  # its directory is at its end
    for content in (saved(LARGE, "AVIF"), at_end):
        with pytest.raises(UndecodableImageError, match="cut short"):
            kept(content[: len(content) * 9 // 10])


def test_a_packed_tiff_whose_directory_comes_first_keeps_its_whole_strips(tmp_path: Path) -> None:
    content = with_directory_first(saved(LARGE, "TIFF", compression="tiff_lzw"))
    whole = decoded(content)
    path = tmp_path / "a.tif"
    path.write_bytes(content)

    image, marks = kept(content[: len(content) * 2 // 3])

    assert marks == [TRUNCATED]
    assert image.crop((0, 0, 400, 100)).tobytes() == whole.crop((0, 0, 400, 100)).tobytes()


def with_directory_first(content: bytes) -> bytes:
    """The same TIFF, uncompressed values after its header, and its strips at the end."""
    with Image.open(BytesIO(content)) as image:
        tags = image.tag_v2  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        starts = [int(start) for start in tags[273]]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    first = min(starts)
    end = int.from_bytes(content[4:8], "little")
    directory = bytearray(content[end:])
    moved = len(content) - end + 8 - first
    (count,) = struct.unpack_from("<H", directory)
    for at in range(2, 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from("<HHI", directory, at)
        size = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8}[kind] * number
        if size > 4:
            (place,) = struct.unpack_from("<I", directory, at + 8)
            struct.pack_into("<I", directory, at + 8, place - end + 8)
            if tag == 273:
                for n in range(number):
                    (start,) = struct.unpack_from("<I", directory, place - end + 4 * n)
                    struct.pack_into("<I", directory, place - end + 4 * n, start + moved)
        elif tag == 273:
            struct.pack_into("<I", directory, at + 8, starts[0] + moved)
    return content[:4] + struct.pack("<I", 8) + bytes(directory) + content[first:end]


def test_the_first_frames_of_a_cut_animation_are_kept() -> None:
    frames = [scene((200, 150)).rotate(turn) for turn in (0, 90, 180)]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    content = file.getvalue()

    image, marks = kept(content[: len(content) * 9 // 10])

    assert marks == [TRUNCATED]
    assert image.tobytes() == decoded(content).tobytes()


def test_a_webp_that_lacks_nothing_of_its_pixels_is_marked_alike_whether_kept_or_not() -> None:
    pictures = (scene((40 + n, 30)) for n in range(20))
    found = (saved(picture, "WEBP", lossless=True) for picture in pictures)
    odd = next(content for content in found if content[16] % 2)  # so is the size of its chunk
    exif = Image.Exif()
    exif[0x010E] = "a view of the harbour"
    described = saved(LARGE, "WEBP", exif=exif.tobytes())
    for content, mark in ((odd[:-1], "last byte missing"), (described[:-9], "dropped: metadata")):
        opened = open_image(content, ImageLimits())
        image = decode_image(opened)

        again, marks = kept(content)

        assert opened.marks == marks == [mark]
        assert image.tobytes() == again.tobytes()


def test_an_animated_webp_that_ends_between_two_frames_is_cut() -> None:
    frames = [scene((40, 30)).rotate(90 * turns) for turns in range(4)]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    content = file.getvalue()
    between = content.rindex(b"ANMF")

    with pytest.raises(UndecodableImageError, match="cut short"):
        open_image(content[:between], ImageLimits())
    opened = open_image(content[:between], ImageLimits(), keeps_truncated=True)

    assert (opened.frames, opened.marks) == (3, [TRUNCATED])
