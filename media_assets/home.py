"""The folder that holds dagster.yaml, the paths below it, and the environment beside it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

from media_assets.errors import HomeNotFoundError


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
NETWORKS_VARIABLE = variable_of("allow_networks")


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds dagster.yaml, and what is kept below it."""

    folder: Path

    @property
    def local_storage(self) -> str:
        """The destination of every column for which nobody chose one."""
        return str(self.folder / "media" / "files")

    @property
    def catalog(self) -> str:
        """The catalog's root where nobody chose one."""
        return str(self.folder / "media" / "catalog")

    @property
    def cache(self) -> Path:
        """Where copies of remote files are kept."""
        return self.folder / "media" / "cache"

    def uploads(self, table: str) -> Path:
        """The uploads folder of a table that names none."""
        return self.folder / "uploads" / table

    def variable(self, name: str) -> str | None:
        """Returns an environment variable, else its line in `.env` beside dagster.yaml.

        An empty value counts as not set.
        """
        return os.environ.get(name) or self.env_file.get(name) or None

    @property
    def env_file(self) -> Mapping[str, str | None]:
        """The lines of `.env` beside dagster.yaml."""
        return _env_file(self.folder / ".env")


def find_home(start: Path | None = None) -> Home:
    """Finds the folder that holds dagster.yaml: `DAGSTER_HOME`, else the nearest one upward.

    Args:
        start: The folder to look upward from; the working directory by default.

    Raises:
        HomeNotFoundError: `DAGSTER_HOME` is not an absolute path of an existing folder, or it is
            not set and no folder upward holds a dagster.yaml. Results are never put into a
            throwaway place.
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


def _env_file(path: Path) -> dict[str, str | None]:
    try:
        modified_ns = path.stat().st_mtime_ns
    except OSError:
        return {}
    return _read_env_file(path, modified_ns)


@lru_cache(maxsize=8)
def _read_env_file(path: Path, _modified_ns: int) -> dict[str, str | None]:
    return dict(dotenv_values(path))
