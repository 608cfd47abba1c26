import pickle
import struct
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from PIL import ExifTags, Image

from media_assets.errors import (
    EmptyImageError,
    ImageTooLargeError,
    UndecodableImageError,
    UnreadableImageError,
    UnsupportedImageError,
)
from media_assets.images.decode import (
    DEFAULT_INPUT_FORMATS,
    ImageFacts,
    ImageLimits,
    decode_image,
    image_facts,
    open_image,
)
from media_assets.images.headers import count_jpeg_scans, size_before_opening
from media_assets_tests.images.pictures import PICTURES, decoded, distance, on_white, saved, scene

LIMITS = ImageLimits()
SAMPLES = {name: saved(scene((160, 120)), name) for name in DEFAULT_INPUT_FORMATS}


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "a maker"
    return exif


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def _png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize("name", DEFAULT_INPUT_FORMATS)
def test_every_accepted_format_is_decoded(name: str, tmp_path: Path) -> None:
    path = tmp_path / "no.extension"
    path.write_bytes(SAMPLES[name])

    from_path, from_bytes = open_image(path, LIMITS), open_image(SAMPLES[name], LIMITS)

    assert image_facts(from_path) == ImageFacts(name, 160, 120, 1)
    assert decode_image(from_path).tobytes() == decode_image(from_bytes).tobytes()


def test_decoding_keeps_the_files_own_mode() -> None:
    kept = {mode: decoded(saved(PICTURES[mode](), "TIFF")).mode for mode in ("1", "L", "LA", "P")}
    kept |= {
        mode: decoded(saved(PICTURES[mode](), "TIFF")).mode for mode in ("CMYK", "I;16", "LAB")
    }
    kept |= {mode: decoded(saved(PICTURES[mode](), "PNG")).mode for mode in ("RGB", "RGBA")}

    assert all(mode == seen for mode, seen in kept.items())


def test_a_decoded_image_is_plain_and_knows_its_format() -> None:
    image = decoded(saved(scene(), "JPEG", exif=_exif(6), comment=b"hello", dpi=(300, 300)))

    assert type(image) is Image.Image
    assert image.format == "JPEG"
    assert image.info == {}
    assert not image.getexif()


def test_transparency_and_profile_stay_with_a_decoded_image() -> None:
    content = saved(PICTURES["P with one transparent colour"](), "PNG", icc_profile=b"a profile")

    assert decoded(content).info == {"transparency": 3, "icc_profile": b"a profile"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_comes_out_upright(name: str, orientation: int) -> None:
    lying = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = scene()
    stored = upright.transpose(lying[orientation]) if orientation in lying else upright
    content = saved(stored, name, exif=_exif(orientation))

    opened = open_image(content, LIMITS)
    facts, image = image_facts(opened), decode_image(opened)

    assert (facts.width, facts.height) == image.size == upright.size
    assert distance(image, upright) < 10


def test_an_orientation_behind_the_pixels_of_a_png_counts() -> None:
    content = saved(scene(), "PNG")
    end = content.index(b"IEND") - 4
    late = content[:end] + _chunk(b"eXIf", _exif(6).tobytes()[6:]) + content[end:]

    opened = open_image(late, LIMITS)

    assert (image_facts(opened).width, image_facts(opened).height) == (48, 64)
    assert decode_image(opened).size == (48, 64)


def test_an_orientation_in_xmp_counts_where_exif_has_none() -> None:
    packet = b'<x:xmpmeta><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'

    assert decoded(saved(scene(), "JPEG", xmp=packet)).size == (48, 64)
    assert decoded(saved(scene(), "JPEG", xmp=packet, exif=_exif(1))).size == (64, 48)


def test_an_orientation_in_hexadecimal_text_of_a_png_counts() -> None:
    block = b"Exif\0\0" + _exif(6).tobytes().removeprefix(b"Exif\0\0")
    text = f"\nexif\n{len(block):8}\n{block.hex()}\n".encode()
    content = saved(scene(), "PNG")
    start = content.index(b"IDAT") - 4
    chunk = _chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text))

    assert decoded(content[:start] + chunk + content[start:]).size == (48, 64)


@given(junk=st.binary(min_size=1, max_size=60), at=st.integers(0, 60))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_broken_exif_block_never_costs_the_image(name: str, junk: bytes, at: int) -> None:
    content = bytearray(saved(scene(), name, exif=_exif(6)))
    end = content.index(b"a maker") + len("a maker")
    start = content.rindex(b"MM\0*", 0, end)
    place = slice(start + at, min(start + at + len(junk), end))
    content[place] = junk[: max(place.stop - place.start, 0)]
    if name == "PNG":
        chunk = content.index(b"eXIf")
        (length,) = struct.unpack_from(">I", content, chunk - 4)
        struct.pack_into(
            ">I", content, chunk + 4 + length, zlib.crc32(content[chunk : chunk + 4 + length])
        )

    assert sorted(decoded(bytes(content)).size) == [48, 64]


def test_junk_in_the_xmp_of_a_tiff_never_costs_the_image() -> None:
    tags = {700: b'\xff\xfe<x:xmpmeta tiff:Orientation="9"'}

    assert decoded(saved(scene(), "TIFF", tiffinfo=tags)).size == (64, 48)


@pytest.mark.parametrize("name", DEFAULT_INPUT_FORMATS)
def test_a_file_cut_anywhere_is_never_half_decoded(name: str) -> None:
    content = SAMPLES[name]
    whole = decoded(content).tobytes()
    survived: list[int] = []

    for length in {*range(40), *range(0, len(content), len(content) // 60), len(content) - 20}:
        try:
            assert decoded(content[:length]).tobytes() == whole
            survived.append(length)
        except UnreadableImageError:
            continue

    # Only what comes after the pixels can be missing: end markers, the directory of a TIFF.
    assert len(survived) <= 3


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": _exif(1)}])
def test_the_size_of_a_webp_is_read_from_every_layout(options: dict[str, object]) -> None:
    content = saved(scene((321, 123)), "WEBP", **options)

    assert size_before_opening("WEBP", content) == (321, 123)


@pytest.mark.parametrize("name", DEFAULT_INPUT_FORMATS)
@given(data=st.data())
def test_flipped_bits_decode_or_raise_the_one_error(name: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[name])
    bits = st.integers(0, min(len(content), 4_000) * 8 - 1)
    for bit in data.draw(st.lists(bits, min_size=1, max_size=5)):
        content[bit // 8] ^= 1 << bit % 8

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about tags of a damaged TIFF
        with suppress(UnreadableImageError):
            decoded(bytes(content))


def test_an_empty_file_has_its_own_error() -> None:
    with pytest.raises(EmptyImageError, match="no bytes"):
        open_image(b"", LIMITS)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript document"),
        (b"\xc5\xd0\xd3\xc6" + bytes(40), "a PostScript document"),
        (b"%PDF-1.7\n", "a PDF document"),
        (
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
            "an SVG drawing",
        ),
        (b'\n <svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"<?xml version='1.0'?><!-- a < b --><svg:svg/>", "an SVG drawing"),
        (b'<?xml version="1.0"?><feed/>', "an XML document"),
        (b"<!DOCTYPE html><html>404</html>", "an HTML page"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "a video"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"the file is not here any more", "text"),
        (b"hello", "5 bytes, too few for an image"),
        (bytes(100), "nothing but zeros: 100 bytes"),
        (bytes(range(100)), "no known image format"),
    ],
)
def test_an_unaccepted_file_is_named_by_its_content(
    content: bytes, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)

    with pytest.raises(UnsupportedImageError) as caught:
        open_image(path, LIMITS)

    assert f"The file holds {kind}" in str(caught.value)
    assert "JPEG, PNG, WEBP, GIF, TIFF, BMP, AVIF, HEIF" in str(caught.value)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_image(tmp_path / "missing.jpg", LIMITS)


def _bmp_header(width: int, height: int) -> bytes:
    return b"BM" + struct.pack(
        "<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0
    )


def _webp_header(width: int, height: int) -> bytes:
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + canvas


def _gif(width: int, height: int, frame: tuple[int, int]) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return head + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\2\2\x4c\1\0;"


@pytest.mark.parametrize("side", [12_000, 14_000, 60_000])
@pytest.mark.parametrize(
    "make",
    [
        _png_header,
        _bmp_header,
        _webp_header,
        lambda width, height: _gif(width, height, (1, 1)),
        lambda width, height: _gif(1, 1, (width, height)),
    ],
    ids=["png", "bmp", "webp", "gif", "gif frame"],
)
def test_a_bomb_is_refused_by_its_header_without_a_warning(
    make: Callable[[int, int], bytes], side: int
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageTooLargeError, match=f"{side * side:,} pixels"):
            open_image(make(side, side), LIMITS)


def test_limits_may_be_wider_than_pillows_own() -> None:
    limits = ImageLimits(max_pixels=10**10)

    assert open_image(_png_header(60_000, 60_000), limits).size == (60_000, 60_000)
    with pytest.raises(ImageTooLargeError, match=r"3,600,000,000 pixels.*MAX_IMAGE_PIXELS"):
        open_image(_webp_header(60_000, 60_000), limits)


def test_a_file_beyond_the_limit_of_bytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(ImageTooLargeError, match="1,099,511,627,776 bytes"):
        open_image(path, LIMITS)
    with pytest.raises(ImageTooLargeError, match=r"raise `MEDIA_ASSETS_MAX_BYTES`"):
        open_image(SAMPLES["BMP"], ImageLimits(max_bytes=1_000))


@pytest.mark.parametrize("name", ["GIF", "TIFF", "PNG", "WEBP", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken_and_all_are_counted(name: str) -> None:
    first, *others = [scene(), scene().rotate(180), scene().rotate(90)]
    content = saved(first, name, save_all=True, append_images=others)

    opened = open_image(content, LIMITS)

    assert image_facts(opened).frames == 3
    assert distance(on_white(decode_image(opened)), first) < 12


@pytest.mark.parametrize("name", ["GIF", "TIFF", "PNG", "WEBP"])
def test_more_frames_than_the_limit_are_refused(name: str) -> None:
    frames = [Image.new("RGB", (4, 4), (shade * 12, 255 - shade * 12, 0)) for shade in range(20)]
    content = saved(frames[0], name, save_all=True, append_images=frames[1:])

    assert image_facts(open_image(content, ImageLimits(max_frames=20))).frames == 20
    with pytest.raises(ImageTooLargeError, match=r"20 frames|At most 19 frames"):
        open_image(content, ImageLimits(max_frames=19))


def test_frames_of_a_gif_are_counted_as_pillow_counts_them() -> None:
    frames = [scene((90, 70)).rotate(turn).quantize(64) for turn in range(0, 90, 9)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=b"x" * 999)

    with Image.open(BytesIO(content)) as pillow:
        assert (
            image_facts(open_image(content, LIMITS)).frames == getattr(pillow, "n_frames", 0) == 10
        )


def test_pages_that_point_at_each_other_are_counted_once() -> None:
    content = bytearray(saved(scene(), "TIFF"))
    directory = struct.unpack_from("<I", content, 4)[0]
    entries = struct.unpack_from("<H", content, directory)[0]
    struct.pack_into("<I", content, directory + 2 + entries * 12, directory)

    assert image_facts(open_image(bytes(content), LIMITS)).frames == 1


def test_a_photo_with_further_pictures_inside_is_a_jpeg_of_one_frame() -> None:
    content = saved(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)])

    opened = open_image(content, LIMITS)

    assert image_facts(opened) == ImageFacts("JPEG", 64, 48, 1)
    assert distance(decode_image(opened), scene()) < 10


@pytest.mark.parametrize("name", DEFAULT_INPUT_FORMATS)
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_reduced_image_is_at_least_as_large_as_asked(name: str, orientation: int) -> None:
    options = {} if name in {"GIF", "BMP"} else {"exif": _exif(orientation)}
    content = saved(scene((1200, 900)), name, **options)
    full = decoded(content)

    small = decoded(content, decode_size=(100, 100))

    assert 100 <= min(small.size) < 200
    assert abs(small.width / small.height - full.width / full.height) < 0.02
    assert (
        distance(small.convert("RGB"), full.convert("RGB").resize(small.size, Image.Resampling.BOX))
        < 8
    )
    assert decoded(content, decode_size=(100, 100)).tobytes() == small.tobytes()


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "I;16", "RGBA", "P with one transparent colour"]
)
def test_every_mode_can_be_read_reduced(mode: str) -> None:
    content = saved(PICTURES[mode](), "PNG")

    small = decoded(content, decode_size=(16, 12))

    assert small.size == (16, 12)
    expected = on_white(decoded(content)).resize((16, 12), Image.Resampling.BOX)
    assert distance(on_white(small), expected) < 10


def test_an_image_that_is_small_already_is_not_enlarged() -> None:
    assert decoded(SAMPLES["JPEG"], decode_size=(999, 999)).size == (160, 120)


def test_limits_and_facts_cross_process_borders() -> None:
    facts = image_facts(open_image(SAMPLES["PNG"], LIMITS))

    assert pickle.loads(pickle.dumps((LIMITS, facts))) == (LIMITS, facts)  # noqa: S301


def test_threads_decode_side_by_side() -> None:
    expected = {name: decoded(content).tobytes() for name, content in SAMPLES.items()}

    with ThreadPoolExecutor(8) as pool:
        names = list(SAMPLES) * 20
        seen = pool.map(lambda name: decoded(SAMPLES[name]).tobytes(), names)

        assert all(content == expected[name] for name, content in zip(names, seen, strict=True))


def of_scans(count: int) -> bytes:
    """A progressive JPEG of 64 by 48 pixels whose last scan is repeated."""
    content = saved(scene(), "JPEG", progressive=True)
    own = count_jpeg_scans(content, at_most=1_000)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * (count - own) + content[-2:]


def test_scans_of_a_jpeg_count_by_the_pixels_that_each_goes_over() -> None:
    limits = ImageLimits(max_pixels=64 * 48 * 2)

    assert open_image(of_scans(32), limits).size == (64, 48)
    with pytest.raises(ImageTooLargeError, match="has 101,376 pixels in all scans"):
        open_image(of_scans(40), limits)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", saved(scene(), "JPEG")[:-40]])
def test_scans_of_a_damaged_jpeg_are_counted_as_far_as_it_goes(content: bytes) -> None:
    assert count_jpeg_scans(content, at_most=9) == (1 if len(content) > 3 else 0)


def test_an_image_in_more_pieces_than_any_program_makes_is_refused() -> None:
    content = saved(scene(), "JPEG")
    comments = b"\xff\xfe\0\2" * 600_000

    with pytest.raises(UndecodableImageError, match="more than 1,000,000 pieces"):
        open_image(content[:2] + comments + content[2:], ImageLimits())
