"""The home: the folder of dagster.yaml, the paths below it, and its `.env` file."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

from media_assets.errors import HomeNotFoundError
from media_assets.standard_error import tell


def variable_of(setting: str) -> str:
    """Returns the environment variable of a setting.

    >>> variable_of("output_media_dest")
    'MEDIA_ASSETS_OUTPUT_MEDIA_DEST'
    """
    return f"MEDIA_ASSETS_{setting.upper()}"


CATALOG_VARIABLE = variable_of("catalog")
OUTPUT_VARIABLE = variable_of("output_media_dest")
INPUT_VARIABLE = variable_of("input_media_dest")
CACHE_VARIABLE = variable_of("cache_bytes")
BRANCH_VARIABLE = variable_of("branch")
NETWORKS_VARIABLE = variable_of("allow_networks")

TEMPLATE = Path(__file__).with_name("project_template") / "dagster.yaml"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds dagster.yaml, and its contents."""

    folder: Path

    @property
    def local_storage(self) -> str:
        """The default destination of every column."""
        return str(self.folder / "media" / "files")

    @property
    def catalog(self) -> str:
        """The default root of the catalog."""
        return str(self.folder / "media" / "catalog")

    @property
    def cache(self) -> Path:
        """The folder for copies of remote files."""
        return self.folder / "media" / "cache"

    @property
    def branches(self) -> Path:
        """The folder for the Dagster instances of branches."""
        return self.folder / "media" / "branches"

    def uploads(self, table: str) -> Path:
        """Returns the default uploads folder of a table."""
        return self.folder / "uploads" / table

    def variable(self, name: str) -> str | None:
        """Returns an environment variable, else its line in `.env` next to dagster.yaml.

        An empty value counts as not set.
        """
        return os.environ.get(name) or self.env_file.get(name) or None

    @property
    def env_file(self) -> Mapping[str, str | None]:
        """The lines of `.env` next to dagster.yaml."""
        return _env_file(self.folder / ".env")


def find_home(start: Path | None = None) -> Home:
    """Finds the folder that holds dagster.yaml: `DAGSTER_HOME`, else the nearest parent folder.

    Args:
        start: The folder to start from; the working directory by default.

    Raises:
        HomeNotFoundError: `DAGSTER_HOME` is not an absolute path of an existing folder, or it is
            not set and no parent folder holds a dagster.yaml. Results are never written to a
            temporary folder instead.
    """
    named = os.environ.get("DAGSTER_HOME")
    if named:
        folder = Path(named).expanduser()
        if not folder.is_absolute() or not folder.is_dir():
            raise HomeNotFoundError(folder, named=True)
        return Home(folder)
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "dagster.yaml").is_file():
            return Home(folder)
    raise HomeNotFoundError(start, named=False)


def home_of_project() -> Path | None:
    """Returns the home in the `.env` of the project around, if `DAGSTER_HOME` is another folder."""
    named = os.environ.get("DAGSTER_HOME")
    start = Path.cwd()
    project = next((f for f in (start, *start.parents) if (f / "dagster.yaml").is_file()), None)
    told = None if project is None else Home(project).env_file.get("DAGSTER_HOME")
    if not named or not told or Path(told).resolve() == Path(named).expanduser().resolve():
        return None
    return Path(told)


def use_home(folder: Path | str) -> Home:
    """Makes a folder the home of this process and its child processes.

    The folder and its dagster.yaml are created if they are missing.

    Args:
        folder: The folder; `~` is the user's home directory.
    """
    home = Home(Path(folder).expanduser().resolve())
    home.folder.mkdir(parents=True, exist_ok=True)
    if not (home.folder / "dagster.yaml").exists():
        shutil.copyfile(TEMPLATE, home.folder / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home.folder)
    return home


def find_or_make_home() -> Home:
    """Returns the home that `find_home` finds, or else `~/media-assets`, with a line that says so.

    This is for notebooks and scripts; the command line fails without a home.

    Raises:
        HomeNotFoundError: `DAGSTER_HOME` is not the absolute path of an existing folder.
    """
    try:
        return find_home()
    except HomeNotFoundError:
        if os.environ.get("DAGSTER_HOME"):
            raise
    home = use_home(Path.home() / "media-assets")
    tell(
        f"DAGSTER_HOME is not set, and there is no dagster.yaml from here up: tables are kept in "
        f"{home.folder}. To choose another folder: media_assets.use_home(path)"
    )
    return home


def _env_file(path: Path) -> dict[str, str | None]:
    try:
        modified_ns = path.stat().st_mtime_ns
    except OSError:
        return {}
    return _read_env_file(path, modified_ns)


@lru_cache(maxsize=8)
def _read_env_file(path: Path, _modified_ns: int) -> dict[str, str | None]:
    return dict(dotenv_values(path))
