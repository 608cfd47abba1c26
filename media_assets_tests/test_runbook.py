"""The runbook's cases of lost and damaged files, tried in a project as the page has them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from media_assets_tests.conftest import PROJECT

BIN = Path(sys.executable).parent
PAGE = (PROJECT / "docs" / "runbook.md").read_text("utf-8")


@pytest.fixture(scope="module")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with its two photos inserted, a backup of its catalog, and a copy of all."""
    folder = tmp_path_factory.mktemp("runbook")
    run(folder, "media-assets init shop")
    run(folder / "shop", "media-assets insert photos uploads/photos")
    shutil.copytree(folder / "shop" / "media" / "catalog", folder / "backup")
    shutil.copytree(folder / "shop", folder / "copy")
    return folder / "shop"


@pytest.fixture
def project(new_project: Path) -> Path:
    """The project as it was new, at its place: files are named by their paths."""
    shutil.rmtree(new_project)
    return shutil.copytree(new_project.parent / "copy", new_project)


def run(folder: Path, command: str, *, status: int = 0) -> str:
    """Runs a command of the page, and returns all that it says."""
    own = {"DAGSTER_HOME", "VIRTUAL_ENV"}
    clean = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**clean, "PATH": f"{BIN}{os.pathsep}{clean['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def of_page(begins: str) -> str:
    """A command of the page."""
    (found, *_) = re.findall(rf"(?m)^({re.escape(begins)}.*?)(?:\s+#.*)?$", PAGE)
    return found


@pytest.mark.timeout(600)
def test_lost_files_are_listed_and_made_again(project: Path) -> None:
    shutil.rmtree(project / "media" / "files" / "photos" / "thumbnail")
    (partition,) = (p.name for p in (project / "media/catalog/photos/thumbnail").iterdir())

    lost = run(project, of_page("media-assets verify photos"), status=1)
    again = of_page("media-assets materialize photos --columns thumbnail --partitions KEY --force")
    made = run(project, again.replace("KEY", partition))

    assert again.replace("KEY", partition) in lost
    assert "2 cells made" in made
    assert "0 are missing" in run(project, of_page("media-assets verify photos"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("has_backup", [True, False])
def test_a_damaged_file_of_the_catalog_is_named_and_replaced(
    project: Path, *, has_backup: bool
) -> None:
    (manifest,) = (project / "media/catalog/photos/thumbnail").rglob("*.parquet")
    os.truncate(manifest, 700)

    told = run(project, of_page("media-assets verify photos"), status=1)
    if has_backup:
        shutil.copytree(project.parent / "backup", project / "media/catalog", dirs_exist_ok=True)
    else:
        manifest.rename(project / "damaged.parquet")
        run(project, of_page("media-assets materialize photos --partitions missing"))
    verified = run(project, of_page("media-assets verify photos --deep"))

    assert manifest.name in told
    assert "6 of them read. 0 are missing or changed" in verified


@pytest.mark.timeout(600)
def test_a_catalog_that_a_newer_version_wrote_is_put_back_and_gone_on_with(project: Path) -> None:
    catalog, backup = project / "media" / "catalog", project.parent / "backup"
    (project / "more").mkdir()
    shutil.copy(project / "uploads" / "photos" / "lake-01.jpg", project / "more" / "new.jpg")
    run(project, "media-assets insert photos more")
    for path in catalog.rglob("*.parquet"):
        if not (backup / path.relative_to(catalog)).exists():
            written = path.read_bytes()
            path.write_bytes(written.replace(b'"format_version": 2', b'"format_version": 3'))

    refused = run(project, of_page("media-assets status"), status=1)
    run(project, of_page("mv "))
    shutil.copytree(backup, catalog)
    again = run(project, of_page("media-assets insert photos ~").replace("~/Pictures", "more"))

    assert "has format version 3" in refused
    assert "1 new" in again
    assert "9 of them read. 0 are missing" in run(project, "media-assets verify photos --deep")
