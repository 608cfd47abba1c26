"""The memory of a whole process that splits large images, measured from outside."""

import json
import os
import subprocess
import sys
from pathlib import Path

from media_assets_tests.pipeline.test_memory import MOST, gradient

JOB = """
import json, sys
from pathlib import Path

from PIL import Image

import media_assets as ma
from media_assets_tests.peak_memory import peak_bytes
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step

photos = ma.MediaTable("photos")
tiles = photos.derived_table("tiles", ma.split.tiles(9_000), format="JPEG")


@tiles.computed_column(format="JPEG", code_version="1")
def flipped(tile: Image.Image) -> Image.Image:
    return tile.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


(partition,) = insert(photos, *map(Path, sys.argv[1:]))
run_step(photos, partition)
of_photos = peak_bytes()
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
written = [len(output.committed.manifest.records) for output in run_step(tiles, partition)]
print(json.dumps([of_photos, peak_bytes(), written]))
"""


def test_pictures_of_which_nobody_reads_pixels_and_their_parts_stay_within_what_is_promised(
    tmp_path: Path,
) -> None:
    first = gradient(tmp_path, "RGBA", "a.png", (6_700, 4_480), compress_level=1)
    second = tmp_path / "b.png"
    second.hardlink_to(first)

    ran = subprocess.run(
        [sys.executable, "-c", JOB, str(first), str(second)],
        stdout=subprocess.PIPE,
        env={**os.environ, "DAGSTER_HOME": str(tmp_path)},
        check=True,
    )

    of_photos, of_parts, written = json.loads(ran.stdout)
    assert written == [2, 2]
    assert of_photos < MOST
    assert of_parts < MOST
