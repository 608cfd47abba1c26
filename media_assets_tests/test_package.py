"""The package as it is published: its files, its declarations, and that it builds reproducibly."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from hashlib import sha256
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from media_assets_tests.conftest import PROJECT

PACKAGE = PROJECT / "media_assets"
BUILT_FROM = ["pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"]
OTHER_THAN_PYTHON = {
    "media_assets/for_assistants/SKILL.md",
    "media_assets/for_assistants/llms.txt",
    "media_assets/gallery/static/gallery.css",
    "media_assets/gallery/static/gallery.js",
    "media_assets/gallery/templates/index.html",
    "media_assets/project_template/README.md",
    "media_assets/project_template/dagster.yaml",
    "media_assets/project_template/gitignore",
    "media_assets/project_template/pyproject.toml",
    "media_assets/py.typed",
}
ABOUT_THE_WHEEL = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
WITHOUT_RUNNING = {"_typeshed"}
"""Known to type checkers alone."""


def source_tree(folder: Path) -> Path:
    """A copy of what the package is built from, with litter that must stay out."""
    for name in BUILT_FROM:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / name, folder / name)
    shutil.copytree(PACKAGE, folder / "media_assets", ignore=shutil.ignore_patterns("__pycache__"))
    for litter in [".env", "media/file.png", "media_assets/__pycache__/a.cpython-311.pyc"]:
        (folder / litter).parent.mkdir(exist_ok=True)
        (folder / litter).touch()
    return folder


def built(tree: Path, out: Path) -> tuple[Path, Path]:
    """The sdist of a folder, and the wheel of that sdist."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", out]
    subprocess.run([*command, "--target", "sdist"], cwd=tree, check=True, capture_output=True)
    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(out, filter="data")
    unpacked = out / sdist.name.removesuffix(".tar.gz")
    subprocess.run([*command, "--target", "wheel"], cwd=unpacked, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("package")
    return built(source_tree(folder / "tree"), folder / "out")


def python_files() -> set[str]:
    return {f"media_assets/{path.relative_to(PACKAGE)}" for path in PACKAGE.rglob("*.py")}


def test_the_wheel_holds_the_package_its_license_and_no_more(package: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(package[1]) as wheel:
        names = set(wheel.namelist())

    about = {name for name in names if ".dist-info/" in name}
    assert names - about == python_files() | OTHER_THAN_PYTHON
    assert {name.partition(".dist-info/")[2] for name in about} == ABOUT_THE_WHEEL


def test_the_sdist_holds_what_the_wheel_is_built_from(package: tuple[Path, Path]) -> None:
    with tarfile.open(package[0]) as sdist:
        names = {member.name.partition("/")[2] for member in sdist if member.isfile()}

    assert names == python_files() | OTHER_THAN_PYTHON | {*BUILT_FROM, "PKG-INFO"}


def test_both_are_the_same_bytes_wherever_and_whenever_they_are_built(
    package: tuple[Path, Path], tmp_path: Path
) -> None:
    tree = source_tree(tmp_path / "elsewhere")
    for path in tree.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))

    again = built(tree, tmp_path / "out")

    digests = [
        [sha256(file.read_bytes()).hexdigest() for file in pair] for pair in (package, again)
    ]
    assert digests[0] == digests[1]


def test_the_page_of_a_release_shows_and_links_what_its_tag_holds(
    package: tuple[Path, Path],
) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    home, version = project["urls"]["Homepage"], project["version"]
    shown = home.replace("//github.com/", "//raw.githubusercontent.com/")
    with zipfile.ZipFile(package[1]) as wheel:
        (metadata,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
        page = wheel.read(metadata).decode()

    linked = re.findall(r"\]\((.*?)\)", page)
    here = [
        link.removeprefix(start)
        for link in linked
        for start in (f"{home}/blob/v{version}/", f"{shown}/v{version}/")
        if link.startswith(start)
    ]

    assert [link for link in linked if not link.startswith("https://")] == []
    assert f"]({shown}/v{version}/docs/screenshots/readme.webp)" in page
    assert len(here) == len(re.findall(r"\]\((?!https?:)", (PROJECT / "README.md").read_text()))
    assert [path for path in here if not (PROJECT / path.partition("#")[0]).exists()] == []


def declared() -> set[str]:
    """The distributions that pyproject.toml names, with those of extras."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    return {normal(re.split(r"[^\w.-]", each)[0]) for each in requirements}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_import_is_of_a_declared_distribution() -> None:
    providers = packages_distributions()
    undeclared: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Import(names=names):
                    modules = [alias.name for alias in names]
                case ast.ImportFrom(module=str(module)):
                    modules = [module]
                case _:
                    continue
            undeclared |= {
                f"{path.relative_to(PACKAGE)}: {module}"
                for module in modules
                if (root := module.split(".")[0]) not in sys.stdlib_module_names
                and root not in {"media_assets", *WITHOUT_RUNNING}
                and not {normal(each) for each in providers.get(root, [])} & declared()
            }

    assert undeclared == set()


def test_each_python_that_is_admitted_is_named() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    low, high = (int(minor) for minor in re.findall(r"3\.(\d+)", project["requires-python"]))
    named = {c.rpartition(" ")[2] for c in project["classifiers"] if ":: Python :: 3." in c}

    assert named == {f"3.{minor}" for minor in range(low, high)}
