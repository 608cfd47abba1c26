"""New projects: their names, what is in them, and that nothing is left of one that failed."""

import json
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from media_assets import new_project
from media_assets.errors import ProjectFolderError, ProjectNameError
from media_assets.new_project import make_project, package_name
from media_assets_tests.conftest import PROJECT
from media_assets_tests.pipeline.test_writing import files_of_at_most

TEMPLATE = Path(new_project.__file__).with_name("project_template")
ENDED_WHILE_IT_WRITES = """
import os, sys
from media_assets.cli import main

def end(event, values):
    if event == "open" and str(values[0]).endswith("/photos/README.md"):
        os.kill(os.getpid(), {sent})

sys.addaudithook(end)
main()
"""


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with what it holds."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("my-photos", "my_photos"),
        ("My Photos 2.0", "my_photos_2_0"),
        ("_photos-", "photos"),
        ("match", "match"),
    ],
)
def test_a_package_has_the_name_of_its_project_as_python_writes_names(
    name: str, package: str
) -> None:
    assert package_name(name) == package


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        *[(name, "cannot be the name") for name in ("", "/", "123", "2-be", "-", "it's", "a\nb")],
        *[(name, "cannot be the name") for name in ("фото", "é", "a\udcff")],
        *[("class", "keyword"), ("json", "another"), ("Media-Assets", "another Python package")],
    ],
)
def test_a_name_that_no_package_can_have_is_refused(
    name: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ProjectNameError, match=problem):
        make_project(name)

    assert list(tmp_path.iterdir()) == []


def test_a_project_has_every_file_of_the_template_under_its_own_names(tmp_path: Path) -> None:
    project = make_project(str(tmp_path / "some" / "Holiday-Photos"))

    made = content(tmp_path / "some" / "Holiday-Photos")
    template = {name for name in content(TEMPLATE) if "__pycache__" not in name}
    renamed = {
        name.replace("my_photos", "holiday_photos").replace("gitignore", ".gitignore")
        for name in template
    }
    assert project.table.read_text("utf-8").startswith('"""The table `photos`')
    assert {name for name in made if "uploads/photos/" not in name} == {*renamed, ".env"}
    assert len(made) == len(renamed) + 3, "and two photos"
    assert [n for n, text in made.items() if b"my_photos" in text or b"my-photos" in text] == []
    declared = tomllib.loads(made["pyproject.toml"].decode())
    assert declared["project"]["name"] == "holiday-photos"
    assert declared["tool"]["dg"]["project"]["root_module"] == "holiday_photos"


def test_a_project_loads_its_tables_and_yaml_and_no_component_of_others(tmp_path: Path) -> None:
    folder = make_project(str(tmp_path / "my-own-photos")).folder
    (folder / "my_own_photos/defs/scans").mkdir()
    kind = "type: media_assets.components.MediaTableComponent"
    attributes = "attributes: {name: scans, columns: []}"
    (folder / "my_own_photos/defs/scans/defs.yaml").write_text(f"{kind}\n{attributes}\n")
    program = """
import sys
from my_own_photos.definitions import defs
print(*sorted({key.path[0] for key in defs().resolve_asset_graph().get_all_asset_keys()}))
print(*{name.partition(".")[0] for name in sys.modules} & {"dagster_gcp", "dagster_aws", "pandas"})
"""

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("photos scans\n\n", "")


def test_the_template_says_what_this_project_says() -> None:
    own = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    new = tomllib.loads((TEMPLATE / "pyproject.toml").read_text("utf-8"))["project"]

    assert new["requires-python"] == own["requires-python"]
    assert (TEMPLATE / "dagster.yaml").read_text() == (PROJECT / "dagster.yaml").read_text()


def test_the_current_folder_becomes_a_project_if_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "it's" / "my-photos"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)

    project = make_project(".")
    made = content(folder)
    with pytest.raises(ProjectFolderError, match=r"is not empty: it holds '\.env'"):
        make_project(".")

    assert project.folder == folder
    assert made[".env"].decode() == f"DAGSTER_HOME='{tmp_path}/it\\'s/my-photos'\n"
    assert content(folder) == made, "nothing was written the second time"


@pytest.mark.parametrize("size_bytes", [0, 1_000, 5_000])
@pytest.mark.parametrize("there", [["new", "new/photos"], []])
def test_a_full_disk_leaves_nothing_of_a_project(
    size_bytes: int, there: list[str], tmp_path: Path
) -> None:
    for name in there:
        (tmp_path / name).mkdir()

    with (
        files_of_at_most(size_bytes),
        pytest.raises(ProjectFolderError, match=r"photos' cannot be written: file too large\. "),
    ):
        make_project(str(tmp_path / "new" / "photos"))

    left = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")]
    assert left == there


def test_a_file_in_the_way_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ProjectFolderError, match="cannot be written: not a directory"):
        make_project(str(tmp_path / "file" / "photos"))


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 128 + signal.SIGINT)]
)
def test_an_interrupted_init_leaves_nothing_or_a_file_that_the_next_one_explains(
    sent: signal.Signals, code: int, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"

    ended = subprocess.run(
        [sys.executable, "-c", ENDED_WHILE_IT_WRITES.format(sent=sent), "init", folder],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )

    assert ended.returncode == code, ended.stderr
    if sent is signal.SIGINT:
        assert not folder.exists()
        return
    before = content(folder)
    with pytest.raises(
        ProjectFolderError, match=r"an earlier init was killed.*Delete everything in it"
    ):
        make_project(str(folder))
    assert content(folder) == before


@pytest.mark.parametrize(
    ("came", "source"),
    [
        (None, None),
        (
            {"url": "file:///the%20wheels/media_assets-1.whl", "archive_info": {}},
            {"path": "/the wheels/media_assets-1.whl"},
        ),
        (
            {"url": "file:///clone", "dir_info": {"editable": True}},
            {"path": "/clone", "editable": True},
        ),
        (
            {
                "url": "https://example.com/media-assets.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc"},
            },
            {"git": "https://example.com/media-assets.git", "rev": "abc"},
        ),
        (
            {"url": "https://example.com/media_assets-1.whl", "archive_info": {}},
            {"url": "https://example.com/media_assets-1.whl"},
        ),
    ],
)
def test_uv_finds_the_package_where_it_came_from(
    came: object, source: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site" / "media_assets-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: media-assets\nVersion: 1\n")
    if came is not None:
        (installed / "direct_url.json").write_text(json.dumps(came))
    monkeypatch.syspath_prepend(installed.parent)

    make_project(str(tmp_path / "my-photos"))

    declared = tomllib.loads((tmp_path / "my-photos" / "pyproject.toml").read_text("utf-8"))
    sources = declared["tool"].get("uv", {}).get("sources", {})
    assert sources == ({} if source is None else {"media-assets": source})
