"""The definitions and the Dagster instance that a verb works on."""

import os
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

import dagster as dg

from media_assets.build import build_defs, with_derived
from media_assets.catalog import Catalog
from media_assets.code_location import IO_MANAGER_KEY
from media_assets.errors import DeclarationError
from media_assets.home import find_home, find_or_make_home
from media_assets.installation import Installation
from media_assets.instances import open_branch_instance, open_instance_of
from media_assets.io_manager import MediaIOManager
from media_assets.settings import branch_in_force
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.built import Built, built_with
from media_assets.tables.table import MediaTable


class Location(Protocol):
    """Definitions with media tables, and what they give access to."""

    @property
    def defs(self) -> dg.Definitions:
        """All definitions."""
        ...

    @property
    def installation(self) -> Installation:
        """The installation, opened with what the definitions give."""
        ...

    @property
    def catalog(self) -> Catalog:
        """The catalog that the IO manager names, read with its credentials."""
        ...


@dataclass(frozen=True, slots=True)
class LocationOfTable:
    """The location of a table in Python.

    Attributes:
        defs: The definitions of the table, and of those that it was built with.
    """

    defs: dg.Definitions

    @property
    def installation(self) -> Installation:
        """The installation, opened with what the definitions give."""
        manager = (self.defs.resources or {}).get(IO_MANAGER_KEY)
        return (manager if isinstance(manager, MediaIOManager) else MediaIOManager()).installation

    @property
    def catalog(self) -> Catalog:
        """The catalog that the IO manager names, read with its credentials."""
        return Catalog(self.installation.catalog, reader=self.installation.reader)


def open_instance() -> dg.DagsterInstance:
    """Opens the Dagster instance of this project, or of the branch; never a temporary one.

    Raises:
        HomeNotFoundError: DAGSTER_HOME is not set, and no folder upward holds a dagster.yaml.
    """
    main = open_main_instance()
    branch = branch_in_force(home := find_home())
    if branch is None:
        return main
    main.dispose()
    return open_branch_instance(home, branch)


def open_main_instance() -> dg.DagsterInstance:
    """Opens the Dagster instance of this project, which also knows the assets of others.

    Raises:
        HomeNotFoundError: As for `open_instance`.
    """
    folder = find_home().folder
    os.environ["DAGSTER_HOME"] = str(folder)
    return open_instance_of(folder)


@contextmanager
def asset_versions() -> Generator[AssetVersions]:
    """Yields the versions of the assets in `ins=`; the instance is opened only if there are any."""
    with ExitStack() as opened:
        yield AssetVersions(lambda: opened.enter_context(open_main_instance()))


def location_of(table: MediaTable) -> LocationOfTable:
    """Returns definitions of a table with its columns of now.

    If the table was given to `build_defs`, they have the resources and the other tables of that
    call; otherwise they have a default IO manager.

    Raises:
        DeclarationError: The columns do not fit together, or their resources are unknown.
        HomeNotFoundError: `DAGSTER_HOME` is not the absolute path of an existing folder.
    """
    home = find_or_make_home().folder
    built = built_with(table) or Built((table.root, *table.root.all_derived), {})
    if built.resources is None:
        raise DeclarationError(
            what=f"Table {table.name!r} was given to table_defs(), so its resources are unknown "
            "here.",
            accepted="A table that was given to build_defs(), or to neither.",
            fix="Use build_defs([table], overrides={...}), or the command line: media-assets "
            f"insert {table.name} ...",
        )
    others = [each for each in built.tables if each.root.name != table.root.name]
    tables = with_derived([table.root, *others])
    state = home, built.resources, [(t, t.columns, t.checks) for t in tables]
    if table in _locations and _locations[table][0] == state:
        return _locations[table][1]
    _check_resources(tables, built.resources)
    location = LocationOfTable(build_defs(tables, built.resources))
    _locations[table] = state, location
    return location


_locations: WeakKeyDictionary[MediaTable, tuple[object, LocationOfTable]] = WeakKeyDictionary()
"""The last location of each table, with what it was made from."""


def _check_resources(tables: tuple[MediaTable, ...], resources: Mapping[str, object]) -> None:
    for table in tables:
        for column in table.computed_columns:
            if missing := sorted({*column.resources} - resources.keys()):
                raise DeclarationError(
                    what=f"Column {table.name}/{column.name} takes the resource {missing[0]!r}, "
                    "which is not defined.",
                    accepted="Resources that build_defs() got together with the table.",
                    fix=f"Call build_defs([...], overrides={{{missing[0]!r}: ...}}) first.",
                )
