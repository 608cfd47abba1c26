"""The settings file next to dagster.yaml: `media_assets.toml`, or a table of pyproject.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from media_assets.errors import SettingsFileError

_OWN, _SHARED = "media_assets.toml", "pyproject.toml"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file and its values."""

    path: Path
    values: Mapping[str, object]


def find_settings_file(folder: Path) -> SettingsFile | None:
    """Reads the settings file of a folder: `media_assets.toml`, or `[tool.media_assets]`.

    Returns:
        None if there is neither; a pyproject.toml without that table does not count.

    Raises:
        SettingsFileError: Both exist, or one cannot be read.
    """
    own, shared = folder / _OWN, folder / _SHARED
    values = _read(own) if own.is_file() else None
    table = _read(shared).get("tool", {}).get("media_assets") if shared.is_file() else None
    if table is not None and not isinstance(table, dict):
        raise SettingsFileError(shared, problem="has no table in `tool.media_assets`")
    if values is not None and table is not None:
        problem = f"is next to {_SHARED}, which has a table [tool.media_assets]"
        raise SettingsFileError(own, problem=problem)
    if values is not None:
        return SettingsFile(own, values)
    return None if table is None else SettingsFile(shared, cast("dict[str, object]", table))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsFileError(path, problem=f"cannot be read: {error}") from error
