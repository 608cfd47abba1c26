"""The installation: home, settings, credentials, cache and catalog as one value.

The command line, Python, SQL, Dagster and notebooks all open it here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from media_assets.credentials import environment_storage
from media_assets.destinations import (
    DecidedBy,
    Destination,
    Named,
    ResolvedDestination,
    first_named,
    parse_destination,
    resolve_destination,
)
from media_assets.errors import CatalogNotedError, HomeNotFoundError
from media_assets.fetch import FetchLimits, parse_networks
from media_assets.home import Home, find_home, variable_of
from media_assets.limits import LIMIT_NAMES, Limits, check_limits
from media_assets.location_note import LocationNote
from media_assets.masking import redact_uri
from media_assets.media_types import MediaType
from media_assets.noted_credentials import NotedCredentials, keep_opened
from media_assets.object_options import (
    NONE,
    DestinationOptions,
    ObjectOptions,
    without_payer,
)
from media_assets.public_urls import PublicUrls
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.settings import BY_DESTINATION, Settings, choose_settings
from media_assets.storage_sources import StorageSources
from media_assets.stores.storage import Storage

if TYPE_CHECKING:
    from media_assets.columns import Column
    from media_assets.records.column_writer import ColumnWriter


@dataclass(frozen=True, slots=True)
class InCode:
    """The settings and credentials that code gives an installation.

    Attributes:
        settings: Values by the names of settings; None and empty ones count as not given.
        of_run: The names among these that come from run config.
        storage: Credentials.
        limits: Limits on uploads, for tables that set none; see `Limits`.
    """

    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    of_run: Collection[str] = ()
    storage: Storage = field(default_factory=Storage)
    limits: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Installation:
    """An opened installation.

    Attributes:
        home: Its home.
        settings: The settings that apply, and their sources.
        storage: The credentials given in code, else the environment's, else those that the
            providers' own clients find.
        reader: Reads any source and any stored file, through the cache.
        catalog: The catalog's root.
        limits: The limits on uploads that code gives, for tables that set none.
        options: How files are kept as objects, by destination.
    """

    home: Home
    settings: Settings
    storage: Storage
    reader: Reader
    catalog: CatalogRoot
    limits: Mapping[str, int]
    options: DestinationOptions

    @classmethod
    def open(cls, code: InCode, *, home: Home | None = None) -> "Installation":
        """Opens an installation with its code location's settings, without any request.

        Raises:
            HomeNotFoundError: There is no home.
            SettingError: A setting is invalid.
            SettingsFileError: The settings file is invalid.
            UnknownNameError: The settings file names a setting that does not exist.
            DestinationError: The catalog's location, or a storage source, cannot be parsed.
        """
        home = home or find_home()
        settings = choose_settings(home, code.settings, of_run=code.of_run)
        options = _options(settings)
        storage = replace(
            code.storage.or_else(environment_storage(home)), payers=tuple(options.payers)
        )
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
            public=_public_urls(settings),
        )
        root = CatalogRoot.open(
            catalog.value,
            storage=storage,
            copies=reader.cache,
            source=catalog.source,
            branch=settings.value("branch"),
        )
        return cls(home, settings, storage, reader, root, code.limits, options)

    @classmethod
    def open_noted(
        cls,
        *,
        catalog: str | None = None,
        storage: Storage | None = None,
        branch: str | None = None,
    ) -> "Installation":
        """Opens an installation without its code location, using the location's note in the home.

        The location is loaded only when its credentials are needed.

        Args:
            catalog: The catalog's location; by default the noted one, else that of the settings.
            storage: Credentials to use instead of the noted ones.
            branch: The branch to see; by default that of the settings.

        Raises:
            CatalogNotedError: `MEDIA_ASSETS_CATALOG` names another catalog than the note.
            HomeNotFoundError: There is no home. The other errors of `open` are raised as well.
        """
        home = find_home()
        note = LocationNote.read(home)
        if catalog is None:
            _check_same_catalog(home, note)
        else:
            parse_destination(catalog, source="the catalog's location")
        if storage is None and note.credentials:
            storage = Storage(elsewhere=NotedCredentials(home, note.credentials))
        settings = {**note.settings, "catalog": catalog or note.catalog, "branch": branch}
        return cls.open(InCode(settings, storage=storage or Storage()), home=home)

    def decide(self, table: str, column: "Column") -> ResolvedDestination | None:
        """Returns where a column's files go and who decided it.

        None for a value column, for a source column whose uploads stay in place, and for parts that
        are kept in their parents.

        Raises:
            DestinationError: The destination that applies cannot be understood, or is relative.
        """
        from media_assets.columns import ComputedColumn

        if not column.type.is_medium:
            return None
        is_computed = isinstance(column, ComputedColumn)
        if isinstance(column, ComputedColumn) and not column.is_stored:
            return None
        own = column.destination() if callable(column.destination) else column.destination
        local = Named(self.home.local_storage, DecidedBy.LOCAL_STORAGE, "local storage")
        return resolve_destination(
            Named(own, DecidedBy.COLUMN, f"column {table}/{column.name}") if own else None,
            self.settings.get("output_media_dest" if is_computed else "input_media_dest"),
            local if is_computed else None,
        )

    def options_of(
        self, table: str, column: "Column", destination: Destination | None
    ) -> ObjectOptions:
        """Returns how a column's files are kept: its own options, else the destination's.

        Raises:
            ObjectOptionError: The destination's provider does not know an option.
        """
        from media_assets.columns import ComputedColumn

        if destination is None:
            return NONE
        options = self.options.at(destination)
        if isinstance(column, ComputedColumn):
            options = column.object_options.or_else(options)
            options.check_known(destination, where=f"column {table}/{column.name}")
        return without_payer(options)

    def writer(
        self, table: str, column: "Column", partition: str, *, run_id: str, position: int
    ) -> "ColumnWriter":
        """Opens the writer of one column in one partition, with its destination decided."""
        from media_assets.columns import ComputedColumn
        from media_assets.records.column_writer import ColumnWriter
        from media_assets.records.manifests import Header

        resolved = self.decide(table, column)
        options = self.options_of(table, column, resolved.destination if resolved else None)
        header = Header(
            table=table,
            column=column.name,
            partition=partition,
            type=column.type,
            code_version=column.code_version,
            run_id=run_id,
            position=position,
            destination=resolved.destination.uri if resolved else None,
            decided_by=resolved.decided_by.value if resolved else None,
            inputs=column.reads,
        )
        publishes = isinstance(column, ComputedColumn) and column.publish is not None
        return ColumnWriter(
            self.catalog, header, resolved, self.storage, options, publishes=publishes
        )

    def limits_of(self, table: str, medium: MediaType, own: Mapping[str, int]) -> Limits:
        """Returns the limits on a table's files of a kind: its own, the code's, or the settings'.

        Raises:
            SettingError: A limit is unknown, or not a whole number of at least 1.
        """
        check_limits(self.limits, where="the IO manager")
        settings = [(name, self.settings.get(name)) for name in LIMIT_NAMES]
        return medium.limits.decide(
            [
                (f"`MediaTable({table!r}, limits=...)`", own),
                ("`limits` of the IO manager", self.limits),
                *(
                    (f"the {named.source}", {name: named.value})
                    for name, named in settings
                    if named is not None and named.decided_by is DecidedBy.SETTINGS_FILE
                ),
            ],
            self.home.variable,
        )


def note_location(
    installation: Installation,
    code: InCode,
    *,
    module_name: str | None = None,
    python_file: Path | None = None,
) -> None:
    """Notes in the home the catalog of a code location, and what else readers need of it.

    If it names none and gives neither credentials nor settings of reading, any note is deleted. A
    run whose config names one of these hides those of the code, so it notes nothing.

    Args:
        installation: The installation opened with the code.
        code: The settings and credentials of the code.
        module_name: The module from which the location was loaded, if any.
        python_file: The file from which it was loaded, if any.
    """
    if code.storage.providers:
        keep_opened(installation.home, installation.storage)
    if {"catalog", *_OF_READING, *code.storage.providers} & {*code.of_run}:
        return
    before = LocationNote.read(installation.home)
    settings = installation.settings.named.items()
    in_code = {name: one.value for name, one in settings if one.decided_by is DecidedBy.CODE}
    LocationNote(
        catalog=installation.catalog.destination.uri if "catalog" in in_code else None,
        credentials=code.storage.providers,
        module_name=module_name or before.module_name,
        python_file=str(python_file.resolve()) if python_file else before.python_file,
        settings={name: _in_json(in_code[name]) for name in _OF_READING if name in in_code},
    ).write(installation.home)


def open_reader(storage: Storage | None = None) -> Reader:
    """Returns the reader of the noted installation, else one using only the environment.

    Args:
        storage: Credentials that win over the environment's.

    Raises:
        SettingError: A setting is invalid.
    """
    try:
        return Installation.open_noted(storage=storage).reader
    except HomeNotFoundError:
        return Reader((storage or Storage()).or_else(environment_storage()))


_OF_READING = ("allow_networks", "storage_sources", "cache_bytes", *BY_DESTINATION)
"""The settings that readers need, besides the catalog."""


def _in_json(value: object) -> object:
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def _sources(settings: Settings) -> tuple[Destination, ...]:
    named = settings.get("storage_sources")
    if named is None:
        return ()
    return tuple(parse_destination(text, source=named.source) for text in named.value)


def _check_same_catalog(home: Home, note: LocationNote) -> None:
    """Raises an error if the environment variable names another catalog than the code location."""
    variable = variable_of("catalog")
    text = home.variable(variable)
    if note.catalog is None or text is None:
        return
    named = parse_destination(text, source=f"environment variable {variable}").uri
    if named != note.catalog:
        raise CatalogNotedError(
            redact_uri(named), variable=variable, noted=note.catalog, note=LocationNote.path(home)
        )


def _options(settings: Settings) -> DestinationOptions:
    named = settings.get("object_options")
    if named is None:
        return DestinationOptions()
    return DestinationOptions.of(named.value, source=named.source)


def _public_urls(settings: Settings) -> PublicUrls:
    named = settings.get("public_urls")
    return PublicUrls() if named is None else PublicUrls.of(named.value, source=named.source)
