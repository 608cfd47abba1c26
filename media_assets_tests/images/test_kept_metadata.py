"""Facts of the source in encoded files: those that are kept, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO

import pytest
from PIL import Image

from media_assets.errors import OutputFormatError
from media_assets.images.encode import encode_image
from media_assets.images.formats import Encoding, check_encoding, check_keep_metadata
from media_assets.images.kept_metadata import KEEPABLE, KeptMetadata
from media_assets.images.source_file import SourceFile
from media_assets_tests.images.pictures import scene

SOURCE = SourceFile(
    name="a.jpg",
    address="/a.jpg",
    size_bytes=1,
    taken_at=datetime(2026, 5, 6, 7, 8, 9, 250_000, tzinfo=timezone(-timedelta(hours=5.5))),
    camera_make="Canon",
    camera_model="Canon EOS R5",
    lens="RF50mm ü",
    exposure_seconds=1 / 320,
    f_number=1.8,
    iso=200,
    focal_length_mm=50.0,
    latitude=-33.8567844,
    longitude=151.2152967,
    altitude_meters=-4.5,
    orientation=6,
    copyright="© Zoë",
    artist="Zoë",
)
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")


def encoded(encoding: Encoding, *keep: str, source: SourceFile = SOURCE) -> bytes:
    file = BytesIO()
    encode_image(scene(), file, replace(encoding, kept=KeptMetadata.of(source, keep)))
    return file.getvalue()


def read(content: bytes) -> SourceFile:
    return replace(SourceFile.of(content, "/a.jpg"), size_bytes=1)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "zstd"])
@pytest.mark.parametrize("name", FORMATS)
def test_all_facts_come_through_every_format_but_the_orientation(
    name: str, compression: str | None
) -> None:
    if compression and name != "TIFF":
        return
    options = {"compression": compression} if compression else {}

    found = read(encoded(check_encoding(name, options), *KEEPABLE))

    assert found.latitude == pytest.approx(SOURCE.latitude, abs=1e-9)
    assert found.longitude == pytest.approx(SOURCE.longitude, abs=1e-9)
    assert found.exposure_seconds == pytest.approx(SOURCE.exposure_seconds)
    near = {"latitude": None, "longitude": None, "exposure_seconds": None}
    assert replace(found, **near) == replace(SOURCE, orientation=None, **near)


@pytest.mark.parametrize("name", FORMATS)
def test_only_what_is_named_is_kept_and_pixels_stay_as_they_are(name: str) -> None:
    plain, kept = Encoding(name), encoded(Encoding(name), "copyright", "taken_at")

    found = read(kept)

    assert found == SourceFile(
        name="a.jpg",
        address="/a.jpg",
        size_bytes=1,
        copyright=SOURCE.copyright,
        taken_at=SOURCE.taken_at,
    )
    with Image.open(BytesIO(kept)) as with_facts, Image.open(BytesIO(encoded(plain))) as without:
        assert with_facts.tobytes() == without.tobytes()


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_facts_give_the_same_bytes_and_none_give_those_of_a_plain_file(name: str) -> None:
    nothing = SourceFile(name="a.jpg", address="/a.jpg", size_bytes=1)

    assert encoded(Encoding(name), *KEEPABLE) == encoded(Encoding(name), *reversed(KEEPABLE))
    assert encoded(Encoding(name), *KEEPABLE, source=nothing) == encoded(Encoding(name))


def test_a_naive_time_stays_naive_and_absurd_numbers_fit() -> None:
    naive = datetime(26, 5, 6, 7, 8, 9)  # noqa: DTZ001  as a camera without a zone writes it
    absurd = replace(SOURCE, taken_at=naive, exposure_seconds=1e12, iso=2**40, altitude_meters=1e10)

    found = read(encoded(Encoding("JPEG"), *KEEPABLE, source=absurd))

    assert found.taken_at == naive
    assert found.iso == 2**32 - 1
    assert found.exposure_seconds == 2**32 - 1


@pytest.mark.parametrize("name", ["GIF", "BMP"])
def test_formats_without_exif_are_refused(name: str) -> None:
    with pytest.raises(OutputFormatError, match=f"'?{name}.*JPEG, PNG, WEBP, AVIF, TIFF"):
        check_keep_metadata(check_encoding(name), ["copyright"])


def test_an_unknown_fact_and_a_big_tiff_are_refused() -> None:
    with pytest.raises(OutputFormatError, match=r"keep_metadata=.*'gps'.*location"):
        check_keep_metadata(Encoding(), ["gps"])
    with pytest.raises(OutputFormatError, match="big_tiff"):
        check_keep_metadata(check_encoding("TIFF", {"big_tiff": True}), ["artist"])
