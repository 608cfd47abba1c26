"""The IO manager: the one place that decides where a column's files go."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import dagster as dg
from PIL import Image
from pydantic import Field, PrivateAttr

from media_assets import metadata
from media_assets.columns import Column, ComputedColumn
from media_assets.destinations import ResolvedDestination, resolve_destination
from media_assets.errors import InputMissingError, InputTypeError
from media_assets.fan_out.resource import FanOut
from media_assets.home import INPUT_VARIABLE, OUTPUT_VARIABLE, Home, find_home
from media_assets.partitioning import UNPARTITIONED
from media_assets.values import ColumnType

if TYPE_CHECKING:
    from media_assets.images.limits import ImageLimits
    from media_assets.pipeline import Plan, RowPlan, RowResult
    from media_assets.reading import Reader
    from media_assets.records.column_writer import ColumnWriter
    from media_assets.records.ledger import CatalogRoot
    from media_assets.records.manifests import Manifest
    from media_assets.stores.storage import Storage


def _not_given() -> None:
    """A default that Dagster cannot see, so that it never stands in for a value given in code.

    Run config that sets one field would else turn all others back to their defaults.
    """


# Without its type argument: pydantic would turn a resource into the bare class that is named.
Resource: TypeAlias = dg.ConfigurableResource  # pyright: ignore[reportMissingTypeArgument]

_PROVIDERS = ("s3", "gcs", "azure", "r2", "b2", "tigris")


class MediaIOManager(dg.ConfigurableIOManager):
    """Puts every file where the rules say, and records it in the catalog.

    A column's own destination wins over run config's global, that over the environment's, and
    that over local storage. Run config overrides the values given in code, each on its own.
    """

    output_media_dest: str | None = Field(
        default_factory=_not_given,
        description="Where computed columns' files go that name no destination of their own. "
        "An absolute path or a URI prefix such as s3://bucket/prefix/.",
    )
    input_media_dest: str | None = Field(
        default_factory=_not_given,
        description="Where uploads are kept. Without it they stay where they are.",
    )
    catalog: str | None = Field(
        default_factory=_not_given,
        description="The catalog's root. MEDIA_ASSETS_CATALOG, or media/catalog below "
        "DAGSTER_HOME, by default.",
    )

    allow_networks: list[str] = Field(
        default_factory=list,
        description="Private networks whose hosts may be asked for http(s) sources, such as "
        "10.1.0.0/16. MEDIA_ASSETS_ALLOW_NETWORKS by default; without any, only public addresses "
        "are.",
    )
    image_limits: dict[str, int] = Field(
        default_factory=dict,
        description="What uploaded images may be where a table does not say: max_pixels, "
        "max_bytes, max_frames. MEDIA_ASSETS_MAX_PIXELS and so on by default.",
    )
    preview: bool | None = Field(
        default_factory=_not_given,
        description="Whether a materialization of images shows a contact sheet of its first ones. "
        "It does by default; False keeps all pictures out of Dagster's event log.",
    )
    s3: Resource | None = None
    gcs: Resource | None = None
    azure: Resource | None = None
    r2: Resource | None = None
    b2: Resource | None = None
    tigris: Resource | None = None
    fan_out: Resource | None = None

    _home: Home | None = PrivateAttr(default=None)
    _storage: "Storage | None" = PrivateAttr(default=None)

    @property
    def home(self) -> Home:
        """Where this installation keeps its state."""
        if self._home is None:
            self._home = find_home()
        return self._home

    @property
    def storage(self) -> "Storage":
        """What it takes to reach every kind of storage, from the resources of this manager.

        A resource in a field of a subclass is a further endpoint of the S3 protocol.
        """
        if self._storage is None:
            from media_assets.resources import storage_from

            given: dict[str, Any] = {
                name: value
                for name in type(self).model_fields
                if isinstance(value := getattr(self, name), dg.ConfigurableResource)
                and not isinstance(value, FanOut)
            }
            known: dict[str, Any] = {name: given.pop(name) for name in _PROVIDERS if name in given}
            self._storage = storage_from(**known, endpoints=given)
        return self._storage

    @property
    def reader(self) -> "Reader":
        """What it takes to read any source and any stored file.

        Raises:
            SettingError: `allow_networks` or the size of the cache cannot be understood.
        """
        from media_assets.fetch import FetchLimits, parse_networks
        from media_assets.reading import Reader

        networks = parse_networks(self.allow_networks or self.home.allow_networks)
        return Reader(
            self.storage,
            FetchLimits(allow_networks=networks),
            cache_folder=self.home.cache,
            cache_bytes=self.home.cache_bytes,
        )

    def limits_of(self, table: str, own: Mapping[str, int]) -> "ImageLimits":
        """Returns what an image of a table may be: by the table, this manager, or the settings.

        Raises:
            SettingError: A limit is unknown, or no whole number from 1 on.
        """
        from media_assets.images.limits import check_limits, decided_limits

        check_limits(self.image_limits, where="of the IO manager")
        return decided_limits(
            [
                (f"`MediaTable({table!r}, image_limits=...)`", own),
                ("`image_limits` of the IO manager", self.image_limits),
            ],
            self.home.setting,
        )

    def run_rows(self, plan: "Plan", rows: Iterable["RowPlan"]) -> Iterator["RowResult"]:
        """Makes the cells of rows where `fan_out` says; on this machine by default.

        Raises:
            StoreFaultError: A destination takes no files. Rows yielded so far are complete.
        """
        where = self.fan_out if isinstance(self.fan_out, FanOut) else FanOut()
        return where.run(plan, rows)

    def catalog_root(self) -> "CatalogRoot":
        """Opens the catalog.

        Raises:
            DestinationError: Its location cannot be understood.
        """
        from media_assets.records.ledger import CatalogRoot

        location = self.catalog or self.home.catalog
        return CatalogRoot.open(location, storage=self.storage, copies=self.reader.cache)

    def decide(self, table: str, column: Column) -> ResolvedDestination | None:
        """Returns where a column's files go and who decides it.

        None for a value column, and for a source column whose uploads stay in place.

        Raises:
            DestinationError: The destination that applies cannot be understood, or is relative.
        """
        if column.type is not ColumnType.IMAGE:
            return None
        is_computed = isinstance(column, ComputedColumn)
        own = column.destination() if callable(column.destination) else column.destination
        variable = OUTPUT_VARIABLE if is_computed else INPUT_VARIABLE
        return resolve_destination(
            column=own or None,
            run_config=(self.output_media_dest if is_computed else self.input_media_dest) or None,
            environment=self.home.setting(variable),
            local_storage=self.home.local_storage if is_computed else None,
            column_source=f"column {table}/{column.name}",
            setting="output_media_dest" if is_computed else "input_media_dest",
        )

    def writer(
        self, table: str, column: Column, partition: str, *, run_id: str, position: int
    ) -> "ColumnWriter":
        """Opens the writer of one column in one partition, its destination decided."""
        from media_assets.records.column_writer import ColumnWriter
        from media_assets.records.manifests import Header

        resolved = self.decide(table, column)
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
            inputs=column.inputs,
        )
        return ColumnWriter(self.catalog_root(), header, resolved, self.storage)

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:  # noqa: ANN401  Dagster's
        """Attaches a committed column's metadata; stores what an asset outside tables returned.

        Such an asset returns one image, a mapping of row to image, or an iterable of pairs.

        Raises:
            OutputTypeError: It returned something else.
            DestinationError: Its `media_assets/destination` cannot be understood.
        """
        from media_assets.loose_assets import LooseAsset, write_images
        from media_assets.made_column import MadeColumn

        if isinstance(obj, MadeColumn):
            output = obj.output
        else:
            asset = LooseAsset.of(context)
            writer = self.writer(
                asset.table, asset.column, asset.partition, run_id=context.run_id, position=0
            )
            output = write_images(asset, obj, writer, run_id=context.run_id, reader=self.reader)
        context.add_output_metadata(self.metadata_of(output))

    def metadata_of(self, output: metadata.ColumnOutput) -> dict[str, dg.MetadataValue]:
        """Returns what Dagster shows of a committed column, its contact sheet included."""
        from media_assets.preview import contact_sheet

        manifest, made = output.committed.manifest, output.committed.made
        is_shown = self.preview is not False and made and manifest.header.type is ColumnType.IMAGE
        sheet = contact_sheet(manifest, self.reader) if is_shown else None
        return metadata.materialization_metadata(output, sheet=sheet)

    def load_input(self, context: dg.InputContext) -> Any:  # noqa: ANN401  Dagster's
        """Loads a column for a downstream asset, as its annotation says.

        `Image.Image` for the image of a column with one row, `pandas.DataFrame` for a line per
        row; else a lazy `MediaColumn`. Several partitions are one column.

        Raises:
            InputMissingError: Nothing of it was materialized.
            InputTypeError: A column of several rows, or a value column, was asked for as an image.
        """
        from media_assets.media_column import MediaColumn

        column = MediaColumn(self._manifests(context), self.reader)
        wanted = context.dagster_type.typing_type
        if _is_data_frame(wanted):
            return column.to_pandas()
        if wanted is not Image.Image:
            return column
        if len(column.fileurl) != 1:
            name = context.asset_key.to_user_string()
            raise InputTypeError(name, images=len(column.fileurl), rows=len(column))
        return column.open(next(iter(column.fileurl)))

    def _manifests(self, context: dg.InputContext) -> "list[Manifest]":
        """What stands in each partition that the input stands for, oldest first."""
        from media_assets.loose_assets import LooseAsset
        from media_assets.media_column import live_manifests

        has_partitions = context.has_asset_partitions
        keys = sorted(context.asset_partition_keys) if has_partitions else [UNPARTITIONED]
        *parents, name = context.asset_key.path
        places = [("/".join(parents), name), ("/".join([*parents, name]), LooseAsset.COLUMN)]
        upstream = context.upstream_output
        if upstream is not None and metadata.TABLE not in upstream.definition_metadata:
            # Nor does an asset of another code location say whether a table has it.
            places.reverse()
        root = self.catalog_root()
        for table, column in places:
            if found := live_manifests(root, table, column, keys):
                return found
        if keys:
            asset = context.asset_key.to_user_string()
            raise InputMissingError(asset, partitions=keys if has_partitions else ())
        return []


def _is_data_frame(wanted: object) -> bool:
    """Whether an annotation is `pandas.DataFrame`; whoever wrote that has imported pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and wanted is pandas.DataFrame
