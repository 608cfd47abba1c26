"""The real commands in processes of their own: Dagster's, ours, killed ones, and full disks."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.photos import photos
from media_assets_tests.cli import verbs
from media_assets_tests.conftest import PROJECT
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog, inserted

BIN = Path(sys.executable).parent
LONGEST_WAIT_SECONDS = 240

SLOW = """
import time

from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos")


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    time.sleep(0.03)
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


defs = ma.build_defs([photos])
"""

UNCOMPRESSED = """
from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos")


@photos.computed_column(format="png", save_options={"compress_level": 0})
def copied(source_image: Image.Image) -> Image.Image:
    return source_image


defs = ma.build_defs([photos])
"""


def command(
    name: str, *arguments: str | Path, cwd: Path, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command of this environment to its end."""
    return subprocess.run(
        [BIN / name, *arguments],
        cwd=cwd,
        text=True,
        capture_output=True,
        timeout=LONGEST_WAIT_SECONDS,
        check=False,
        preexec_fn=before,
    )


def torn_files(folder: Path) -> list[Path]:
    """Image files that do not decode to their end, staged ones under their hidden names aside."""
    torn: list[Path] = []
    for path in folder.rglob("[!.]*.*"):
        try:
            with Image.open(path) as image:
                image.load()
        except OSError:
            torn.append(path)
    return torn


def files() -> pd.DataFrame:
    return catalog().sql("select * from media_assets.files where \"column\" <> 'source_image'")


def made_and_reused(instance: dg.DagsterInstance, column: str) -> tuple[int, int]:
    """What the newest materialization of a column says of itself."""
    event = instance.get_latest_materialization_event(photos.asset_key(column))
    assert event is not None
    assert event.asset_materialization is not None
    values = event.asset_materialization.metadata
    made, reused = values[metadata.MADE].value, values[metadata.REUSED].value
    assert isinstance(made, int)
    assert isinstance(reused, int)
    return made, reused


def test_dagsters_own_command_materializes_a_partition_of_the_shipped_table(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 3))

    done = command(
        "dagster", "asset", "materialize", "-m", "media_assets.definitions",
        "--select", 'key:"photos/*"', "--partition", partition, cwd=PROJECT,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    rows = catalog().sql("select * from photos order by row")
    assert rows["partition"].tolist() == [partition] * 3
    assert rows["brightness"].between(0, 1).all()
    assert rows["rotated"].str.contains("/media/rotated/").all()
    assert made_and_reused(instance, "flipped") == (3, 0)


def test_dg_launch_takes_the_destination_from_a_run_config_file(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))
    config = tmp_path / "run.yaml"
    config.write_text(
        "resources:\n  media_io_manager:\n    config:\n"
        f"      output_media_dest: {tmp_path / 'processed'}\n"
    )

    done = command(
        "dg", "launch", "--assets", 'key:"photos/*"', "--partition", partition, "-c", config,
        cwd=PROJECT,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    rows = catalog().sql("select flipped, rotated from photos")
    assert rows["flipped"].str.startswith(f"{(tmp_path / 'processed').as_uri()}/").all()
    assert rows["rotated"].str.contains("/media/rotated/").all(), "its own destination wins"


def test_a_killed_insert_loses_seconds_and_its_rerun_completes(
    instance: dg.DagsterInstance, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    project = tmp_path / "slow.py"
    project.write_text(SLOW)
    uploads = tmp_path / "uploads"
    save_photos(uploads, 300)
    work = home / "media" / "catalog" / "_work" / "photos" / "flipped"
    arguments = ("insert", "photos", str(uploads), "-f", str(project))

    with subprocess.Popen(
        [BIN / "media-assets", *arguments],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as killed:
        ends = time.monotonic() + LONGEST_WAIT_SECONDS
        while not list(work.rglob("*.parquet")) and time.monotonic() < ends:
            assert killed.poll() is None, "it ended before it could be killed"
            time.sleep(0.05)
        os.kill(killed.pid, signal.SIGKILL)
    stored = len(list((home / "media" / "files").rglob("[!.]*.jpg")))
    torn = torn_files(home / "media" / "files")

    rerun = verbs.run(*arguments)

    assert rerun.exit_code == 0, rerun.errors
    made, reused = made_and_reused(instance, "flipped")
    assert made + reused == 300
    assert 0 < reused <= stored < 300
    assert torn == []
    assert torn_files(home / "media" / "files") == []
    assert len(files()) == 300
    assert not list(work.rglob("*.parquet"))
    statuses = sorted(run.status.value for run in instance.get_runs())
    assert statuses == ["FAILURE", "SUCCESS"], "the killed run's record was ended"


def test_a_full_disk_stops_an_insert_and_its_rerun_completes(
    instance: dg.DagsterInstance, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    project = tmp_path / "uncompressed.py"
    project.write_text(UNCOMPRESSED)
    uploads = tmp_path / "uploads"
    save_photos(uploads, 20)
    save_photo(uploads / "zz-large.jpg", size=(2000, 1500))
    arguments = ("insert", "photos", uploads, "-f", project)

    def four_megabytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, resource.RLIM_INFINITY))

    full = command("media-assets", *arguments, cwd=tmp_path, before=four_megabytes)
    torn = torn_files(home / "media" / "files")
    rerun = verbs.run(*arguments)

    assert full.returncode == 1
    assert "Could not write to file:" in full.stderr
    assert "Make room" in full.stderr
    assert torn == torn_files(home / "media" / "files") == []
    assert rerun.exit_code == 0, rerun.errors
    made, reused = made_and_reused(instance, "copied")
    assert made + reused == 21
    assert reused >= 10
    assert len(files()) == 21


EDITABLE = """
from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos", rows_per_partition=2)


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    {body}


@photos.computed_column()
def gray(source_image: Image.Image) -> Image.Image:
    return source_image.convert("L")


defs = ma.build_defs([photos])
"""

STALENESS = """
query Staleness($flipped: AssetKeyInput!, $gray: AssetKeyInput!, $made: String!, $old: String!) {
  flipped: assetNodeOrError(assetKey: $flipped) { ...stale }
  gray: assetNodeOrError(assetKey: $gray) { ...stale }
}
fragment stale on AssetNode {
  made: staleStatus(partition: $made)
  old: staleStatus(partition: $old)
  causes: staleCauses(partition: $old) { category reason }
}
"""


def test_an_edited_function_shows_as_stale_in_each_partition_until_that_column_is_remade(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    project, answer = tmp_path / "editable.py", tmp_path / "answer.json"
    project.write_text(EDITABLE.format(body="return source_image.transpose(0)"))
    save_photos(tmp_path / "uploads", 4)
    verbs.run("insert", "photos", tmp_path / "uploads", "-f", project)
    made, old = instance.get_dynamic_partitions("media_assets/photos")
    project.write_text(EDITABLE.format(body="return source_image.transpose(1)  # edited"))
    remade = verbs.run("materialize", "photos", "--partitions", made, "-f", project)

    keys = {name: {"path": ["photos", name]} for name in ("flipped", "gray")}
    asked = command(
        "dagster-graphql", "-f", project, "-o", answer, "-t", STALENESS,
        "-v", json.dumps({**keys, "made": made, "old": old}), cwd=tmp_path,
    )  # fmt: skip

    assert remade.first_line == f"{made}: 2 cells made, 4 reused"
    assert asked.returncode == 0, asked.stderr[-2000:]
    edited = [{"category": "CODE", "reason": "has a new code version"}]
    assert json.loads(answer.read_text())["data"] == {
        "flipped": {"made": "FRESH", "old": "STALE", "causes": edited},
        "gray": {"made": "FRESH", "old": "FRESH", "causes": []},
    }


def test_the_command_line_starts(tmp_path: Path) -> None:
    done = command("media-assets", "--help", cwd=tmp_path)

    assert done.returncode == 0
    assert "materialize" in done.stdout
