"""Every Python that pyproject.toml admits and this machine has: installs, quickstart, and tests.

Run by `make test-pythons`. Interpreters are those on PATH and those of pyenv. The wheel is
installed in empty environments as the quickstart says, with pip and with uv. Tests run with the
lowest and with the highest versions of dependencies that pyproject.toml admits.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic

PROJECT = Path(__file__).parents[2]
PART = (
    *[
        "test_function_source",
        "test_code_versions",
        "test_columns",
        "test_values",
        "test_value_types",
    ],
    *["test_end_to_end", "test_reading", "test_what_an_upload_is"],
)
"""Tests that run by default: those of what differs between versions, and a table end to end."""
RESOLUTIONS = ("lowest-direct", "highest")
_VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.implementation.name)"
_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)

Version = tuple[int, ...]


def admitted() -> list[Version]:
    """The minor versions of Python that pyproject.toml admits."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    low, high = (int(minor) for minor in re.findall(r"3\.(\d+)", project["requires-python"]))
    return [(3, minor) for minor in range(low, high)]


def candidates(minor: Version) -> Iterator[Path]:
    """Files that may be an interpreter of a minor version: on PATH, and pyenv's."""
    name = ".".join(["python" + str(minor[0]), str(minor[1])])
    for folder in os.get_exec_path():
        yield Path(folder) / name
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from pyenv.glob(f"versions/*/bin/{name}")


def version_of(path: Path) -> Version | None:
    """The full version of an interpreter, if it is one; a shim of pyenv may lead nowhere."""
    if not path.is_file():
        return None
    command = [path, "-c", _VERSION]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    match told.stdout.split():
        case [version, "cpython"]:
            return tuple(int(part) for part in version.split("."))
        case _:
            return None


def wanted() -> list[Version]:
    """The admitted minor versions, or those of them in `PYTHONS`."""
    named = os.environ.get("PYTHONS", "").split()
    return [
        (major, minor) for major, minor in admitted() if f"{major}.{minor}" in named or not named
    ]


def interpreters() -> dict[Version, Path]:
    """The newest interpreter of each minor version that is wanted."""
    found: dict[Version, Path] = {}
    for minor in wanted():
        versions = {v: path for path in candidates(minor) if (v := version_of(path))}
        fitting = {v: path for v, path in versions.items() if v[:2] == minor}
        if fitting:
            found[max(fitting)] = fitting[max(fitting)]
    return found


class FailedCommandError(Exception):
    """A command of a trial failed: the text says which, and ends with its output."""


def run(words: Sequence[object], folder: Path, environment: Mapping[str, str]) -> str:
    """Runs a command; if it fails, its output is the error."""
    finished = subprocess.run(
        list(map(str, words)),
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        text = f"{' '.join(map(str, words))[:200]} failed:\n{finished.stdout[-6000:]}"
        raise FailedCommandError(text)
    return finished.stdout


class Trial:
    """One interpreter with the wheel, in a folder of its own."""

    def __init__(self, python: Path, wheels: Path, folder: Path) -> None:
        folder.mkdir()
        self.python, self.folder = python, folder
        own = {"DAGSTER_HOME", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS"}
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in own and not name.startswith("MEDIA_ASSETS_")
        }
        links = " ".join(filter(None, [clean.get("PIP_FIND_LINKS"), str(wheels)]))
        self.environment = {
            **clean,
            "PIP_FIND_LINKS": links,
            "UV_FIND_LINKS": links.replace(" ", ","),
            "UV_PYTHON": str(python),
            "UV_PYTHON_DOWNLOADS": "never",
        }
        self.wheels = wheels

    def quickstart(self) -> None:
        """The first commands of the quickstart as they stand, with pip and with uv."""
        page = (PROJECT / "docs" / "quickstart.md").read_text("utf-8")
        with_pip, with_uv = _BLOCK.findall(page)[:2]
        tools = Path(sys.executable).parent
        run([self.python, "-m", "venv", self.folder / "empty"], self.folder, self.environment)
        for name, commands, first_on_path in [
            ("pip", with_pip, self.folder / "empty" / "bin"),
            ("uv", with_uv, tools),
        ]:
            place = self.folder / name
            place.mkdir()
            began = monotonic()
            path = f"{first_on_path}{os.pathsep}{os.environ['PATH']}"
            out = run(
                ["bash", "-euo", "pipefail", "-c", commands],
                place,
                self.environment | {"PATH": path},
            )
            if "Inserted 2 rows with 0 errors" not in out:
                text = f"The quickstart with {name} inserted no photos:\n{out[-4000:]}"
                raise FailedCommandError(text)
            print(f"  quickstart with {name}: {monotonic() - began:.0f} s", flush=True)

    def tests(self, resolution: str, arguments: list[str]) -> None:
        """Tests of this folder with dependencies of one resolution, declared ones at least."""
        environment = self.folder / resolution
        uv = [sys.executable, "-m", "uv"]
        names = ["aws", "azure", "gcp", "pdf", "video", "heif"]
        extras = [word for name in names for word in ("--extra", name)]
        listed = self.folder / f"{resolution}.txt"
        run(
            [
                *[*uv, "pip", "compile", "--quiet", "--resolution", resolution, "--upgrade"],
                *[*extras, "--only-binary", ":all:", "--output-file", listed, "pyproject.toml"],
            ],
            PROJECT,
            self.environment,
        )
        run([*uv, "venv", "--quiet", environment], self.folder, self.environment)
        install = [*uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python"]
        run(
            [*install, "--requirements", listed, "--constraints", listed, "--group", "dev"],
            PROJECT,
            self.environment,
        )
        (wheel,) = self.wheels.glob("*.whl")
        run([*install, "--no-deps", wheel], PROJECT, self.environment)
        began = monotonic()
        words = [
            "-q",
            "-p",
            "no:cacheprovider",
            "-m",
            "not deployment and not faults and not cloud",
        ]
        own = {name: value for name, value in self.environment.items() if name[:3] != "UV_"}
        out = run(
            [environment / "bin" / "python", "-m", "pytest", *words, *arguments], PROJECT, own
        )
        told = next(line for line in reversed(out.splitlines()) if " passed" in line)
        print(f"  {resolution}: {told} ({monotonic() - began:.0f} s)", flush=True)


def main(arguments: list[str]) -> None:
    """Tries each interpreter, and says what it did; what fails does not stop the rest."""
    default = [f"media_assets_tests/{name}.py" for name in PART]
    found, failed = interpreters(), 0
    for minor in wanted():
        if minor not in {version[:2] for version in found}:
            print(f"Python {minor[0]}.{minor[1]}: none on PATH or in pyenv, so not tried")
    with tempfile.TemporaryDirectory(prefix="media-assets-pythons-") as name:
        wheels = Path(name) / "wheels"
        uv_build = [sys.executable, "-m", "uv", "build", "--quiet", "--no-build-isolation"]
        run([*uv_build, "--wheel", "--out-dir", wheels], PROJECT, os.environ)
        for version, python in found.items():
            text = ".".join(map(str, version))
            print(f"Python {text}", flush=True)
            trial = Trial(python, wheels, Path(name) / text)
            steps = [
                trial.quickstart,
                *[partial(trial.tests, name, arguments or default) for name in RESOLUTIONS],
            ]
            for step in steps:
                try:
                    step()
                except FailedCommandError as error:
                    failed += 1
                    print(f"  {error}", flush=True)
            shutil.rmtree(trial.folder)
    sys.exit(f"{failed} of these failed." if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
