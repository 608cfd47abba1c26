"""An opened installation: its home, settings, credentials, cache and catalog, by one rule.

The command line, Python, SQL, Dagster and notebooks all open it here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from media_assets.code_location import IO_MANAGER_KEY, load_definitions
from media_assets.credentials import environment_storage
from media_assets.destinations import (
    DecidedBy,
    Destination,
    Named,
    first_named,
    parse_destination,
)
from media_assets.errors import CatalogNotedError, HomeNotFoundError, LocationError
from media_assets.fetch import FetchLimits, parse_networks
from media_assets.home import Home, find_home, variable_of
from media_assets.location_note import LocationNote
from media_assets.masking import redact_uri
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.settings import Settings, choose_settings
from media_assets.storage_sources import StorageSources
from media_assets.stores.storage import Storage


@dataclass(frozen=True, slots=True)
class InCode:
    """What code gives an installation.

    Attributes:
        settings: Values by the names of settings; None and empty ones count as not given.
        of_run: The names among these that run config gave.
        storage: Credentials.
    """

    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    of_run: Collection[str] = ()
    storage: Storage = field(default_factory=Storage)


@dataclass(frozen=True, slots=True)
class Installation:
    """An opened installation.

    Attributes:
        home: Where its state is kept.
        settings: The settings that apply, and who decided them.
        storage: The credentials: those given in code, else the environment's, else what the
            providers' own clients find.
        reader: What reads any source and any stored file, through the cache.
        catalog: The catalog's root.
    """

    home: Home
    settings: Settings
    storage: Storage
    reader: Reader
    catalog: CatalogRoot

    @classmethod
    def open(cls, code: InCode, *, home: Home | None = None) -> "Installation":
        """Opens an installation with what its code location gives; nothing is requested.

        Raises:
            HomeNotFoundError: There is no home.
            SettingError: A setting cannot be used.
            SettingsFileError: The settings file cannot be used.
            UnknownNameError: The settings file names a setting that does not exist.
            DestinationError: The catalog's location, or a storage source, cannot be understood.
        """
        home = home or find_home()
        settings = choose_settings(home, code.settings, of_run=code.of_run)
        storage = code.storage.or_else(environment_storage(home))
        catalog = first_named(
            settings.get("catalog"), Named(home.catalog, DecidedBy.LOCAL_STORAGE, "local storage")
        )
        assert catalog is not None  # noqa: S101  local storage is always named
        reader = Reader(
            storage,
            FetchLimits(allow_networks=parse_networks(settings.value("allow_networks") or ())),
            cache_folder=home.cache,
            cache_bytes=settings.value("cache_bytes"),
            sources=StorageSources(
                _sources(settings), parse_destination(catalog.value, source=catalog.source)
            ),
        )
        root = CatalogRoot.open(
            catalog.value, storage=storage, copies=reader.cache, source=catalog.source
        )
        return cls(home, settings, storage, reader, root)

    @classmethod
    def open_noted(
        cls, *, catalog: str | None = None, storage: Storage | None = None
    ) -> "Installation":
        """Opens an installation without its code location, by what that noted in the home.

        The location is loaded where credentials that it gives are needed, and only then.

        Args:
            catalog: The catalog's location; by default the noted one, else as settings say.
            storage: Credentials to use instead of those that were noted.

        Raises:
            CatalogNotedError: `MEDIA_ASSETS_CATALOG` names another catalog than the note.
            HomeNotFoundError: There is no home, as for `open`, whose further errors are raised.
        """
        home = find_home()
        note = LocationNote.read(home)
        if catalog is None:
            _check_same_catalog(home, note)
        else:
            parse_destination(catalog, source="the catalog's location")
        if storage is None and note.credentials:
            storage = Storage(elsewhere=NotedCredentials(home, note.credentials))
        settings: dict[str, object] = {"catalog": catalog or note.catalog}
        return cls.open(InCode(settings, storage=storage or Storage()), home=home)


@dataclass(frozen=True, slots=True)
class NotedCredentials:
    """The credentials that a code location gives, loaded from it where they are needed.

    Attributes:
        home: The home that the location left its note in.
        providers: The providers that they are for.
    """

    home: Home
    providers: tuple[str, ...]

    def load(self) -> Storage:
        """Returns the credentials: of the location that this process has opened, or loads it.

        Raises:
            LocationError: The code location cannot be loaded, or gives no credentials any more.
        """
        return _opened.get(self.home) or _load_storage(self.home)


def note_location(
    installation: Installation,
    code: InCode,
    *,
    module_name: str | None = None,
    python_file: Path | None = None,
) -> None:
    """Notes in the home which catalog a code location names, and that it gives credentials.

    Of one that names neither there is no note afterwards. A run whose config names the catalog or
    a provider hides what the code names, and notes nothing.

    Args:
        installation: What was opened with the code.
        code: What the code gives.
        module_name: The module that the location was loaded by, where one was named.
        python_file: The file that it was loaded by, where one was named.
    """
    if code.storage.providers:
        _opened[installation.home] = installation.storage
    if {"catalog", *code.storage.providers} & {*code.of_run}:
        return
    before = LocationNote.read(installation.home)
    named = installation.settings.get("catalog")
    is_in_code = named is not None and named.decided_by is DecidedBy.CODE
    LocationNote(
        catalog=installation.catalog.destination.uri if is_in_code else None,
        credentials=code.storage.providers,
        module_name=module_name or before.module_name,
        python_file=str(python_file.resolve()) if python_file else before.python_file,
    ).write(installation.home)


def open_reader(storage: Storage | None = None) -> Reader:
    """Returns what reads any file here: of the noted installation, else by the environment alone.

    Args:
        storage: Credentials that win over the environment's.

    Raises:
        SettingError: A setting cannot be used.
    """
    try:
        return Installation.open_noted(storage=storage).reader
    except HomeNotFoundError:
        return Reader((storage or Storage()).or_else(environment_storage()))


@runtime_checkable
class _HasStorage(Protocol):
    """What an IO manager of ours is to whoever only wants its credentials."""

    @property
    def storage(self) -> Storage: ...


_opened: dict[Home, Storage] = {}
"""The storage of the code location that this process has loaded, by its home."""


@cache
def _load_storage(home: Home) -> Storage:
    note = LocationNote.read(home)
    file = Path(note.python_file) if note.python_file else None
    loaded = load_definitions(note.module_name, file, folders=(Path.cwd(), home.folder))
    if isinstance(manager := loaded.io_manager, _HasStorage):
        return manager.storage
    raise LocationError(loaded.name, problem=f"has no resource {IO_MANAGER_KEY!r} of this package")


def _sources(settings: Settings) -> tuple[Destination, ...]:
    named = settings.get("storage_sources")
    if named is None:
        return ()
    return tuple(parse_destination(text, source=named.source) for text in named.value)


def _check_same_catalog(home: Home, note: LocationNote) -> None:
    """Refuses a variable that names another catalog than the code location does."""
    variable = variable_of("catalog")
    text = home.variable(variable)
    if note.catalog is None or text is None:
        return
    named = parse_destination(text, source=f"environment variable {variable}").uri
    if named != note.catalog:
        raise CatalogNotedError(
            redact_uri(named), variable=variable, noted=note.catalog, note=LocationNote.path(home)
        )
