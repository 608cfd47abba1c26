import re
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from media_assets.errors import UndecodableImageError, UnreadableImageError
from media_assets.images.decode import ImageLimits, open_image
from media_assets_tests.images.pictures import decoded, saved, scene

LARGE = scene((400, 300))
FILES = {
    "JPEG": saved(LARGE, "JPEG"),
    "progressive JPEG": saved(LARGE, "JPEG", progressive=True),
    "PNG": saved(LARGE, "PNG"),
    "WEBP": saved(LARGE, "WEBP"),
    "lossless WEBP": saved(LARGE, "WEBP", lossless=True),
    "GIF": saved(LARGE, "GIF"),
    "TIFF": saved(LARGE, "TIFF"),
    "packed TIFF": saved(LARGE, "TIFF", compression="tiff_lzw"),
    "BMP": saved(LARGE, "BMP"),
    "AVIF": saved(LARGE, "AVIF"),
}
OF_A_DECODER = re.compile(r"Error\b|[a-z]+Exception|b'|buffer|driver|decoder|BMFF|Truncated File")
"""The classes, bytes and terms that decoders report."""


def why_not(content: bytes) -> str:
    with pytest.raises(UnreadableImageError) as caught:
        decoded(content)
    return str(caught.value)


@pytest.mark.parametrize("percent", [10, 50, 95])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off_says_so_and_where(name: str, percent: int) -> None:
    content = FILES[name]
    length = len(content) * percent // 100

    message = why_not(content[:length])

    assert "image cannot be decoded: the file is cut short: it " in message
    assert re.search(rf"\b(ends after|has) {length:,} (bytes|of)", message)
    assert "Upload it again" in message


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 12, 13, 16, 20, 26, 30, 40, 60, 100])
@pytest.mark.parametrize("name", FILES)
def test_a_file_with_only_a_header_is_reported_in_our_words(name: str, length: int) -> None:
    message = why_not(FILES[name][:length])

    assert "cut short" in message or "too few for an image" in message or "zeros" in message
    assert not OF_A_DECODER.search(message), message
    assert "pload it again" in message


@pytest.mark.parametrize("name", FILES)
def test_damage_in_the_middle_is_reported_in_our_words(name: str) -> None:
    content = FILES[name]
    messages: list[str] = []
    for at in range(len(content) // 4, len(content) - 40, max(len(content) // 40, 1)):
        damaged = content[:at] + bytes(byte ^ 0x5A for byte in content[at : at + 30])
        with suppress(UnreadableImageError):
            decoded(damaged + content[at + 30 :])
            continue
        messages.append(why_not(damaged + content[at + 30 :]))

    assert not OF_A_DECODER.search(" ".join(messages))
    # If a piece states its length, damage may have made it longer than the file.
    assert name.endswith(("GIF", "TIFF", "AVIF")) or "cut short" not in " ".join(messages)


@pytest.mark.parametrize("name", ["JPEG", "progressive JPEG", "PNG", "packed TIFF"])
def test_a_copy_whose_end_is_zeros_is_refused_and_never_half_gray(name: str) -> None:
    content = FILES[name]
    half = len(content) // 2

    message = why_not(content[:half] + bytes(len(content) - half))

    assert "cut short" not in message
    assert not OF_A_DECODER.search(message)
    if name.endswith("JPEG"):
        assert re.search(r"only zeros from byte [\d,]+ on", message)


@pytest.mark.parametrize("name", ["JPEG", "progressive JPEG"])
def test_zeros_behind_a_whole_jpeg_do_no_harm(name: str) -> None:
    padded = FILES[name] + bytes(4_096)

    assert decoded(padded).tobytes() == decoded(FILES[name]).tobytes()


@pytest.mark.parametrize(
    ("content", "what", "fix"),
    [
        (b"<!DOCTYPE html><html>404</html>", "an HTML page", "Upload the image itself"),
        (b"The page that you asked for is not here.", "text", "Upload the image itself"),
        (bytes(5_000), "nothing but zeros: 5,000 bytes", "Upload it again"),
        (b"%PDF-1.7 " + bytes(30), "a PDF document", "Convert it"),
    ],
)
def test_the_error_for_a_non_image_says_what_to_do(content: bytes, what: str, fix: str) -> None:
    message = why_not(content)

    assert f"The file holds {what}. " in message
    assert fix in message


def test_a_picture_under_another_formats_name_is_decoded() -> None:
    buffer = BytesIO()
    LARGE.save(buffer, "PNG")

    assert isinstance(decoded(buffer.getvalue()), Image.Image)


def test_a_bmp_of_no_known_kind_is_not_called_damaged() -> None:
    content = bytearray(FILES["BMP"])
    content[28] = 7  # bits of a pixel

    with pytest.raises(UndecodableImageError, match="of a kind that is not supported"):
        open_image(bytes(content), ImageLimits())
