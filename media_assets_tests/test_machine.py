"""The core on a system that is not Linux: with all that only Linux has taken away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from media_assets import machine
from media_assets_tests.conftest import PROJECT
from media_assets_tests.media.pdfs import make_pdf

LINUX_ALONE = '''
"""Python runs this before anything else, in each process of a test."""
import os, sys, time

for module, names in [
    (os, ["memfd_create", "sched_getaffinity", "posix_fadvise", "copy_file_range", "pipe2"]),
    (time, ["CLOCK_BOOTTIME"]),
]:
    for name in names:
        if hasattr(module, name):
            delattr(module, name)

of_linux = os.readlink

def readlink(path, **options):
    if str(path).startswith("/proc"):
        raise FileNotFoundError(path)
    return of_linux(path, **options)

def refuse(event, values):
    if event == "open" and str(values[0]).startswith("/proc"):
        raise FileNotFoundError(values[0])
    if event == "ctypes.dlopen" and "libc.so" in str(values[0]):
        raise OSError("no glibc")

os.readlink = readlink
sys.addaudithook(refuse)
'''
TABLES = """
from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos")
papers = ma.MediaTable("papers", media=ma.Document)


@photos.computed_column(processes=True)
def small(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (64, 64))


@photos.computed_column(format="avif")
def gray(source_image: Image.Image) -> Image.Image:
    return ma.transforms.grayscale(source_image)


@papers.computed_column()
def first(source_document: ma.Document) -> Image.Image:
    return source_document.page(0, dpi=30)


defs = ma.build_defs([photos, papers])
"""


def run(folder: Path, *words: object) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    paths = [str(folder / "other-system"), str(folder), str(PROJECT)]
    finished = subprocess.run(
        [sys.executable, "-m", "media_assets", *map(str, words)],
        cwd=folder / "shop" if (folder / "shop").exists() else folder,
        env={**clean, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.mark.timeout(600)
def test_a_table_is_made_where_nothing_of_linux_is_known(tmp_path: Path) -> None:
    (tmp_path / "other-system").mkdir()
    (tmp_path / "other-system" / "sitecustomize.py").write_text(LINUX_ALONE)
    (tmp_path / "paper.pdf").write_bytes(make_pdf(2))

    run(tmp_path, "init", "shop")
    (tmp_path / "shop" / "shop" / "defs" / "photos.py").write_text(TABLES)
    photos = run(tmp_path, "insert", "photos", "uploads/photos")
    papers = run(tmp_path, "insert", "papers", tmp_path / "paper.pdf")
    again = run(tmp_path, "insert", "photos", "uploads/photos")
    counted = run(tmp_path, "sql", "select count(gray) as n, count(small) from photos")
    run(tmp_path, "gallery", "photos")
    verified = run(tmp_path, "verify", "photos")

    assert "Inserted 2 rows with 0 errors" in photos
    assert "Inserted 1 row with 0 errors" in papers
    assert "2 unchanged" in again
    assert "2" in counted
    assert "6 of them read. 0 are missing or changed" in verified


def test_memory_is_measured_with_and_without_the_kernels_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_kernel = machine.resident_bytes()
    monkeypatch.setattr(machine, "_STATM", str(tmp_path / "none"))
    from_ps = machine.resident_bytes()
    monkeypatch.setenv("PATH", str(tmp_path))
    from_peak = machine.resident_bytes()

    assert from_kernel == pytest.approx(from_ps, rel=0.2)
    assert from_peak >= from_kernel * 0.9
    assert machine.holds_more_than(1)
    assert not machine.holds_more_than(10**13)
