"""`MediaTableComponent`: a table of transforms and row functions in YAML, for `dg`."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

import dagster as dg
from pydantic import Field

from media_assets.build import build_defs, table_defs
from media_assets.columns import value_types
from media_assets.components.column import ColumnModel
from media_assets.components.derived_table import DerivedTableModel
from media_assets.components.partitions import DimensionsModel, PartitionsModel
from media_assets.components.ready_functions import import_function
from media_assets.partitioning import BY_UPLOADS, PartitionOf
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
