"""`media-assets init`, and that the project it makes works: with `media-assets` and with `dg`."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from media_assets.home import variable_of
from media_assets.new_project import make_project
from media_assets.settings import SETTINGS
from media_assets_tests.automation.deployment import free_port, served
from media_assets_tests.cli.verbs import run
from media_assets_tests.conftest import PROJECT

BIN = Path(sys.executable).parent
OF_THE_CALLER = {"DAGSTER_HOME", "PYTHONPATH", "VIRTUAL_ENV", *map(variable_of, SETTINGS)}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OF_THE_CALLER}


def called(folder: Path, *command: str | Path) -> str:
    """What an installed command prints in a folder."""
    program = [BIN / command[0], *command[1:]]
    done = subprocess.run(
        program, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to work in, and neither an instance nor uv around it."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(BIN))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_says_what_it_made_and_what_to_do_next(clean: Path) -> None:
    outcome = run("init", "some where/my-photos")

    assert outcome.exit_code == 0, outcome.errors
    assert outcome.errors == ""
    assert outcome.output.splitlines() == [
        f"Created {clean}/some where/my-photos. Edit its table in my_photos/defs/photos.py.",
        "Next steps:",
        "  cd 'some where/my-photos'",
        "  media-assets insert photos uploads/photos",
        "  dg dev",
    ]


def test_the_printed_commands_work_for_the_caller(
    clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clean / "here").mkdir()
    (clean / "other").mkdir()
    monkeypatch.setenv("PATH", str(clean))
    with_pip = run("init", "a")
    monkeypatch.setenv("UV", "/usr/bin/uv")
    monkeypatch.setenv("DAGSTER_HOME", str(clean / "other"))
    monkeypatch.chdir(clean / "here")

    with_uv = run("init", ".")

    assert "  pip install dagster-dg-cli\n" in with_pip.output
    assert with_uv.output.splitlines()[2:] == [
        "  uv run media-assets insert photos uploads/photos",
        "  uv run dg dev",
    ]
    assert f"DAGSTER_HOME is set to '{clean}/other'" in with_uv.errors


def test_a_folder_that_is_not_empty_is_refused(clean: Path) -> None:
    (clean / "photos").mkdir()
    (clean / "photos/notes.txt").touch()

    outcome = run("init", "photos")

    assert outcome.exit_code == 1
    assert outcome.errors.startswith(f"Error: The folder '{clean}/photos' is not empty: it holds")
    assert [path.name for path in (clean / "photos").iterdir()] == ["notes.txt"]


@pytest.mark.timeout(600)
def test_a_new_project_works_next_to_another_one(clean: Path) -> None:
    other, folder = (make_project(str(clean / name)).folder for name in ("other", "my-photos"))
    before = sorted(other.rglob("*"))

    inserted = called(folder, "media-assets", "insert", "photos", "uploads/photos")
    checked = called(folder, "dg", "check", "defs")
    listed = called(folder, "dg", "list", "defs", "--json")

    assert "Inserted 2 rows with 0 errors" in inserted
    assert "8 cells made" in inserted
    assert len(list((folder / "media/files/photos/thumbnail").rglob("*.jpg"))) == 2
    assert "All definitions loaded successfully" in checked
    assert "photos/thumbnail" in listed
    assert sorted(other.rglob("*")) == before


def test_the_package_runs_as_its_command_does(clean: Path) -> None:
    assert called(clean, "python", "-m", "media_assets", "init", "--help").startswith(
        "Usage: python -m media_assets init [OPTIONS] NAME\n"
    )


def test_dg_dev_serves_the_instance_of_the_project(clean: Path) -> None:
    called(clean, "media-assets", "init", "my-photos")
    port = free_port()
    command = [BIN / "dg", "dev", "--port", str(port)]

    with served(command, port, clean / "my-photos", ENVIRONMENT) as deployment:
        printed = deployment.printed()

    assert "temporary directory" not in printed
    assert (clean / "my-photos/history").is_dir()


def test_a_wheel_holds_the_whole_template(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if "/project_template/" in name}
    files = (PROJECT / "media_assets/project_template").rglob("*")
    assert names == {
        str(path.relative_to(PROJECT))
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    }
