"""The project of the command line: its code location, tables and instance."""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import dagster as dg

from media_assets.catalog import Catalog
from media_assets.code_location import IO_MANAGER_KEY, load_definitions
from media_assets.errors import LocationError, UnknownNameError
from media_assets.home import find_home
from media_assets.installation import open_reader
from media_assets.io_manager import MediaIOManager
from media_assets.reading import Reader
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.built import list_built
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

    @property
    def catalog(self) -> Catalog:
        """The catalog, which reads files as the IO manager does."""
        return self.open_catalog()

    def open_catalog(self, *, external_access: bool = False) -> Catalog:
        """Returns the catalog, whose queries may do all that DuckDB can if that is said."""
        manager = self.io_manager
        return Catalog(
            manager.catalog_root(), reader=manager.reader, external_access=external_access
        )


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
    loaded = load_definitions(module_name, python_file)
    keys = loaded.defs.resolve_all_asset_keys()
    tables = {n: t for n, t in list_built().items() if t.asset_key(t.source.name) in keys}
    if needs_tables and not tables:
        raise LocationError(loaded.name, problem="holds no media tables")
    location = Location(loaded.defs, tables)
    location.io_manager.note_location(module_name=module_name, python_file=python_file)
    return location


def open_catalog(
    module_name: str | None, python_file: Path | None, *, external_access: bool = False
) -> Catalog:
    """Opens the catalog, of the code location that is named, else as that noted it in the home.

    Args:
        module_name: The module that holds the definitions.
        python_file: The file that does.
        external_access: Whether queries may do all that DuckDB can, as `Catalog.open` says.

    Raises:
        LocationError: The code location that was named cannot be loaded.
        CatalogNotedError: The environment names another catalog than the note.
    """
    if module_name is None and python_file is None:
        return Catalog.open(external_access=external_access)
    location = load_location(module_name, python_file, needs_tables=False)
    return location.open_catalog(external_access=external_access)


def reader_of(module_name: str | None, python_file: Path | None) -> Reader:
    """Returns what reads files: of the code location that is named, else as for `open_catalog`."""
    if module_name is None and python_file is None:
        return open_reader()
    return load_location(module_name, python_file, needs_tables=False).io_manager.reader


def open_instance() -> dg.DagsterInstance:
    """Opens the Dagster instance of this project, never a throwaway one.

    Raises:
        HomeNotFoundError: There is no `DAGSTER_HOME`, and no dagster.yaml upward.
    """
    os.environ["DAGSTER_HOME"] = str(find_home().folder)
    return dg.DagsterInstance.get()


@contextmanager
def asset_versions() -> Generator[AssetVersions]:
    """The versions of the assets whose values columns take; only these need the instance."""
    with ExitStack() as opened:
        yield AssetVersions(lambda: opened.enter_context(open_instance()))
