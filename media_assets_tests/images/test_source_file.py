"""The facts of a photo from its header: every format, odd values, and broken blocks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from media_assets.images.source_file import SourceFile
from media_assets_tests.images.exif_files import (
    FORMATS,
    OF_A_CAMERA,
    changed,
    exif_of,
    hostile_blocks,
    photo_with,
)

EXIF, GPS = 0x8769, 0x8825


def facts(content: bytes) -> SourceFile:
    return SourceFile.of(content, "s3://bucket/a%20b.jpg")


def of_block(block: bytes) -> SourceFile:
    return facts(photo_with("JPEG", block))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_what_a_camera_wrote(name: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = photo_with(name, exif_of(OF_A_CAMERA), profile)

    found = facts(content)

    assert (found.name, found.address) == ("a b.jpg", "s3://bucket/a%20b.jpg")
    assert found.size_bytes == len(content)
    zone = timezone(-timedelta(hours=5, minutes=30))
    assert found.taken_at == datetime(2026, 5, 6, 7, 8, 9, 250_000, tzinfo=zone)
    assert (found.camera_make, found.camera_model) == ("Canon", "Canon EOS R5")
    assert (found.lens, found.iso, found.f_number) == ("RF50mm F1.8 STM", 200, 1.8)
    assert found.exposure_seconds == pytest.approx(1 / 320)
    assert found.focal_length_mm == 50.0
    assert found.latitude == pytest.approx(-33.856806, abs=1e-6)
    assert found.longitude == pytest.approx(151.21525, abs=1e-6)
    assert found.altitude_meters == -12.5
    assert (found.copyright, found.artist) == ("(c) Ann Other", "Ann Other")
    assert (found.profile or "").startswith("sRGB")
    if name not in {"HEIF", "AVIF"}:  # these state it in boxes of their own, and drop it here
        assert found.orientation == 6


@pytest.mark.parametrize(
    ("offset", "zone"),
    [
        ("+02:00", timezone(timedelta(hours=2))),
        ("-5:00", timezone(timedelta(hours=-5))),
        ("Z", UTC),
        ("   :  ", None),
        ("+99:99", None),
        ("Berlin", None),
        (None, None),
    ],
)
def test_a_time_has_a_zone_only_where_the_file_gives_one(
    offset: str | None, zone: timezone | None
) -> None:
    found = of_block(changed(EXIF, 0x9011, offset)).taken_at

    assert found is not None
    assert found.tzinfo == zone


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026", "13", ""])
def test_a_time_that_is_none_is_none(text: str) -> None:
    found = of_block(changed(EXIF, 0x9003, text))

    assert found.taken_at is None
    assert found.camera_model == "Canon EOS R5"


@pytest.mark.parametrize(
    ("tag", "value"),
    [(1, None), (1, "X"), (2, (200.0, 0.0, 0.0)), (2, (IFDRational(0, 0), 0.0, 0.0)), (4, None)],
)
def test_a_location_is_recorded_whole_or_not_at_all(tag: int, value: object) -> None:
    found = of_block(changed(GPS, tag, value))

    assert (found.latitude, found.longitude) == (None, None)
    assert found.altitude_meters == -12.5


def test_text_is_read_in_utf_8_or_latin_1_without_control_characters() -> None:
    utf_8 = of_block(exif_of({0x8298: "x" * 8}).replace(b"x" * 8, "© Zoë\n".encode().ljust(8)))
    latin_1 = of_block(exif_of({0x8298: "x" * 8}).replace(b"x" * 8, b"\xa9 Zo\xeb\0\0\0"))
    editor = of_block(exif_of({0x8298: "x" * 8}).replace(b"x" * 8, b" \0Editor"))

    assert [found.copyright for found in (utf_8, latin_1, editor)] == ["© Zoë", "© Zoë", "Editor"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_broken_block_costs_facts_and_never_raises(name: str) -> None:
    for block in hostile_blocks().values():
        if name in {"JPEG", "PNG"}:  # the others refuse to write some of them
            found = facts(photo_with(name, block))
            assert found.size_bytes > 0

    whole = photo_with(name, exif_of(OF_A_CAMERA))
    for at in range(0, len(whole), max(len(whole) // 200, 1)):
        assert facts(whole[:at]).name == "a b.jpg"
        flipped = bytearray(whole)
        flipped[at] ^= 0xFF
        assert facts(bytes(flipped)).name == "a b.jpg"


def test_a_circle_of_links_is_followed_once() -> None:
    found = of_block(hostile_blocks()["a circle"])

    assert replace(found, size_bytes=0) == replace(of_block(b"Exif\0\0"), size_bytes=0)


def test_what_stands_before_the_damage_is_told() -> None:
    block = exif_of(OF_A_CAMERA)
    model = block.index(b"Canon EOS R5")

    found = of_block(block[: model + 13])

    assert (found.camera_make, found.camera_model) == ("Canon", "Canon EOS R5")
    assert found.latitude is None


def test_files_without_a_block_have_a_name_and_a_size(tmp_path: Path) -> None:
    path = tmp_path / "walk.mp4"
    path.write_bytes(b"no image")
    Image.new("L", (2, 2)).save(tmp_path / "a.gif")

    assert SourceFile.of(path, path.as_uri()) == SourceFile(
        name="walk.mp4", address=path.as_uri(), size_bytes=8
    )
    assert facts((tmp_path / "a.gif").read_bytes()).camera_model is None
