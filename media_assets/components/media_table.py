"""`MediaTableComponent`: a table of transforms and row functions in YAML, for `dg`."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import dagster as dg
from pydantic import ConfigDict, Field

from media_assets.build import build_defs, table_defs
from media_assets.columns import RETRY_DELAY, value_types
from media_assets.components.partitions import DimensionsModel, PartitionsModel
from media_assets.components.ready_functions import (
    Transform,
    import_errors,
    import_function,
    ready_function,
    ready_splitter,
    ready_version,
)
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.partitioning import BY_UPLOADS, PartitionOf
from media_assets.split import Splitter
from media_assets.split.functions import splitter_of
from media_assets.tables.derived import MAX_PARTS
from media_assets.tables.table import (
    GATHER_SECONDS,
    NIGHTLY,
    ROWS_PER_PARTITION,
    SEVERE_ERROR_SHARE,
    MediaTable,
)

_EXAMPLE = """\
type: {type_name}
attributes:
  name: {name}
  columns:
    - name: thumbnail
      transform: thumbnail
      options:
        size: [128, 128]
"""


class TableScaffolder(dg.Scaffolder):
    """Writes a `defs.yaml` with one column for `dg scaffold defs`."""

    def scaffold(self, request: dg.ScaffoldRequest) -> None:
        """Writes the file into the requested folder."""
        folder = Path(request.target_path)
        folder.mkdir(parents=True, exist_ok=True)
        text = _EXAMPLE.format(type_name=request.type_name, name=folder.name)
        (folder / "defs.yaml").write_text(text, encoding="utf-8")


class ColumnModel(dg.Resolvable, dg.Model):
    """A computed column: a transform of one other column, or a row function of your own."""

    # Dagster's automation conditions are not pydantic models.
    model_config = ConfigDict(arbitrary_types_allowed=True)

    transform: Annotated[
        Transform | None, Field(description="A transform of media_assets.transforms.")
    ] = None
    function: Annotated[
        str | None,
        Field(description="Or a row function, as module and name: shop.functions.toned."),
    ] = None
    name: Annotated[
        str | None, Field(description="The column's name. Default: the transform's name.")
    ] = None
    reads: Annotated[
        str | None, Field(description="The column that it reads. Default: the source column.")
    ] = None
    options: Annotated[
        Mapping[str, Any] | None, Field(description="The transform's arguments, by name.")
    ] = None
    destination: Annotated[
        str | None, Field(description="Where its files go, whatever the global destination.")
    ] = None
    object_options: Annotated[
        Mapping[str, Any] | None,
        Field(description="How its files are kept as objects: cache_control, metadata, ..."),
    ] = None
    publish: Annotated[
        str | None, Field(description="A readable address of each file: thumbs/{row_stem}.webp.")
    ] = None
    format: Annotated[
        str | None, Field(description="The file format, such as webp, mp4 or wav.")
    ] = None
    save_options: Annotated[
        Mapping[str, Any] | None, Field(description="Options for writing this format.")
    ] = None
    keep_metadata: Annotated[
        list[str] | None,
        Field(description="Facts of the source photo that files keep: copyright, taken_at, ..."),
    ] = None
    animated: Annotated[
        bool, Field(description="The transform is applied to all frames, and they are written.")
    ] = False
    code_version: Annotated[
        str | None,
        Field(description="Your own. Default: derived from the transform and its options."),
    ] = None
    row_timeout: Annotated[
        float | None, Field(description="Time limit per row in seconds. Default: the table's.")
    ] = None
    max_concurrency: Annotated[
        int | None, Field(description="Maximum number of calls at the same time in one process.")
    ] = None
    max_retries: Annotated[
        int, Field(description="How often a call is repeated after the errors in retry_on.")
    ] = 0
    retry_on: Annotated[
        str | list[str] | None,
        Field(description="The errors: ConnectionError, httpx.HTTPError, or several."),
    ] = None
    retry_delay: Annotated[
        float, Field(description="Seconds before the first repetition; they double each time.")
    ] = RETRY_DELAY
    rate_limit: Annotated[
        str | None, Field(description="Calls that may start within a time: 60/min, 5/s, 1000/h.")
    ] = None
    where: Annotated[
        str | None,
        Field(description="SQL over values of the row; the cell is null where it is not true."),
    ] = None
    ins: Annotated[
        Mapping[str, str] | None,
        Field(description="Assets whose values are passed to the function, as parameter: key."),
    ] = None
    description: str | None = None
    owners: list[str] | None = None
    tags: Mapping[str, str] | None = None
    kinds: list[str] | None = None
    automation_condition: Annotated[
        dg.AutomationCondition[Any] | None, dg.Resolver.default(model_field_type=str | None)
    ] = None

    def add_to(self, table: MediaTable) -> None:
        """Declares the column.

        Raises:
            DeclarationError: An option does not fit the transform, or the column does not fit
                the table.
        """
        function, code_version = self._function(table)
        table.computed_column(
            name=self.name if self.function else None,
            destination=self.destination,
            object_options=self.object_options,
            publish=self.publish,
            format=self.format,
            save_options=self.save_options,
            keep_metadata=self.keep_metadata or (),
            animated=self.animated,
            code_version=self.code_version or code_version,
            row_timeout=self.row_timeout,
            max_concurrency=self.max_concurrency,
            max_retries=self.max_retries,
            retry_on=import_errors(self.retry_on),
            retry_delay=self.retry_delay,
            rate_limit=self.rate_limit,
            where=self.where,
            ins=self.ins,
            automation_condition=self.automation_condition,
            description=self.description,
            owners=self.owners,
            tags=self.tags,
            kinds=None if self.kinds is None else set(self.kinds),
        )(function)

    def _function(self, table: MediaTable) -> tuple[Callable[..., object], str | None]:
        """The row function, and its code version if its source does not determine it."""
        name, options = self.name or self.transform or "", self.options or {}
        if self.transform is not None and self.function is None:
            reads = self.reads or table.source.name
            is_derived = reads != table.source.name
            made = ready_function(
                self.transform,
                options,
                column=name,
                reads=reads,
                passes_null=is_derived,
                animated=self.animated,
            )
            return made, ready_version(self.transform, options)
        if self.transform is not None or self.function is None or self.reads or self.options:
            raise DeclarationError(
                what=f"Column {self.name or self.transform or self.function!r} of table "
                f"{table.name!r} has transform={self.transform!r}, function={self.function!r}, "
                f"reads={self.reads!r} and options={self.options!r}.",
                accepted="Either `transform`, with `reads` and `options`; or `function` alone, "
                "whose parameters name the columns that it reads.",
                fix="Drop one of them.",
            )
        return import_function(self.function), None


class DerivedTableModel(dg.Resolvable, dg.Model):
    """A table made from the rows of another: frames of videos, pages of documents, tiles."""

    name: Annotated[str, Field(description="Its name below that of the table it is made from.")]
    columns: list[ColumnModel] = Field(default_factory=list[ColumnModel])
    split: Annotated[
        Literal["frames", "pages", "tiles", "segments", "renditions"] | None,
        Field(description="A splitter of media_assets.split."),
    ] = None
    options: Annotated[
        Mapping[str, Any] | None, Field(description="The splitter's arguments, by name.")
    ] = None
    function: Annotated[
        str | None,
        Field(description="Or a function that yields the parts, as module and name."),
    ] = None
    source: Annotated[
        str | None, Field(description="The column of the parts. Default: frame, page, tile, ...")
    ] = None
    destination: Annotated[str | None, Field(description="Where the parts' files go.")] = None
    format: Annotated[str | None, Field(description="The format of the parts' files.")] = None
    save_options: Annotated[
        Mapping[str, Any] | None, Field(description="Options for writing this format.")
    ] = None
    object_options: Annotated[
        Mapping[str, Any] | None,
        Field(description="How its files are kept as objects: cache_control, metadata, ..."),
    ] = None
    publish: Annotated[
        str | None, Field(description="A readable address of each file: web/{row_stem}.webp.")
    ] = None
    stored: Annotated[
        bool | None,
        Field(description="false keeps the parts in the files of their parents. Default: true."),
    ] = None
    where: Annotated[
        str | None, Field(description="SQL over values of a row: which rows are split.")
    ] = None
    max_parts: int = MAX_PARTS
    code_version: Annotated[
        str | None, Field(description="Your own, of a function. Default: derived from its source.")
    ] = None
    description: str | None = None
    pool: str | None = None
    of: Annotated[
        str | None,
        Field(description="An earlier derived table that it is made from. Default: the table."),
    ] = None

    def add_to(self, table: MediaTable) -> None:
        """Declares the table and its columns.

        Raises:
            DeclarationError: Part of it cannot be used; the message says what to write.
            UnknownNameError: There is no derived table of the name in `of`.
        """
        parent = self._parent(table)
        derived = parent.derived_table(
            self.name,
            self._splitter(parent),
            source=self.source,
            destination=self.destination,
            format=self.format,
            save_options=self.save_options,
            object_options=self.object_options,
            publish=self.publish,
            stored=self.stored,
            where=self.where,
            max_parts=self.max_parts,
            description=self.description,
            pool=self.pool,
        )
        for column in self.columns:
            column.add_to(derived)

    def _parent(self, table: MediaTable) -> MediaTable:
        known = {each.name.removeprefix(f"{table.name}/"): each for each in table.all_derived}
        if self.of is None or self.of in known:
            return table if self.of is None else known[self.of]
        where = f"derived from {table.name!r}, before {self.name!r}"
        raise UnknownNameError(kind="table", name=self.of, known=known, where=where)

    def _splitter(self, parent: MediaTable) -> Splitter:
        if (self.split is None) == (self.function is None) or (self.function and self.options):
            raise DeclarationError(
                what=f"Derived table {self.name!r} of {parent.name!r} has split={self.split!r}, "
                f"function={self.function!r} and options={self.options!r}.",
                accepted="Either `split` with `options`, or `function` alone.",
                fix="Drop one of them.",
            )
        if self.function is not None:
            function = import_function(self.function)
            return splitter_of(function, name=self.name, code_version=self.code_version)
        return ready_splitter(self.split or "", self.options or {}, table=self.name)


@dg.scaffold_with(TableScaffolder)
class MediaTableComponent(dg.Component, dg.Resolvable, dg.Model):
    """A table of transforms and row functions, with the same assets as one declared in Python."""

    name: Annotated[str, Field(description="The table's name. It may be a path: team/photos.")]
    columns: list[ColumnModel]
    derived: Annotated[
        list[DerivedTableModel],
        Field(description="Tables made from its rows: frames, pages, tiles, ..."),
    ] = Field(default_factory=list[DerivedTableModel])
    uploads: Annotated[
        str | None, Field(description="The folder or prefix that is searched for new files.")
    ] = None
    media: Annotated[
        str, Field(description="What the uploads are: image, video, audio or document.")
    ] = "image"
    source: Annotated[
        str | None,
        Field(description="The column of the uploads. Default: source_image, source_video, ..."),
    ] = None
    destination: Annotated[
        str | None, Field(description="Where uploads are copied to. Default: they stay in place.")
    ] = None
    description: str | None = None
    values: Annotated[
        Mapping[str, str] | None,
        Field(description="What is given with each row: a name and its type: str, date | None."),
    ] = None
    rows_per_partition: int = ROWS_PER_PARTITION
    gather_seconds: float = GATHER_SECONDS
    uploads_order: Literal["any", "growing"] = "any"
    storage_sources: Annotated[
        list[str] | None,
        Field(description="https prefixes that are read as storage, with the storage's keys."),
    ] = None
    name_by: Annotated[
        str | None, Field(description="How rows are named: path, url, stem, or a template of them.")
    ] = None
    change_time: bool = True
    follow_links: Annotated[
        bool, Field(description="Follow links in the uploads folder, wherever they lead.")
    ] = False
    limits: Annotated[
        Mapping[str, int] | None,
        Field(description="Limits on uploads by name: max_bytes, max_pixels, max_seconds, ..."),
    ] = None
    truncated: Annotated[
        Literal["error", "keep"],
        Field(description="Images that end early: an error, or kept as far as they go."),
    ] = "error"
    nightly: Annotated[
        str | None, Field(description="Cron schedule of maintenance, in UTC; null for none.")
    ] = NIGHTLY
    automation: bool | Literal["code_version"] = False
    pool: str | None = None
    severe_error_share: float = SEVERE_ERROR_SHARE
    row_timeout: Annotated[
        float | None, Field(description="Time limit of a row function per row, in seconds.")
    ] = None
    owners: list[str] | None = None
    tags: Mapping[str, str] | None = None
    kinds: list[str] | None = None
    partitions: Annotated[
        PartitionsModel | DimensionsModel | None,
        Field(
            description="Default: partitions of uploads. With others, `uploads` contains "
            "{partition_key}, or the name of each dimension in braces."
        ),
    ] = None
    partition_of: Annotated[
        str | None,
        Field(
            description="Or a function that returns a row's partition by its name, as module and "
            "name: shop.functions.camera_of."
        ),
    ] = None
    retries: Annotated[
        int | None, Field(description="How often a failed step is retried, as in RetryPolicy.")
    ] = None
    partitions_per_run: Annotated[
        int | Literal["all"] | None,
        Field(description="How many partitions one run of a backfill makes. Default: one."),
    ] = None
    group_name: str | None = None
    op_tags: Mapping[str, str] | None = None
    run_tags: Mapping[str, str] | None = None
    io_manager: Annotated[
        bool,
        Field(description="Set to false if your project defines `media_io_manager` itself."),
    ] = True

    def table(self) -> MediaTable:
        """Returns the table, as if declared in Python.

        Raises:
            DeclarationError: Part of it cannot be used; the message says what to write.
        """
        table = MediaTable(
            self.name,
            uploads=self.uploads,
            media=self.media,
            source=self.source,
            destination=self.destination,
            description=self.description,
            values=value_types(self.values or {}, table=self.name),
            rows_per_partition=self.rows_per_partition,
            gather_seconds=self.gather_seconds,
            uploads_order=self.uploads_order,
            storage_sources=self.storage_sources or (),
            name_by=self.name_by,
            change_time=self.change_time,
            follow_links=self.follow_links,
            limits=self.limits,
            truncated=self.truncated,
            nightly=self.nightly,
            automation=self.automation,
            pool=self.pool,
            severe_error_share=self.severe_error_share,
            row_timeout=self.row_timeout,
            owners=self.owners or (),
            tags=self.tags,
            kinds=self.kinds or (),
            partitions=self.partitions.definition(table=self.name)
            if self.partitions
            else BY_UPLOADS,
            partition_of=self._partition_of(),
            retry_policy=None if self.retries is None else dg.RetryPolicy(max_retries=self.retries),
            backfill_policy=self._backfill_policy(),
            group_name=self.group_name,
            op_tags=self.op_tags,
            run_tags=self.run_tags,
        )
        for column in self.columns:
            column.add_to(table)
        for derived in self.derived:
            derived.add_to(table)
        return table

    def _partition_of(self) -> PartitionOf | None:
        if self.partition_of is None:
            return None
        return cast("PartitionOf", import_function(self.partition_of))

    def _backfill_policy(self) -> dg.BackfillPolicy | None:
        if self.partitions_per_run is None:
            return None
        with warnings.catch_warnings():
            # Authors of YAML cannot do anything about the option being new.
            warnings.simplefilter("ignore", dg.BetaWarning)
            if self.partitions_per_run == "all":
                return dg.BackfillPolicy.single_run()
            return dg.BackfillPolicy.multi_run(self.partitions_per_run)

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Returns the table's assets, jobs, sensor and schedule, and the IO manager."""
        del context
        table = self.table()
        return build_defs([table]) if self.io_manager else table_defs(table)
