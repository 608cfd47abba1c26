"""Images that were made to do harm: each becomes one row, in bounded memory and time."""

import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from media_assets_tests.faults.corpus import files_below
from media_assets_tests.images.test_decode import _bmp_header, _png_header, _webp_header
from media_assets_tests.photos import picture

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")
STRANGERS = {
    "empty.jpg": b"",
    "postscript.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    "vector.png": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "paper.jpeg": b"%PDF-1.7\n1 0 obj<<>>endobj\n",
    "page.gif": b"<html><script>alert(1)</script></html>",
    "zeros.bmp": bytes(100_000),
}


def encoded(format_name: str, image: Image.Image | None = None) -> bytes:
    file = BytesIO()
    (image or picture(size=(160, 120))).save(file, format_name)
    return file.getvalue()


def bombs() -> list[bytes]:
    """Small files of many pixels, three that are just within the limits among them."""
    frames = [Image.new("P", (64, 64), shade % 255) for shade in range(2000)]
    many = BytesIO()
    frames[0].save(many, "GIF", save_all=True, append_images=frames[1:])
    headers = [make(60_000, 60_000) for make in (_bmp_header, _png_header, _webp_header)]
    sides = (9_000, 7_000, 7_000, 7_000)
    return [*headers, many.getvalue(), *(encoded("PNG", Image.new("RGB", (s, s))) for s in sides)]


def write_hostile(folder: Path) -> None:
    """Writes strangers, bombs, polyglots, and images that are cut or changed everywhere."""
    chance = random.Random(8)  # noqa: S311  which bits, no secrets
    images = {name: encoded(name) for name in FORMATS}
    files = STRANGERS | {f"bomb-{n}.png": data for n, data in enumerate(bombs())}
    for name, data in images.items():
        files[f"{name}-wrong-extension.pdf"] = data
        files[f"{name}-and-a-page.jpg"] = data + STRANGERS["page.gif"]
        files[f"{name}-behind-a-page.jpg"] = STRANGERS["page.gif"] + data
        for percent in range(100):
            files[f"{name}-cut-{percent:02d}"] = data[: len(data) * percent // 100]
            changed = bytearray(data)
            for _ in range(1 + percent // 10):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            files[f"{name}-flipped-{percent:02d}"] = bytes(changed)
    for name, data in files.items():
        (folder / name).write_bytes(data)


@pytest.mark.faults
def test_every_hostile_file_becomes_one_row_in_bounded_memory_and_time(tmp_path: Path) -> None:
    write_hostile(tmp_path)

    done = subprocess.run(
        [sys.executable, "-m", "media_assets_tests.faults.corpus", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    count = len(files_below(tmp_path))
    assert count > 1200
    assert f"{count} files, {count} rows" in done.stdout
