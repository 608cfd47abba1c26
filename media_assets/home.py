"""Where an installation keeps its state: DAGSTER_HOME, and the settings beside its dagster.yaml."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

from media_assets.errors import HomeNotFoundError, SettingError

CATALOG_VARIABLE = "MEDIA_ASSETS_CATALOG"
OUTPUT_VARIABLE = "MEDIA_ASSETS_OUTPUT_MEDIA_DEST"
INPUT_VARIABLE = "MEDIA_ASSETS_INPUT_MEDIA_DEST"
CACHE_VARIABLE = "MEDIA_ASSETS_CACHE_BYTES"
NETWORKS_VARIABLE = "MEDIA_ASSETS_ALLOW_NETWORKS"


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
        """The catalog's root: `MEDIA_ASSETS_CATALOG`, else a folder of this home."""
        return self.setting(CATALOG_VARIABLE) or str(self.folder / "media" / "catalog")

    @property
    def cache(self) -> Path:
        """Where copies of remote files are kept."""
        return self.folder / "media" / "cache"

    @property
    def cache_bytes(self) -> int | None:
        """How much the cache may hold; None leaves it to the disk.

        Raises:
            SettingError: `MEDIA_ASSETS_CACHE_BYTES` is no whole number.
        """
        text = self.setting(CACHE_VARIABLE)
        if text is None:
            return None
        if not text.isdecimal():
            raise SettingError(
                CACHE_VARIABLE,
                text,
                accepted="A number of bytes, 0 for no cache; a fifth of the free disk by default.",
                example=str(20 * 1024**3),
            )
        return int(text)

    @property
    def allow_networks(self) -> list[str]:
        """The networks of `MEDIA_ASSETS_ALLOW_NETWORKS`, which stand there between commas."""
        text = self.setting(NETWORKS_VARIABLE) or ""
        return [part for part in map(str.strip, text.split(",")) if part]

    def uploads(self, table: str) -> Path:
        """The uploads folder of a table that names none."""
        return self.folder / "uploads" / table

    def setting(self, name: str) -> str | None:
        """Returns an environment variable, else its line in `.env` beside dagster.yaml.

        An empty value counts as not set.
        """
        return os.environ.get(name) or _env_file(self.folder / ".env").get(name) or None


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
