"""The code location that a verb of the command line works on."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate

import click

from media_assets.cli.collector import collect_as_usual
from media_assets.cli.suggestions import note_location
from media_assets.standard_error import tell

if TYPE_CHECKING:
    import dagster as dg

    from media_assets.catalog import Catalog
    from media_assets.code_location import LoadedDefinitions
    from media_assets.installation import Installation
    from media_assets.io_manager import MediaIOManager
    from media_assets.reading import Reader
    from media_assets.tables.table import MediaTable


@dataclass(frozen=True)
class Location:
    """The code location of a verb, loaded when it is first needed.

    Attributes:
        module_name: The module that holds the definitions, if `-m` names it.
        python_file: The file that holds the definitions, if `-f` names it. If neither is given,
            pyproject.toml names the module.
    """

    module_name: str | None = None
    python_file: Path | None = None

    @property
    def is_named(self) -> bool:
        """Whether `-m` or `-f` was given."""
        return self.module_name is not None or self.python_file is not None

    @cached_property
    def loaded(self) -> "LoadedDefinitions":
        """The code location, loaded and noted in the home.

        Raises:
            LocationError: No code location is named, or it cannot be imported.
        """
        from media_assets.code_location import load_definitions  # noqa: PLC0415  slow: Dagster

        loaded = load_definitions(self.module_name, self.python_file)
        _io_manager_of(loaded).note_location(
            module_name=self.module_name, python_file=self.python_file
        )
        collect_as_usual()
        return loaded

    @property
    def defs(self) -> "dg.Definitions":
        """All its definitions."""
        return self.loaded.defs

    @cached_property
    def tables(self) -> "Mapping[str, MediaTable]":
        """Its media tables by name; there may be none."""
        from media_assets.tables.built import list_built  # noqa: PLC0415  slow: Dagster

        keys = self.defs.resolve_all_asset_keys()
        return {n: t for n, t in list_built().items() if t.asset_key(t.source.name) in keys}

    def select(self, name: str | None) -> "list[MediaTable]":
        """Returns the table with this name, or all tables for None.

        Raises:
            LocationError: The code location has no media tables.
            UnknownNameError: It has no table with this name.
        """
        from media_assets.errors import LocationError, UnknownNameError  # noqa: PLC0415  for --help

        if not self.tables:
            raise LocationError(self.loaded.name, problem="holds no media tables")
        if name is None:
            return list(self.tables.values())
        if name not in self.tables:
            raise UnknownNameError(
                kind="table", name=name, known=self.tables, where="in this code location"
            )
        return [self.tables[name]]

    def table(self, name: str) -> "MediaTable":
        """Returns the table with this name; raises what `select` raises."""
        return self.select(name)[0]

    @property
    def io_manager(self) -> "MediaIOManager":
        """The IO manager that the code declares."""
        return _io_manager_of(self.loaded)

    @property
    def installation(self) -> "Installation":
        """The installation, with the settings and credentials that the code gives."""
        return self.io_manager.installation

    @property
    def catalog(self) -> "Catalog":
        """The catalog that the code names, read with its credentials."""
        return _catalog_of(self.installation)

    def noted(self) -> "Installation":
        """Opens the installation without loading code, unless `-m` or `-f` was given.

        Raises:
            LocationError: The code location that was given cannot be loaded.
            CatalogNotedError: The environment names another catalog than the note in the home.
            HomeNotFoundError: There is no home.
        """
        from media_assets.installation import Installation  # noqa: PLC0415  for --help

        if self.is_named:
            return self.installation
        noted = Installation.open_noted()
        collect_as_usual()
        return noted

    def noted_catalog(self, *, external_access: bool = False) -> "Catalog":
        """Opens the catalog as `noted` does.

        Args:
            external_access: Whether queries may do everything that DuckDB can.
        """
        return _catalog_of(self.noted(), external_access=external_access)

    def noted_reader(self) -> "Reader":
        """Returns the reader of files, without loading code unless `-m` or `-f` was given."""
        from media_assets.installation import open_reader  # noqa: PLC0415  for --help

        return self.installation.reader if self.is_named else open_reader()

    def reading(self, table: str) -> "tuple[Installation, Catalog]":
        """Returns the installation and the catalog with a table.

        Code is loaded only if `-m` or `-f` was given, or if the catalog found without it lacks the
        table.
        """
        from media_assets.errors import CatalogNotedError, UnknownNameError  # noqa: PLC0415

        with suppress(CatalogNotedError, UnknownNameError):  # the code may name another catalog
            catalog = _catalog_of(noted := self.noted())
            catalog.columns(table)
            return noted, catalog
        return self.installation, self.catalog


def _catalog_of(installation: "Installation", *, external_access: bool = False) -> "Catalog":
    from media_assets.catalog import Catalog  # noqa: PLC0415  slow: DuckDB

    opened = installation.catalog, installation.reader
    return Catalog(opened[0], reader=opened[1], external_access=external_access)


def _io_manager_of(loaded: "LoadedDefinitions") -> "MediaIOManager":
    from media_assets.io_manager import MediaIOManager  # noqa: PLC0415  slow: Dagster

    manager = loaded.io_manager
    return manager if isinstance(manager, MediaIOManager) else MediaIOManager()


def location_options(command: Callable[Concatenate[Location, ...], None]) -> Callable[..., None]:
    """Adds `-m` and `-f` to a verb, which gets the `Location` that they name."""

    @click.option("-m", "--module-name", help="The module that holds the definitions.")
    @click.option(
        "-f",
        "--python-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The file that holds the definitions.",
    )
    @wraps(command)
    def verb(module_name: str | None, python_file: Path | None, **parameters: object) -> None:
        note_location(module_name, python_file)
        _tell_of_another_home()
        command(Location(module_name, python_file), **parameters)

    return verb


def _tell_of_another_home() -> None:
    """Says that the environment names another home than the project in the working directory."""
    from media_assets.home import home_of_project  # noqa: PLC0415  for --help

    if (of_project := home_of_project()) is not None:
        tell(
            f"DAGSTER_HOME is {os.environ['DAGSTER_HOME']!r} in the environment, and counts; this "
            f"project's .env names {str(of_project)!r}. To use that: unset DAGSTER_HOME"
        )
