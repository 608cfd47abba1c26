"""The IO manager: Dagster's adapter to an installation."""

import sys
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import dagster as dg
from pydantic import Field, PrivateAttr

from media_assets import metadata
from media_assets.errors import AssetNotMaterializedError, InputTypeError
from media_assets.fan_out.resource import FanOut
from media_assets.home import BRANCH_VARIABLE, Home, find_home
from media_assets.instances import check_instance
from media_assets.media_types import medium_of_class
from media_assets.partitioning import UNPARTITIONED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from media_assets.installation import InCode, Installation
    from media_assets.records.manifests import Manifest
    from media_assets.stores.storage import Storage


def _not_given() -> None:
    """A default that Dagster cannot see, so that it never overrides a value given in code.

    Otherwise, run config that sets one field would reset all others to their defaults.
    """


# No type argument: pydantic would turn a resource into the bare class named there.
Resource: TypeAlias = dg.ConfigurableResource  # pyright: ignore[reportMissingTypeArgument]

_PROVIDERS = ("s3", "gcs", "azure", "r2", "b2", "tigris")


class MediaIOManager(dg.ConfigurableIOManager):
    """Puts every file where the rules say, and records it in the catalog.

    A column's own destination comes first, then the global one from run config, from code, from
    the environment and from the settings file; by default, files go to local storage.
    """

    output_media_dest: str | None = Field(
        default_factory=_not_given,
        description="The destination of computed columns that do not name their own: an absolute "
        "path, or a URI prefix such as s3://bucket/prefix/.",
    )
    input_media_dest: str | None = Field(
        default_factory=_not_given,
        description="Where uploads are copied to. By default, they stay where they are.",
    )
    catalog: str | None = Field(
        default_factory=_not_given,
        description="The catalog's location. Default: MEDIA_ASSETS_CATALOG, or media/catalog in "
        "DAGSTER_HOME.",
    )

    allow_networks: list[str] = Field(
        default_factory=list,
        description="Private networks from which http(s) sources may be fetched, such as "
        "10.1.0.0/16. Default: MEDIA_ASSETS_ALLOW_NETWORKS; if unset, only public addresses are "
        "allowed.",
    )
    limits: dict[str, int] = Field(
        default_factory=dict,
        description="Limits on uploads for tables that set none: max_pixels, max_bytes, "
        "max_seconds, ... Default: MEDIA_ASSETS_MAX_PIXELS and so on.",
    )
    storage_sources: list[str] = Field(
        default_factory=list,
        description="Prefixes of https addresses that are storage and are read with its keys, "
        "such as https://minio.example.com/photos/. Default: MEDIA_ASSETS_STORAGE_SOURCES.",
    )
    cache_bytes: int | None = Field(
        default_factory=_not_given,
        description="The size limit of the cache of remote files in bytes, 0 for no cache. "
        "Default: MEDIA_ASSETS_CACHE_BYTES, or a fifth of the free disk space.",
    )
    preview: bool | None = Field(
        default_factory=_not_given,
        description="Whether materializations of files show a contact sheet of the first ones. "
        "Default: true. Set it to false to keep all pictures out of Dagster's event log.",
    )
    public_urls: dict[str, str] = Field(
        default_factory=dict,
        description="Where others read the files below a destination, by destination: the base URL "
        "of a CDN, or a template with {key} or {fileurl}. Default: MEDIA_ASSETS_PUBLIC_URLS.",
    )
    object_options: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="How files are kept as objects, by destination: cache_control, "
        "content_disposition, metadata, storage_class, encryption, kms_key, requester_pays. "
        "Default: MEDIA_ASSETS_OBJECT_OPTIONS.",
    )
    s3: Resource | None = None
    gcs: Resource | None = None
    azure: Resource | None = None
    r2: Resource | None = None
    b2: Resource | None = None
    tigris: Resource | None = None
    fan_out: Resource | None = None

    _of_run: frozenset[str] = PrivateAttr(default=frozenset())

    def get_resource_definition(self) -> Any:  # noqa: ANN401  Dagster has no public name for it
        """Returns Dagster's definition of this resource, with the current global settings."""
        return dg.ConfigurableIOManager.get_resource_definition(self.as_shown)

    @cached_property
    def as_shown(self) -> "MediaIOManager":
        """This manager, with a class whose descriptions show the current global settings."""
        from media_assets.globals_in_force import shown_class
        from media_assets.settings import SETTINGS

        given = {name: getattr(self, name) for name in SETTINGS if name in type(self).model_fields}
        shown = shown_class(type(self), given)
        return shown(**{name: getattr(self, name) for name in self.model_fields_set})

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Reads the fields set in run config, and notes in the home what is set in code.

        Raises:
            BranchRunError: The run would write to a branch, and is recorded as main's.
        """
        self._of_run = _fields_in_run_config(context)
        if context.instance is not None:
            check_instance(context.instance, self.installation)
        self.note_location()

    @cached_property  # unlike a private attribute, it is ignored when managers are compared
    def opened(self) -> "dict[tuple[Home, str | None], Installation]":
        """The installation of each home and branch that this process has had; mostly one."""
        return {}

    @property
    def installation(self) -> "Installation":
        """The installation with settings from code and run config, opened once.

        For another home or branch, it is opened again.

        Raises:
            HomeNotFoundError: There is no home.
            SettingError: A setting cannot be used.
            DestinationError: The catalog's location cannot be understood.
        """
        from media_assets.installation import Installation

        home = self.find_home()
        of_branch = home, home.variable(BRANCH_VARIABLE)
        if of_branch not in self.opened:
            self.opened[of_branch] = Installation.open(self._in_code(home), home=home)
        return self.opened[of_branch]

    def find_home(self) -> Home:
        """Returns the home whose installation this is.

        Raises:
            HomeNotFoundError: There is none.
        """
        return find_home()

    @property
    def storage(self) -> "Storage":
        """Access to every kind of storage."""
        return self.installation.storage

    def note_location(
        self, *, module_name: str | None = None, python_file: Path | None = None
    ) -> None:
        """Notes in the home what this manager sets in code; see `installation.note_location`."""
        from media_assets.installation import note_location

        code = self._in_code(self.installation.home)
        note_location(self.installation, code, module_name=module_name, python_file=python_file)

    def _in_code(self, home: Home) -> "InCode":
        """The settings among the fields, and the credentials of its resources.

        A resource in a field of a subclass is another endpoint of the S3 protocol. Outside of
        runs, Dagster does not resolve `dg.EnvVar`, so it is done here.
        """
        from media_assets.installation import InCode
        from media_assets.resources import resolve_variable, storage_from
        from media_assets.settings import SETTINGS

        fields = type(self).model_fields
        resources: dict[str, Any] = {
            name: value
            for name in fields
            if isinstance(value := getattr(self, name), dg.ConfigurableResource)
            and not isinstance(value, FanOut)
        }
        known: dict[str, Any] = {n: resources.pop(n) for n in _PROVIDERS if n in resources}
        named = {name: getattr(self, name) for name in SETTINGS if name in fields}
        return InCode(
            settings={
                name: resolve_variable(value, home.variable) for name, value in named.items()
            },
            of_run=self._of_run,
            storage=storage_from(**known, endpoints=resources, variable=home.variable),
            limits=self.limits,
        )

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:  # noqa: ANN401  Dagster's
        """Stores what a standalone asset returned; the columns of tables are committed already.

        Such an asset returns one image, video, ... or `Path` of a file, a mapping of row to such,
        or an iterable of pairs.

        Raises:
            OutputTypeError: It returned anything else.
            DestinationError: Its `media_assets/destination` cannot be understood.
        """
        from media_assets.made_column import MadeColumn
        from media_assets.standalone_assets import StandaloneAsset, write_files

        if isinstance(obj, MadeColumn):
            return
        asset = StandaloneAsset.of(context, obj)
        writer = self.installation.writer(
            asset.table, asset.column, asset.partition, run_id=context.run_id, position=0
        )
        output = write_files(
            asset,
            writer,
            run_id=context.run_id,
            reader=self.installation.reader,
            limits=self.installation.limits_of(asset.table, asset.medium, {}),
        )
        context.add_output_metadata(self.metadata_of(output))

    def metadata_of(self, output: metadata.ColumnOutput) -> dict[str, dg.MetadataValue]:
        """Returns the metadata that Dagster shows of a committed column, with its contact sheet."""
        from media_assets.preview import contact_sheet

        manifest = output.committed.manifest
        is_shown = self.preview is not False and manifest.header.type.is_medium
        sheet = contact_sheet(manifest, self.installation.reader) if is_shown else None
        return metadata.materialization_metadata(output, sheet=sheet)

    def load_input(self, context: dg.InputContext) -> Any:  # noqa: ANN401  Dagster's
        """Loads a column for a downstream asset, according to its annotation.

        `Image.Image`, `ma.Video`, ... load the file of a column with one row, `pandas.DataFrame` a
        line per row; anything else a lazy `MediaColumn`. Several partitions are loaded as one.

        Raises:
            AssetNotMaterializedError: It was never materialized.
            InputTypeError: A file was requested of a value column, or of several rows.
        """
        from media_assets.media_column import MediaColumn

        column = MediaColumn(self._manifests(context), self.installation.reader)
        wanted = context.dagster_type.typing_type
        if _is_data_frame(wanted):
            return column.to_pandas()
        medium = medium_of_class(wanted) if isinstance(wanted, type) else None
        if medium is None:
            return column
        if len(column.fileurl) != 1 or column.type is not medium.type:
            name = context.asset_key.to_user_string()
            raise InputTypeError(
                name,
                wanted=medium.name,
                held=column.type,
                files=len(column.fileurl),
                rows=len(column),
            )
        return column.open(next(iter(column.fileurl)))

    def _manifests(self, context: dg.InputContext) -> "list[Manifest]":
        """Returns the manifest of each partition of the input, oldest first.

        Who loads an asset of partitions outside of a run, and names none, gets all that it has.
        """
        from media_assets.catalog.live_manifests import live_manifests
        from media_assets.standalone_assets import live_contents
        from media_assets.uploads.stored_table import StoredTable

        has_partitions = context.has_asset_partitions
        keys = sorted(context.asset_partition_keys) if has_partitions else [UNPARTITIONED]
        *parents, name = context.asset_key.path
        root = self.installation.catalog
        readers = [partial(live_contents, root, "/".join(context.asset_key.path))]
        if parents:
            table = StoredTable(root, "/".join(parents))
            readers.insert(0, partial(live_manifests, table, name))
        upstream = context.upstream_output
        if upstream is not None and metadata.TABLE not in upstream.definition_metadata:
            # An asset of another code location also does not say whether a table has it.
            readers.reverse()
        for partitions in (keys,) if has_partitions else (keys, None):
            for read in readers:
                if found := read(partitions):
                    return found
        if keys:
            raise AssetNotMaterializedError(
                context.asset_key.to_user_string(), partitions=keys if has_partitions else ()
            )
        return []


def _fields_in_run_config(context: dg.InitResourceContext) -> frozenset[str]:
    """The fields that run config sets on the IO manager, whatever its resource key is."""
    if context.run is None:
        return frozenset()
    given = context.run.run_config.get("resources")
    resources = cast("Mapping[str, Mapping[str, Any]]", given or {})
    names: set[str] = set()
    for key, definition in context.all_resource_defs.items():
        if definition is context.resource_def and key in resources:
            names |= set(resources[key].get("config") or ())
    return frozenset(names)


def _is_data_frame(wanted: object) -> bool:
    """Whether an annotation is `pandas.DataFrame`; if it is, pandas has been imported."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and wanted is pandas.DataFrame
