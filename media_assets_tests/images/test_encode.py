import resource
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from media_assets.errors import ShortWriteError, UnencodableImageError
from media_assets.images.encode import Written, encode_image
from media_assets.images.formats import OUTPUT_FORMATS, Encoding, check_encoding
from media_assets_tests.images.pictures import (
    PICTURES,
    decoded,
    distance,
    encoded,
    on_white,
    saved,
    scene,
)

TOLERANCE = {"JPEG": 10, "WEBP": 8, "AVIF": 8, "GIF": 12}


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
@pytest.mark.parametrize("picture", PICTURES)
def test_every_mode_is_saved_in_every_format_with_its_look(
    picture: str, name: str, tmp_path: Path
) -> None:
    image = PICTURES[picture]()
    expected = on_white(image)
    if name == "GIF":  # Pixels that are less than half opaque disappear.
        expected = on_white(_without_half_transparency(image))

    written, content = encoded(image, tmp_path, check_encoding(name))
    seen = on_white(decoded(content))

    assert written == name
    assert seen.size == image.size
    assert distance(seen, expected) < TOLERANCE.get(name, 2)


def _without_half_transparency(image: Image.Image) -> Image.Image:
    if image.mode not in {"LA", "La", "PA", "RGBA", "RGBa", "P"}:
        return image
    layered = (image.convert("LA") if image.mode == "La" else image.copy()).convert("RGBA")
    alpha = layered.getchannel("A")
    page = on_white(layered)
    page.putalpha(alpha.point([0] * 128 + [255] * 128))
    return page


@pytest.mark.parametrize("picture", PICTURES)
def test_saving_leaves_the_image_as_it_was(picture: str, tmp_path: Path) -> None:
    image = PICTURES[picture]()
    image.info["comment"] = b"mine"
    untouched = image.copy()  # a second profile might say another second

    for name in OUTPUT_FORMATS:
        encoded(image, tmp_path, check_encoding(name))

    assert image.mode == untouched.mode
    assert image.info == untouched.info
    assert image.tobytes() == untouched.tobytes()
    assert image.getpalette("RGB") == untouched.getpalette("RGB")


@pytest.mark.parametrize("work", ["flip", "rotate", "thumbnail", "nothing"])
def test_plain_photos_become_the_very_bytes_that_pillow_writes(work: str, tmp_path: Path) -> None:
    content = saved(scene((320, 240)), "JPEG", quality=90)

    def worked(image: Image.Image) -> Image.Image:
        match work:
            case "flip":
                return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            case "rotate":
                return image.rotate(90)
            case "thumbnail":
                small = image.copy()
                small.thumbnail((128, 128), Image.Resampling.LANCZOS, reducing_gap=2.0)
                return small
            case _:
                return image

    with Image.open(BytesIO(content)) as plain:
        plain.load()
        worked(plain.copy()).save(tmp_path / "plain.jpg", "JPEG")
    name, ours = encoded(worked(decoded(content)), tmp_path, Encoding())

    assert name == "JPEG"
    assert ours == (tmp_path / "plain.jpg").read_bytes()


def test_save_options_are_pillows_own(tmp_path: Path) -> None:
    options = {"quality": 92, "subsampling": "4:4:4", "optimize": True}

    _, content = encoded(scene(), tmp_path, check_encoding("jpeg", options))

    assert content == saved(scene(), "JPEG", **options)


def test_without_a_format_transparency_decides() -> None:
    chosen = {
        name: encode_image(make(), BytesIO(), Encoding()).format for name, make in PICTURES.items()
    }

    transparent = {name for name, chosen_format in chosen.items() if chosen_format == "WEBP"}
    assert transparent == {"LA", "La", "PA", "RGBA", "RGBa"} | {n for n in PICTURES if "with" in n}
    assert set(chosen.values()) == {"JPEG", "WEBP"}


def test_a_key_colour_left_from_another_mode_is_ignored(tmp_path: Path) -> None:
    image = scene()
    image.info["transparency"] = b"\0\1\2"

    assert encode_image(image, BytesIO(), Encoding()).format == "JPEG"
    for name in OUTPUT_FORMATS:
        encoded(image, tmp_path, check_encoding(name))


@pytest.mark.parametrize("name", ["JPEG", "BMP"])
def test_hidden_colours_stay_hidden_under_white(name: str, tmp_path: Path) -> None:
    secret = Image.new("RGBA", (16, 16), (255, 0, 0, 0))

    _, content = encoded(secret, tmp_path, check_encoding(name))

    assert distance(decoded(content).convert("RGB"), Image.new("RGB", (16, 16), "white")) < 3


def test_gray_with_alpha_stays_gray_on_a_gray_background(tmp_path: Path) -> None:
    _, content = encoded(PICTURES["LA"](), tmp_path, check_encoding("JPEG"))

    assert decoded(content).mode == "L"


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    values = np.array([[0, 255, 256, 32768, 65535]], dtype="<u2")
    image = Image.frombytes("I;16", (5, 1), values.tobytes())

    _, content = encoded(image, tmp_path, check_encoding("BMP"))

    assert list(decoded(content).tobytes()) == [0, 1, 1, 128, 255]


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_png_and_tiff_keep_sixteen_bits(name: str, tmp_path: Path) -> None:
    image = PICTURES["I;16B"]()

    _, content = encoded(image, tmp_path, check_encoding(name))

    kept = decoded(content)
    assert kept.mode == "I;16"
    assert list(kept.convert("I").tobytes()) == list(image.convert("I").tobytes())


@pytest.mark.parametrize(
    ("mode", "values", "expected"),
    [
        ("I", [0, 7, 20, 20], [0, 7, 20, 20]),
        ("I", [0, 7, 20, 1000], [0, 7, 20, 1000]),
        ("I", [-100, 0, 0, 100], [0, 32768, 32768, 65535]),
        ("I", [0, 0, 0, 131070], [0, 0, 0, 65535]),
        ("F", [0.0, 0.25, 0.5, 1.0], [0, 16384, 32768, 65535]),
        ("F", [0.0, 1.5, 100.0, 255.0], [0, 386, 25700, 65535]),
        ("F", [-1.0, 0.0, float("nan"), float("inf")], [0, 65535, 0, 65535]),
        ("F", [float("nan")] * 4, [0, 0, 0, 0]),
    ],
)
def test_integers_and_fractions_are_scaled_by_the_range_that_holds_them(
    mode: str, values: list[float], expected: list[int], tmp_path: Path
) -> None:
    image = Image.fromarray(np.array([values], dtype="i4" if mode == "I" else "f4"))

    _, content = encoded(image, tmp_path, check_encoding("PNG"))

    assert list(np.asarray(decoded(content)).ravel()) == expected


def test_a_transparent_shade_of_sixteen_bits_stays_transparent(tmp_path: Path) -> None:
    image = Image.frombytes("I;16", (2, 1), np.array([1000, 65535], dtype="<u2").tobytes())
    image.info["transparency"] = 1000

    name, content = encoded(image, tmp_path, check_encoding(None, {}))

    assert name == "WEBP"
    assert decoded(content).getchannel("A").tobytes() == b"\0\xff"


@given(st.lists(st.floats(width=32), min_size=1, max_size=16))
def test_no_fraction_makes_saving_fail(values: list[float]) -> None:
    image = Image.fromarray(np.array([values], dtype="f4"))

    for name in ("JPEG", "PNG"):
        encode_image(image, BytesIO(), check_encoding(name))


HIDDEN = {ExifTags.Base.Make, ExifTags.IFD.GPSInfo, ExifTags.IFD.Exif}


def test_nothing_of_the_source_is_written_but_its_pixels(tmp_path: Path) -> None:
    secret = b"48.8584N 2.2945E"
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = secret.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = secret
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = secret.decode()
    text = PngInfo()
    text.add_text("Comment", secret.decode())
    tags = ImageFileDirectory_v2()
    tags[270] = secret.decode()
    tags[700] = b"<x:xmpmeta>" + secret
    sources = [
        saved(scene(), "JPEG", exif=exif, comment=secret, xmp=b"<x:xmpmeta>" + secret),
        saved(scene(), "PNG", exif=exif, pnginfo=text),
        saved(scene(), "WEBP", exif=exif, xmp=b"<x:xmpmeta>" + secret),
        saved(scene(), "TIFF", tiffinfo=tags),
        saved(scene(), "TIFF", exif=exif, compression="tiff_lzw"),
        saved(scene().quantize(16), "GIF", comment=secret),
        saved(scene(), "AVIF", exif=exif, xmp=b"<x:xmpmeta>" + secret),
    ]

    for source in sources:
        assert secret in source
        for name in OUTPUT_FORMATS:
            _, content = encoded(decoded(source), tmp_path, check_encoding(name))
            assert secret not in content
            with Image.open(BytesIO(content)) as file:
                assert not set(dict(file.getexif())) & HIDDEN
                assert not {"comment", "xmp", "Comment"} & set(file.info)


def test_metadata_of_an_image_that_pillow_opened_is_not_written_either(tmp_path: Path) -> None:
    source = saved(scene(), "TIFF", tiffinfo={270: "a secret", 305: "a program"})

    with Image.open(BytesIO(source)) as opened:
        _, content = encoded(opened, tmp_path, check_encoding("TIFF"))

    assert b"a secret" not in content


@pytest.mark.parametrize(
    ("name", "too_large"), [("JPEG", 65_501), ("WEBP", 16_384), ("GIF", 65_536), ("AVIF", 32_769)]
)
def test_an_image_too_long_for_its_format_is_an_error(
    name: str, too_large: int, tmp_path: Path
) -> None:
    encoded(Image.new("L", (too_large - 1, 1)), tmp_path, check_encoding(name))

    with pytest.raises(
        UnencodableImageError, match=f"Each side of a {name} image has 1 to {too_large - 1:,}"
    ):
        encoded(Image.new("L", (too_large, 1)), tmp_path, check_encoding(name))


def test_an_image_without_pixels_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnencodableImageError, match="0 x 5 pixels"):
        encoded(Image.new("RGB", (0, 5)), tmp_path, Encoding())


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Limits files to 20,000 bytes: a write beyond that is cut short, as on a full disk."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_never_leaves_a_cut_file_unnoticed(name: str, tmp_path: Path) -> None:
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    options = {"quality": 100} if name in {"JPEG", "WEBP", "AVIF"} else {}

    with (
        (tmp_path / "file").open("w+b") as file,
        pytest.raises(OSError, match=r"File too large|early"),
    ):
        encode_image(noise, file, check_encoding(name, options))


@pytest.mark.usefixtures("full_disk")
def test_a_jpeg_cut_within_its_last_write_is_noticed(tmp_path: Path) -> None:
    noise = Image.effect_noise((160, 160), 90).convert("RGB")
    assert 20_000 < len(saved(noise, "JPEG", quality=95)) < 60_000

    with (
        (tmp_path / "file").open("w+b") as file,
        pytest.raises(ShortWriteError, match="ends early"),
    ):
        encode_image(noise, file, check_encoding("JPEG", {"quality": 95}))


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_a_write_only_file_is_enough(name: str, tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        encode_image(scene(), file, check_encoding(name))

    content = (tmp_path / "file").read_bytes()
    assert content == encoded(scene(), tmp_path, check_encoding(name))[1]
    assert decoded(content).size == scene().size


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_equal_images_become_equal_bytes(name: str, tmp_path: Path) -> None:
    first = encoded(scene((200, 150)), tmp_path, check_encoding(name))
    second = encoded(scene((200, 150)), tmp_path, check_encoding(name))

    assert first == second


def test_a_default_format_is_replaced_if_it_cannot_hold_the_image() -> None:
    transparent = Image.new("RGBA", (12, 17_000), (10, 200, 60, 128))
    opaque = Image.new("RGB", (66_000, 2), (10, 200, 60))

    for image, holds in ((transparent, "WEBP: it holds 16,383"), (opaque, "JPEG: it holds 65,500")):
        file = BytesIO()
        written = encode_image(image, file, check_encoding(None, {"quality": 80}))
        with Image.open(BytesIO(file.getvalue())) as seen:
            assert (seen.format, seen.size, seen.mode) == ("PNG", image.size, image.mode)
            assert seen.tobytes() == image.tobytes()
        assert written == Written("PNG", (f"written as PNG, not {holds} pixels a side",))


def test_a_chosen_format_that_cannot_hold_the_image_is_an_error() -> None:
    with pytest.raises(UnencodableImageError, match="16,383"):
        encode_image(Image.new("RGBA", (12, 17_000)), BytesIO(), check_encoding("WEBP"))


@pytest.mark.parametrize(
    ("name", "options", "written"),
    [
        ("WEBP", {}, "written as PNG, not WEBP: too many pixels for its encoder"),
        ("AVIF", {"quality": 50}, "written as PNG, not AVIF: too many pixels for its encoder"),
        ("JPEG", {"progressive": True}, "written without progressive: too many pixels"),
        ("TIFF", {"compression": "tiff_lzw"}, "written without compression: too many pixels"),
    ],
)
def test_an_encoder_that_needs_too_much_memory_gives_way(
    name: str, options: dict[str, object], written: str
) -> None:
    picture = Image.new("RGB", (8_660, 5_773), (200, 90, 90))

    with TemporaryFile() as file:
        told = encode_image(picture, file, check_encoding(name, options))
        file.seek(0)
        with Image.open(file) as seen:
            assert seen.format == ("PNG" if name in {"WEBP", "AVIF"} else name)

    assert told.marks == (written,)


@pytest.mark.parametrize("mode", [*PICTURES])
@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
def test_a_large_image_is_converted_in_strips_as_a_small_one_is_at_once(
    name: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, at_once = encoded(PICTURES[mode](), tmp_path, check_encoding(name))
    monkeypatch.setattr("media_assets.pixels.strips._PIXELS", 64 * 5)

    _, in_strips = encoded(PICTURES[mode](), tmp_path, check_encoding(name))

    assert in_strips == at_once
