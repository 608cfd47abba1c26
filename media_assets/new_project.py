"""New projects: the name of the package, and its files from `project_template/`."""

import json
import keyword
import os
import re
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from media_assets.errors import MediaAssetsError, ProjectFolderError, ProjectNameError
from media_assets.sample_photos import make_sample_photos

_TEMPLATE = Path(__file__).with_name("project_template")
_FILES = (
    *["pyproject.toml", "README.md", "dagster.yaml", "gitignore", "my_photos/__init__.py"],
    *["my_photos/definitions.py", "my_photos/defs/__init__.py", "my_photos/defs/photos.py"],
)
"""In these files, `my-photos` and `my_photos` are replaced by the project's names."""
_UNFINISHED = ".media-assets-init"
"""A file that exists while a project is written, and remains if that was killed."""
_SAMPLES = 2


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project that was created.

    Attributes:
        folder: Its folder, as an absolute path.
        package: Its Python package.
    """

    folder: Path
    package: str

    @property
    def table(self) -> Path:
        """The module that declares its table."""
        return self.folder / self.package / "defs" / "photos.py"


def package_name(name: str) -> str:
    """Returns the name of a project's package.

    Raises:
        ProjectNameError: The name cannot be used for a project or a Python package.

    >>> package_name("My-Photos 2.0")
    'my_photos_2_0'
    """
    package = re.sub(r"[-_. ]+", "_", name).strip("_").lower()
    # Python allows other letters too, but project names are ASCII.
    if not re.fullmatch(r"[a-z][a-z0-9_]*", package):
        raise ProjectNameError(name, problem="cannot be the name of a Python package")
    if keyword.iskeyword(package):
        raise ProjectNameError(name, problem="is a Python keyword")
    if package in sys.stdlib_module_names or _is_installed(package):
        raise ProjectNameError(name, problem="is the name of another Python package")
    return package


def make_project(name: str) -> NewProject:
    """Creates a project in a folder that does not exist or is empty.

    If that fails, nothing is left behind.

    Args:
        name: The folder. The project and the package are named after its last part.

    Raises:
        ProjectNameError: The last part cannot be the name of a package.
        ProjectFolderError: The folder is not empty, or cannot be written to.
    """
    folder = Path(os.path.abspath(name)) if name else Path()  # noqa: PTH100  `..` as it is typed
    package = package_name(folder.name)
    with _claimed(folder):
        for file in _FILES:
            text = (_TEMPLATE / file).read_text(encoding="utf-8")
            if file == "pyproject.toml":
                text += _source()
            path = folder / _renamed(file.replace("gitignore", ".gitignore"), package)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_renamed(text, package), encoding="utf-8")
        # Without it, `dg dev` would keep its state in a folder that it deletes when it ends.
        home = str(folder).replace("\\", "\\\\").replace("'", "\\'")
        (folder / ".env").write_text(f"DAGSTER_HOME='{home}'\n", encoding="utf-8")
        make_sample_photos(folder / "uploads" / "photos", _SAMPLES)
    return NewProject(folder, package)


def _renamed(text: str, package: str) -> str:
    return text.replace("my_photos", package).replace("my-photos", package.replace("_", "-"))


def _is_installed(package: str) -> bool:
    """Whether such a package can be imported; a folder without `__init__.py` does not count."""
    spec = find_spec(package)
    return spec is not None and spec.origin is not None


def _source() -> str:
    """Returns lines that tell uv where this package is from, if not from a package index."""
    text = distribution("media-assets").read_text("direct_url.json")
    if text is None:
        return ""
    came = json.loads(text)
    url: str = came["url"]
    place: dict[str, object] = {"url": url}
    if "vcs_info" in came:
        place = {"git": url, "rev": came["vcs_info"]["commit_id"]}
    elif url.startswith("file://"):
        place = {"path": unquote(urlsplit(url).path)}
    if came.get("dir_info", {}).get("editable"):
        place["editable"] = True
    given = ", ".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in place.items())
    return f"\n[tool.uv.sources]\nmedia-assets = {{ {given} }}\n"


@contextmanager
def _claimed(folder: Path) -> Generator[None]:
    """Creates the folder if needed and marks it as unfinished; empties it if writing fails."""
    made: list[Path] = []
    try:
        made += [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        _mark(folder)
        try:
            yield
            (folder / _UNFINISHED).unlink()
        except BaseException:
            _empty(folder)
            raise
    except BaseException as error:
        for each in made:
            with suppress(OSError):
                each.rmdir()  # Fails if someone has put a file there.
        # A path that is not UTF-8 cannot be written to `.env`.
        if isinstance(error, OSError | UnicodeError) and not isinstance(error, MediaAssetsError):
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise ProjectFolderError(folder, problem=f"cannot be written: {reason}") from error
        raise


def _mark(folder: Path) -> None:
    """Marks a folder as unfinished; raises ProjectFolderError if it is not empty."""
    found = sorted(path.name for path in folder.iterdir())
    if _UNFINISHED in found:
        raise ProjectFolderError(
            folder,
            problem="holds part of a project, because an earlier init was killed",
            fix="Delete everything in it, and run the same command again.",
        )
    if found:
        raise ProjectFolderError(folder, problem=f"is not empty: it holds {found[0]!r}")
    (folder / _UNFINISHED).touch(exist_ok=False)


def _empty(folder: Path) -> None:
    """Deletes everything in a folder that was empty when it was marked; the mark last."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == _UNFINISHED):
        with suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
