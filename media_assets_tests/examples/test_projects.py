"""The worked examples: each runs from a folder of its own, as its README says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from media_assets_tests.clouds.photos import keys
from media_assets_tests.conftest import PROJECT
from media_assets_tests.servers.s3 import S3Server

BIN = Path(sys.executable).parent


def copied(name: str, folder: Path) -> Path:
    """An example in a folder of its own, without what was made where it stands."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", f"examples/{name}"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / file, folder / file)
    return folder / "examples" / name


def run(folder: Path, *replaced: tuple[str, str]) -> str:
    """Runs all commands of the example's README but its install, and returns what they print."""
    page = (folder / "README.md").read_text("utf-8")
    install, *commands = re.findall(r"(?ms)^```bash\n(.*?)^```$", page)
    first, _, rest = install.partition("\n")
    assert first.startswith("pip install ")
    script = "\n".join([rest, *commands])
    for written, own in replaced:
        assert written in script
        script = script.replace(written, own)
    unset = {"DAGSTER_HOME", "PYTHONPATH", "VIRTUAL_ENV"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name not in unset},
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.timeout(600)
def test_a_shops_photos_go_to_a_page_behind_a_cdn(tmp_path: Path, s3_environment: S3Server) -> None:
    folder = copied("shop-photos", tmp_path)
    bucket = s3_environment.make_bucket(f"shop-{uuid4().hex}")

    told = run(folder, ("s3://my-bucket/", f"s3://{bucket}/"))

    assert "Inserted 2 rows with 0 errors" in told
    page = (folder / "index.html").read_text("utf-8")
    shown = re.findall(r"https://cdn\.example\.com/(\S+) \d+w", page)
    assert len(shown) == 12
    assert set(shown) < set(keys(f"s3://{bucket}/site/"))
    assert "file://" not in page


@pytest.mark.timeout(600)
def test_videos_are_told_by_what_their_frames_show(tmp_path: Path) -> None:
    folder = copied("video-labels", tmp_path)

    told = run(folder)

    assert "sunset, sea, meadow" in told
    assert len(re.findall(r"holiday\.mp4 .* (?:sunset|sea|meadow) ", told)) >= 3
    (poster,) = (folder / "media/files/videos/poster").rglob("*.jpg")
    with Image.open(poster) as image:
        assert image.size == (320, 180)
