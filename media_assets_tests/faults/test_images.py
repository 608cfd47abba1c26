"""Images that were made to do harm: each becomes one row, in bounded memory and time."""

import random
import struct
import subprocess
import sys
import zlib
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


def png_with(kind: bytes, data: bytes = b"", times: int = 1) -> bytes:
    """A picture with chunks between its header and its pixels."""
    content = encoded("PNG")
    return content[:33] + chunk(kind, data) * times + content[33:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def many_scans(side: int, scans: int) -> bytes:
    """A JPEG whose last scan is there again and again: each goes over all pixels."""
    file = BytesIO()
    Image.new("L", (side, side), 128).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    return content[:-2] + content[content.rindex(b"\xff\xda") : -2] * scans + content[-2:]


def tiff(*entries: tuple[int, int, int, int], following: int = 0, tail: bytes = b"") -> bytes:
    """A TIFF of one page of grey, 64 by 48, with further entries: tag, type, count and value."""
    page = {256: (3, 1, 64), 257: (3, 1, 48), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1)}
    page |= {273: (4, 1, 200), 277: (3, 1, 1), 278: (3, 1, 48), 279: (4, 1, 64 * 48)}
    page |= {tag: (kind, count, value) for tag, kind, count, value in entries}
    body = b"".join(struct.pack("<HHII", tag, *rest) for tag, rest in sorted(page.items()))
    header = struct.pack("<2sHIH", b"II", 42, 8, len(page))
    return (header + body + struct.pack("<I", following)).ljust(200, b"\0") + bytes(3072) + tail


def slow() -> dict[str, bytes]:
    """Small files that take long: by scans, pieces, unpacking, circles, and counts that lie."""
    zeros = zlib.compress(bytes(20_000_000), 9)
    jpeg, gif = encoded("JPEG"), encoded("GIF")
    colours = 13 + 3 * (2 << (gif[10] & 7))
    frames = [Image.new("RGB", (400, 400), (n, n, n)) for n in range(20)]
    animated = {name: BytesIO() for name in ("WEBP", "PNG", "AVIF")}
    for name, file in animated.items():
        frames[0].save(file, name, save_all=True, append_images=frames[1:], quality=1, speed=10)
    webp = animated["WEBP"].getvalue()
    canvas = webp[:24] + b"\xff\xff\xff" * 2 + webp[30:]
    return {
        "scans-7000.jpg": many_scans(7_000, 3_000),
        "scans-500.jpg": many_scans(500, 20_000),
        "comments.jpg": jpeg[:2] + b"\xff\xfe\0\2" * 1_500_000 + jpeg[2:],
        "fill.jpg": jpeg[:2] + b"\xff" * 3_000_000 + jpeg[2:],
        "chunks.png": png_with(b"tIME", times=1_500_000),
        "pixels-in-pieces.png": png_with(b"IDAT", times=1_500_000),
        "profile.png": png_with(b"iCCP", b"x\0\0" + zeros),
        "text.png": png_with(b"zTXt", b"x\0\0" + zeros),
        "international.png": png_with(b"iTXt", b"x\0\1\0\0\0" + zeros),
        "frames-claimed.png": png_with(b"acTL", struct.pack(">II", 2**31 - 1, 0)),
        "extensions.gif": gif[:colours] + b"\x21\xfe\0" * 1_500_000 + gif[colours:],
        "frames.gif": gif[:-1] + (b"\x2c" + bytes(4) + b"\1\0\1\0\0\2\2L\1\0") * 1_000_000 + b";",
        "circle.tif": tiff(following=8),
        "circle-of-two.tif": tiff(following=4_000, tail=bytes(728) + struct.pack("<HI", 0, 8)),
        "directory-inside-itself.tif": tiff((330, 4, 1, 8), (34665, 4, 1, 8)),
        "strips-claimed.tif": tiff((273, 4, 2**31 - 1, 8), (279, 4, 2**31 - 1, 8)),
        "strip-of-4-gb.tif": tiff((279, 4, 1, 2**32 - 1)),
        "text-of-4-gb.tif": tiff((270, 2, 2**32 - 1, 8)),
        "rows-per-strip.tif": tiff((278, 4, 1, 2**32 - 1)),
        **{f"animated.{name.lower()}": file.getvalue() for name, file in animated.items()},
        "canvas.webp": canvas,
        "icon.ico": b"\0\0\1\0\xff\xff" + bytes(100),
        "icon.icns": b"icns" + struct.pack(">I", 2**31) + b"ic10" + bytes(100),
        "document.psd": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3),
        "wavelets.jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),
        "wavelets.j2k": b"\xff\x4f\xff\x51" + b"\xff" * 200,
        "cut.avif": encoded("AVIF")[:-50],
        "box-of-4-gb.avif": b"\xff\xff\xff\xf0ftypavif" + bytes(200),
        "no-pixels.avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(400),
    }


def write_hostile(folder: Path) -> None:
    """Writes strangers, bombs, polyglots, and images that are cut or changed everywhere."""
    chance = random.Random(8)  # noqa: S311  which bits, no secrets
    images = {name: encoded(name) for name in FORMATS}
    files = STRANGERS | slow() | {f"bomb-{n}.png": data for n, data in enumerate(bombs())}
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
    assert count > 1250
    assert f"{count} files, {count} rows" in done.stdout
