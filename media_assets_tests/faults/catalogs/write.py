"""Writes the catalog of the format that this version of the package writes.

`python -m media_assets_tests.faults.catalogs.write FOLDER`; the folders beside this file keep what
came of it for every format version, made by the last version of the package that wrote that format.
"""

import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

HOME = Path("/tmp/a-home")  # noqa: S108  the addresses of uploads stand in the catalog
UPLOADS = HOME / "uploads" / "photos"
_DEFINITIONS = """
import media_assets as ma
from media_assets_tests.faults.places import small_table

manager = ma.MediaIOManager(output_media_dest="memory://kept/files/")
defs = ma.build_defs([small_table(rows_per_partition=4)], overrides={"media_io_manager": manager})
"""


def picture(shade: int) -> bytes:
    """A picture of one shade, whose bytes no encoder of another version writes otherwise."""
    file = BytesIO()
    Image.new("RGB", (48, 32), (shade, shade, shade)).save(file, "BMP")
    return file.getvalue()


def write(folder: Path) -> None:
    """Lives through what an upload log can hold: new, broken, replaced, touched, deleted rows."""
    UPLOADS.mkdir(parents=True, exist_ok=True)
    for number in range(6):
        content = b"no picture" if number == 2 else picture(10 + number)
        (UPLOADS / f"photo-{number:03}.jpg").write_bytes(content)
    (HOME / "dagster.yaml").touch()
    (HOME / "defs.py").write_text(_DEFINITIONS, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(HOME)
    os.chdir(HOME)
    verb("insert", "photos", str(UPLOADS))
    (UPLOADS / "photo-003.jpg").write_bytes(picture(200))
    verb("insert", "photos", str(UPLOADS))
    os.utime(UPLOADS / "photo-001.jpg", (1, 1))
    verb("scan", "photos")
    verb("delete", "photos", "photo-005.jpg")
    shutil.copytree(HOME / "media" / "catalog", folder, dirs_exist_ok=True)
    shutil.rmtree(HOME)


def verb(*arguments: str) -> None:
    """Runs a verb of the command line."""
    command = [Path(sys.executable).with_name("media-assets"), *arguments, "-f", "defs.py"]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    write(Path(sys.argv[1]).absolute())
