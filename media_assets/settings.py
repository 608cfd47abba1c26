"""The settings of an installation: their names, types and sources."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from media_assets.destinations import DecidedBy, Named, first_named
from media_assets.errors import SettingError, UnknownNameError
from media_assets.home import Home, variable_of
from media_assets.limits import LIMIT_NAMES
from media_assets.settings_file import SettingsFile, find_settings_file

Read = Callable[[object, str], object]
"""Checks and converts a value; the second argument is its source, for the error."""


def _text(value: object, source: str) -> str:
    if isinstance(value, str):
        return value
    raise SettingError(source, str(value), accepted="A text.", example="s3://bucket/prefix/")


def _texts(value: object, source: str) -> tuple[str, ...]:
    """Reads a list, which the environment separates with commas."""
    parts: Sequence[object] = value.split(",") if isinstance(value, str) else _list(value, source)
    return tuple(part for one in parts if (part := _text(one, source).strip()))


def _list(value: object, source: str) -> Sequence[object]:
    if isinstance(value, list | tuple):
        return cast("Sequence[object]", value)
    raise SettingError(source, str(value), accepted="A list of texts.", example='["...", "..."]')


def _count(value: object, source: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise SettingError(
        source, str(value), accepted="A whole number, 0 or more.", example=str(20 * 1024**3)
    )


def _by_destination(value: object, source: str) -> Mapping[str, Any]:
    """Reads a value for each destination, which the environment writes as JSON."""
    named = value
    if isinstance(value, str):
        try:
            named = json.loads(value)
        except ValueError:
            named = None
    if isinstance(named, Mapping):
        return cast("Mapping[str, Any]", named)
    raise SettingError(
        source,
        str(value),
        accepted="A value for each destination; in the environment as JSON.",
        example='{"s3://bucket/prefix/": ...}',
    )


def _limit(value: object, source: str) -> int:
    try:
        if number := _count(value, source):
            return number
    except SettingError:
        pass  # its error would show an example for another setting
    accepted = "A whole number, 1 or more."
    raise SettingError(source, str(value), accepted=accepted, example="200000000")


BY_DESTINATION = ("public_urls", "object_options")
"""The settings with a value for each destination."""

SETTINGS: Mapping[str, Read] = MappingProxyType(
    {
        "output_media_dest": _text,
        "input_media_dest": _text,
        "catalog": _text,
        "branch": _text,
        "allow_networks": _texts,
        "storage_sources": _texts,
        "cache_bytes": _count,
        **dict.fromkeys(BY_DESTINATION, _by_destination),
        **dict.fromkeys(LIMIT_NAMES, _limit),
    }
)
"""All settings; add one in one line.

Each is a name in the settings file, an environment variable (`variable_of`), and a value in code if
the IO manager has a field with its name.
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that apply, each with its source.

    Attributes:
        named: The values by name, without settings that have no value.
    """

    named: Mapping[str, Named[Any]]

    def get(self, name: str) -> Named[Any] | None:
        """Returns a setting and its source; None if it has no value."""
        return self.named.get(name)

    def value(self, name: str) -> Any:  # noqa: ANN401  of the type that `SETTINGS` reads
        """Returns the value of a setting; None if it has none."""
        named = self.named.get(name)
        return None if named is None else named.value


def choose_settings(
    home: Home, code: Mapping[str, object] | None = None, *, of_run: Collection[str] = ()
) -> Settings:
    """Returns the settings that apply in a home.

    Args:
        home: The home, with its `.env` and settings file.
        code: Values given in code, by name; None and empty ones count as not given.
        of_run: The names among these that come from run config.

    Raises:
        SettingError: A value that applies is invalid.
        SettingsFileError: There are two settings files, or one cannot be read.
        UnknownNameError: The settings file names a setting that does not exist.
    """
    file = find_settings_file(home.folder)
    _check_names(file)
    chosen: dict[str, Named[Any]] = {}
    for name, read in SETTINGS.items():
        named = first_named(
            _in_code((code or {}).get(name), name, is_of_run=name in of_run),
            _in_environment(home, name),
            _in_file(file, name),
        )
        if named is not None:
            is_line = named.decided_by is DecidedBy.SETTINGS_FILE
            source = f"`{name}` of the {named.source}" if is_line else named.source
            value = read(named.value, source)
            chosen[name] = Named(value, named.decided_by, named.source)
    return Settings(chosen)


def branch_in_force(home: Home) -> str | None:
    """Returns the branch that commands in a home work on; None for main."""
    return choose_settings(home).value("branch")


def _in_code(value: object, name: str, *, is_of_run: bool) -> Named[object] | None:
    if value is None or value in ("", [], (), {}):
        return None
    if is_of_run:
        return Named(value, DecidedBy.RUN_CONFIG, f"run config `{name}`")
    return Named(value, DecidedBy.CODE, f"`{name}` of the IO manager in code")


def _in_environment(home: Home, name: str) -> Named[object] | None:
    variable = variable_of(name)
    value = home.variable(variable)
    if value is None:
        return None
    return Named(value, DecidedBy.ENVIRONMENT, f"environment variable {variable}")


def _in_file(file: SettingsFile | None, name: str) -> Named[object] | None:
    if file is None or (value := file.values.get(name)) in (None, ""):
        return None
    return Named(value, DecidedBy.SETTINGS_FILE, f"settings file {file.path}")


def _check_names(file: SettingsFile | None) -> None:
    for name in file.values if file else ():
        if name not in SETTINGS:
            where = f"in the settings file {file.path}" if file else None
            raise UnknownNameError(kind="setting", name=name, known=SETTINGS, where=where)
