"""The memory of a whole process that makes large images, measured from outside."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

MB = 1_000_000
MOST = 800 * MB
"""Of a process, whatever images of up to 50 megapixels are under way at once."""

JOB = """
import json, sys
from pathlib import Path

from PIL import Image

from media_assets.images.decode import ImageLimits
from media_assets.tables.table import MediaTable
from media_assets_tests.pipeline.plans import plan_for, rows_of, run

Image.init()
table = MediaTable("photos")


@table.computed_column(format=sys.argv[1] if sys.argv[1] != "None" else None)
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@table.computed_column()
def small(source_image: Image.Image) -> Image.Image:
    return source_image.resize((64, 64))


folder, *paths = map(Path, sys.argv[2:])
made = run(plan_for(table, folder), rows_of(paths), workers=4)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
records = [result.records["flipped"] for result in made.values()]
print(json.dumps({
    "peak": int(status["VmHWM"].split()[0]) * 1024,
    "formats": [record.format for record in records],
    "errors": [record.error_message for record in records if record.error_message],
}))
"""


def gradient(folder: Path, mode: str, name: str, size: tuple[int, int], **options: Any) -> Path:  # noqa: ANN401  Pillow's
    """A picture whose file is small, as those are that take a server down."""
    shade = Image.radial_gradient("L").resize(size)
    path = folder / name
    turned = [shade, shade.transpose(Image.Transpose.FLIP_LEFT_RIGHT)] * 2
    if mode == "I;16":
        picture = shade.convert("I").point(lambda value: value * 257).convert("I;16")
    else:
        bands = [turned[n] for n in range(len(mode))]
        picture = Image.merge(mode, bands) if len(mode) > 1 else shade
    picture.save(path, **options)
    return path


def measured(folder: Path, encoding: str | None, *paths: Path) -> tuple[int, list[str]]:
    """The most memory that the process had, and the formats that it wrote."""
    job = folder / "job.py"
    job.write_text(JOB)
    command = [sys.executable, str(job), str(encoding), str(folder / "out"), *map(str, paths)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
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


@pytest.mark.parametrize("encoding", ["WEBP", "AVIF", "GIF", "TIFF", "BMP", "JPEG"])
def test_no_encoder_takes_more_than_is_promised(tmp_path: Path, encoding: str) -> None:
    path = gradient(tmp_path, "RGBA", "a.png", SIZE_50_MP, compress_level=1)

    peak, [written] = measured(tmp_path, encoding, path)

    assert peak < MOST
    assert written == ("PNG" if encoding in {"WEBP", "AVIF", "GIF"} else encoding)


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


@pytest.mark.parametrize("mode", ["RGBA", "RGB"])
def test_a_larger_image_runs_alone_within_16_bytes_a_pixel(tmp_path: Path, mode: str) -> None:
    side = 9_000
    path = gradient(tmp_path, mode, "a.png", (side, side), compress_level=1)

    peak, _ = measured(tmp_path, None, path)

    assert peak < 150 * MB + 16 * side * side
