"""The memory of a whole process that makes large images, measured from outside."""

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media_assets_tests.images.made_by_hand import chunk

MB = 1_000_000
MOST = 800 * MB
"""For a process, with any images of up to 50 megapixels in flight."""

JOB = """
import json, sys
from pathlib import Path

from PIL import Image

from media_assets.images.decode import ImageLimits
from media_assets.tables.table import MediaTable
from media_assets_tests.peak_memory import peak_bytes
from media_assets_tests.pipeline.plans import plan_for, rows_of, run

Image.init()
table = MediaTable("photos")


def flip(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


formats = {"None": [None], "batch": [None]}.get(sys.argv[1], sys.argv[1].split(","))
for name in formats:
    table.computed_column(name=f"flipped_{name}".lower(), format=name)(flip)


@table.computed_column()
def small(source_image: Image.Image) -> Image.Image:
    return source_image.resize((64, 64))


folder, *paths = map(Path, sys.argv[2:])
if "batch" in sys.argv[1:2]:
    table = MediaTable("photos")

    @table.computed_column(batch_size=len(paths), format="JPEG")
    def flipped(source_image: list[Image.Image]) -> list[Image.Image]:
        return [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in source_image]

made = run(plan_for(table, folder), rows_of(paths), workers=4)
names = [name for name in next(iter(made.values())).records if name.startswith("flipped")]
records = [result.records[name] for result in made.values() for name in names]
print(json.dumps({
    "peak": peak_bytes(),
    "formats": [record.format for record in records],
    "errors": [record.error_message for record in records if record.error_message],
}))
"""


def gradient(folder: Path, mode: str, name: str, size: tuple[int, int], **options: Any) -> Path:  # noqa: ANN401  Pillow's
    """A picture with a small file, like those that bring a server down."""
    shade = Image.radial_gradient("L").resize(size)
    path = folder / name
    turned = [shade, shade.transpose(Image.Transpose.FLIP_LEFT_RIGHT)] * 2
    if mode == "I;16":
        picture = shade.convert("I").point(lambda value: value * 257).convert("I;16")
    elif mode == "P":
        picture = shade.copy()
        picture.putpalette(bytes(n for shade in range(256) for n in (shade, 255 - shade, 99)))
    else:
        bands = [turned[n] for n in range(len(mode))]
        picture = Image.merge(mode, bands) if len(mode) > 1 else shade
    picture.save(path, **options)
    return path


def deep_png(folder: Path, size: tuple[int, int]) -> Path:
    """A picture with 16-bit samples, assembled by hand: Pillow writes none."""
    row = b"\0" + bytes(range(8)) * size[0]
    header = struct.pack(">IIBBBBB", *size, 16, 6, 0, 0, 0)
    pixels = zlib.compressobj(1)
    body = b"".join(pixels.compress(row) for _ in range(size[1])) + pixels.flush()
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b"")
    path = folder / "deep.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return path


def measured(folder: Path, encodings: str | None, *paths: Path) -> tuple[int, list[str]]:
    """The peak memory of the process, and the formats that it wrote, one column for each."""
    job = folder / "job.py"
    job.write_text(JOB)
    command = [sys.executable, str(job), str(encodings), str(folder / "out"), *map(str, paths)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(ran.stdout)
    assert told["errors"] == []
    return told["peak"], told["formats"]


SIZE_50_MP = (8_660, 5_773)


def test_transparent_images_of_50_megapixels_stay_within_what_is_promised(tmp_path: Path) -> None:
    paths = [
        gradient(tmp_path, "RGBA", "a.png", SIZE_50_MP, compress_level=1),
        gradient(tmp_path, "LA", "b.png", SIZE_50_MP, compress_level=1),
    ]

    peak, formats = measured(tmp_path, None, *paths)

    assert peak < MOST
    assert formats == ["PNG", "PNG"]


def test_no_encoder_takes_more_than_is_promised(tmp_path: Path) -> None:
    path = gradient(tmp_path, "RGBA", "a.png", SIZE_50_MP, compress_level=1)

    peak, written = measured(tmp_path, "WEBP,AVIF,GIF,TIFF,BMP,JPEG", path)

    assert peak < MOST
    assert written == ["PNG", "PNG", "PNG", "TIFF", "BMP", "JPEG"]


def test_many_images_of_every_mode_at_once_stay_within_what_is_promised(tmp_path: Path) -> None:
    paths = [
        gradient(tmp_path, "I;16", "a.png", SIZE_50_MP, compress_level=1),
        gradient(tmp_path, "CMYK", "b.jpg", SIZE_50_MP, progressive=True),
        gradient(tmp_path, "CMYK", "c.tif", SIZE_50_MP, compression="tiff_lzw"),
        gradient(tmp_path, "RGBA", "d.webp", (4_000, 3_000), method=0),
        *(gradient(tmp_path, "RGB", f"{n}.jpg", (4_000, 3_000)) for n in range(8)),
    ]

    peak, _ = measured(tmp_path, None, *paths)

    assert peak < MOST


KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "WEBP with transparency": ("RGBA", "a.webp", {"method": 0}),
    "lossless WEBP with transparency": ("RGBA", "a.webp", {"method": 0, "lossless": True}),
    "WEBP": ("RGB", "a.webp", {"method": 0}),
    "AVIF with transparency": ("RGBA", "a.avif", {"speed": 10, "subsampling": "4:4:4"}),
    "AVIF": ("RGB", "a.avif", {"speed": 10, "subsampling": "4:4:4"}),
    "gray PNG with transparency": ("LA", "a.png", {"compress_level": 1}),
    "JPEG of four inks": ("CMYK", "a.jpg", {}),
    "TIFF with a palette": ("P", "a.tif", {"compression": "tiff_lzw"}),
}


# The command line is held to two of these, transparent images to a third, below and above.
@pytest.mark.faults
@pytest.mark.parametrize("kind", KINDS)
def test_an_image_of_any_kind_stays_within_what_is_promised(tmp_path: Path, kind: str) -> None:
    mode, name, options = KINDS[kind]

    peak, _ = measured(tmp_path, None, gradient(tmp_path, mode, name, SIZE_50_MP, **options))

    assert peak < MOST


def test_an_image_of_16_bits_stays_within_what_is_promised(tmp_path: Path) -> None:
    peak, _ = measured(tmp_path, None, deep_png(tmp_path, SIZE_50_MP))

    assert peak < MOST


def test_images_that_wait_for_a_batch_stay_within_what_is_promised(tmp_path: Path) -> None:
    path = gradient(tmp_path, "RGB", "0.jpg", (6_000, 4_000))
    paths = [path, *(path.with_stem(str(n)) for n in range(1, 12))]
    for again in paths[1:]:
        again.hardlink_to(path)

    peak, _ = measured(tmp_path, "batch", *paths)

    assert peak < MOST


DEFINITIONS = """
from PIL import Image

from media_assets import MediaTable, build_defs

photos = MediaTable("photos")


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


defs = build_defs([photos])
"""

COMMAND = """
import atexit, ctypes, json, sys
from pathlib import Path

from media_assets.cli import main


def tell(path: Path) -> None:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    file = ctypes.c_void_p(libc.fopen(bytes(path), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    heaps = path.read_text().count("<heap ")
    path.write_text(json.dumps([int(status["VmHWM"].split()[0]) * 1024, heaps]))


atexit.register(tell, Path(sys.argv.pop(1)))
main()
"""


def test_the_command_line_stays_within_what_is_promised_on_few_heaps(tmp_path: Path) -> None:
    kinds = [KINDS["WEBP with transparency"], KINDS["AVIF with transparency"]]
    paths = [gradient(tmp_path, mode, name, SIZE_50_MP, **options) for mode, name, options in kinds]
    (tmp_path / "definitions.py").write_text(DEFINITIONS)
    (tmp_path / "command.py").write_text(COMMAND)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")

    command = [sys.executable, "command.py", "told", "insert", "-f", "definitions.py", "photos"]
    home = {**os.environ, "DAGSTER_HOME": str(tmp_path)}
    subprocess.run([*command, *map(str, paths)], cwd=tmp_path, env=home, check=True)

    peak, heaps = json.loads((tmp_path / "told").read_text())
    assert peak < MOST
    assert heaps <= 2  # the main one, and that of the thread that waits for signals


@pytest.mark.parametrize("mode", ["RGBA", pytest.param("RGB", marks=pytest.mark.faults)])
def test_a_larger_image_runs_alone_within_16_bytes_a_pixel(tmp_path: Path, mode: str) -> None:
    side = 9_000
    path = gradient(tmp_path, mode, "a.png", (side, side), compress_level=1)

    peak, _ = measured(tmp_path, None, path)

    assert peak < 150 * MB + 16 * side * side
