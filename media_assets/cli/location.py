"""Which project the command line serves: its code location, its tables, its instance."""

import importlib
import importlib.util
import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import click
import dagster as dg

from media_assets.errors import LocationError, UnknownNameError
from media_assets.home import find_home
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.assets import IO_MANAGER_KEY
from media_assets.tables.built import built_tables
from media_assets.tables.table import MediaTable

Command = TypeVar("Command", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Location:
    """A loaded code location."""

    defs: dg.Definitions
    tables: Mapping[str, MediaTable]

    def table(self, name: str) -> MediaTable:
        """Returns a table by name.

        Raises:
            UnknownNameError: There is no such table; the text lists the known ones.
        """
        if name not in self.tables:
            raise UnknownNameError(
                kind="table", name=name, known=self.tables, where="in this code location"
            )
        return self.tables[name]

    @property
    def io_manager(self) -> MediaIOManager:
        """The IO manager of the location, as declared in code."""
        manager = (self.defs.resources or {}).get(IO_MANAGER_KEY)
        return manager if isinstance(manager, MediaIOManager) else MediaIOManager()


def location_options(command: Command) -> Command:
    """Adds `-m` and `-f` to a verb."""
    module = click.option("-m", "--module-name", help="The module that holds the definitions.")
    file = click.option(
        "-f",
        "--python-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The file that holds the definitions.",
    )
    return module(file(command))


def load_location(
    module_name: str | None, python_file: Path | None, *, needs_tables: bool = True
) -> Location:
    """Loads the code location: by module, by file, or as pyproject.toml names it.

    Args:
        module_name: The module that holds the definitions.
        python_file: The file that does.
        needs_tables: Whether one without media tables is of no use: its assets may stand outside.

    Raises:
        LocationError: Nothing names one, it cannot be imported, or it has no media tables.
    """
    sys.path.insert(0, str(Path.cwd()))
    if python_file is not None:
        module_name = python_file.stem
        module = _load_file(python_file)
    else:
        module_name = module_name or _configured_module(Path.cwd())
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            raise LocationError(module_name, problem=f"cannot be imported: {error}") from error
    definitions = [v for v in vars(module).values() if isinstance(v, dg.Definitions)]
    definitions += [
        _call(v) for v in vars(module).values() if type(v).__name__ == "LazyDefinitions"
    ]
    if not definitions:
        raise LocationError(module_name, problem="holds no dg.Definitions")
    defs = definitions[0] if len(definitions) == 1 else dg.Definitions.merge(*definitions)
    keys = defs.resolve_all_asset_keys()
    tables = {n: t for n, t in built_tables().items() if t.asset_key(t.source.name) in keys}
    if needs_tables and not tables:
        raise LocationError(module_name, problem="holds no media tables")
    return Location(defs, tables)


def location_storage(module_name: str | None, python_file: Path | None) -> Storage:
    """Returns the credentials of the project; the usual environment's where there is no project.

    Raises:
        LocationError: The project that was named cannot be loaded.
    """
    try:
        return load_location(module_name, python_file).io_manager.storage
    except LocationError:
        if module_name is not None or python_file is not None:
            raise
        return Storage()


def open_instance() -> dg.DagsterInstance:
    """Opens the Dagster instance of this project, never a throwaway one.

    Raises:
        HomeNotFoundError: There is no `DAGSTER_HOME`, and no dagster.yaml upward.
    """
    os.environ["DAGSTER_HOME"] = str(find_home().folder)
    return dg.DagsterInstance.get()


def _call(lazy: Any) -> dg.Definitions:  # noqa: ANN401  Dagster has no public name for it
    return cast("dg.Definitions", lazy())


def _load_file(path: Path) -> object:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LocationError(str(path), problem="is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.resolve().parent))
    spec.loader.exec_module(module)
    return module


def _configured_module(folder: Path) -> str:
    """Reads `[tool.dg]`, else `[tool.dagster]`, of the nearest pyproject.toml upward."""
    for parent in (folder, *folder.parents):
        if (path := parent / "pyproject.toml").is_file():
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            tools = cast("dict[str, dict[str, Any]]", content.get("tool", {}))
            project = cast("dict[str, str]", tools.get("dg", {}).get("project", {}))
            module = project.get("code_location_target_module")
            if module is None and "root_module" in project:
                module = f"{project['root_module']}.definitions"
            module = module or tools.get("dagster", {}).get("module_name")
            if module is not None:
                sys.path.insert(0, str(parent))
                return module
    raise LocationError(str(folder), problem="has no pyproject.toml that names one")
