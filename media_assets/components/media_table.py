"""`MediaTableComponent`: a table of ready transforms in YAML, for `dg`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import dagster as dg
from pydantic import Field

from media_assets.build import table_defs
from media_assets.components.ready_functions import ready_function, ready_version
from media_assets.io_manager import MediaIOManager
from media_assets.tables.assets import IO_MANAGER_KEY
from media_assets.tables.table import (
    BATCH_ROWS,
    BATCH_SECONDS,
    NIGHTLY,
    SEVERE_ERROR_SHARE,
    MediaTable,
)

Transform = Literal[
    "average_color",
    "blur",
    "border",
    "convert",
    "crop",
    "dominant_color",
    "fill",
    "fit",
    "flip",
    "grayscale",
    "mean_luminance",
    "pad",
    "rotate",
    "sharpen",
    "strip",
    "thumbnail",
    "watermark",
]
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
    """Writes a `defs.yaml` with one column: `dg scaffold defs`."""

    def scaffold(self, request: dg.ScaffoldRequest) -> None:
        """Writes the file into the folder that was asked for."""
        folder = Path(request.target_path)
        folder.mkdir(parents=True, exist_ok=True)
        text = _EXAMPLE.format(type_name=request.type_name, name=folder.name)
        (folder / "defs.yaml").write_text(text, encoding="utf-8")


class ColumnModel(dg.Resolvable, dg.Model):
    """A computed column: one ready transform of one other column."""

    transform: Annotated[Transform, Field(description="A transform of media_assets.transforms.")]
    name: Annotated[
        str | None, Field(description="The column's name; the transform's by default.")
    ] = None
    reads: Annotated[
        str | None, Field(description="The column that it reads; the source column by default.")
    ] = None
    options: Annotated[
        Mapping[str, Any] | None, Field(description="The transform's arguments by name.")
    ] = None
    destination: Annotated[
        str | None, Field(description="Where its files go, whatever the globals say.")
    ] = None
    format: Annotated[str | None, Field(description="Pillow's name of the file format.")] = None
    save_options: Annotated[
        Mapping[str, Any] | None, Field(description="What Pillow's save takes for that format.")
    ] = None
    code_version: Annotated[
        str | None, Field(description="Your own; by default of the transform and its options.")
    ] = None
    row_timeout: Annotated[
        float | None, Field(description="Seconds that one row may take; the table's by default.")
    ] = None
    description: str | None = None
    owners: list[str] | None = None
    tags: Mapping[str, str] | None = None
    kinds: list[str] | None = None

    def add_to(self, table: MediaTable) -> None:
        """Declares the column.

        Raises:
            DeclarationError: An option does not fit the transform, or the column the table.
        """
        name, options = self.name or self.transform, self.options or {}
        function = ready_function(
            self.transform, options, column=name, reads=self.reads or table.source.name
        )
        table.computed_column(
            destination=self.destination,
            format=self.format,
            save_options=self.save_options,
            code_version=self.code_version or ready_version(self.transform, options),
            row_timeout=self.row_timeout,
            description=self.description,
            owners=self.owners,
            tags=self.tags,
            kinds=None if self.kinds is None else set(self.kinds),
        )(function)


@dg.scaffold_with(TableScaffolder)
class MediaTableComponent(dg.Component, dg.Resolvable, dg.Model):
    """A media table whose columns are ready transforms: the assets that Python would declare."""

    name: Annotated[str, Field(description="The table's name, which may be a path: team/photos.")]
    columns: list[ColumnModel]
    uploads: Annotated[
        str | None, Field(description="Where new files are looked for: a folder or a prefix.")
    ] = None
    source: Annotated[str, Field(description="The column of what was uploaded.")] = "source_image"
    destination: Annotated[
        str | None, Field(description="Where uploads are kept, if not where they are.")
    ] = None
    description: str | None = None
    batch_rows: int = BATCH_ROWS
    batch_seconds: float = BATCH_SECONDS
    uploads_order: Literal["any", "growing"] = "any"
    storage_sources: Annotated[
        list[str] | None,
        Field(description="Prefixes below which an https address is storage, read with its keys."),
    ] = None
    name_by: Annotated[
        str | None, Field(description="Name rows by path, url or stem, or a template of these.")
    ] = None
    change_time: bool = True
    follow_links: Annotated[
        bool, Field(description="Follow links in the uploads folder wherever they lead.")
    ] = False
    nightly: Annotated[
        str | None, Field(description="Cron schedule of the maintenance in UTC; null for none.")
    ] = NIGHTLY
    automation: bool | Literal["code_version"] = False
    pool: str | None = None
    severe_error_share: float = SEVERE_ERROR_SHARE
    row_timeout: Annotated[
        float | None, Field(description="Seconds that a column may take for one row.")
    ] = None
    owners: list[str] | None = None
    tags: Mapping[str, str] | None = None
    kinds: list[str] | None = None
    io_manager: Annotated[
        bool,
        Field(description="false where your project defines `media_io_manager` itself."),
    ] = True

    def table(self) -> MediaTable:
        """Returns the table as Python would declare it.

        Raises:
            DeclarationError: Something of it cannot be used; the text says what to write.
        """
        table = MediaTable(
            self.name,
            uploads=self.uploads,
            source=self.source,
            destination=self.destination,
            description=self.description,
            batch_rows=self.batch_rows,
            batch_seconds=self.batch_seconds,
            uploads_order=self.uploads_order,
            storage_sources=self.storage_sources or (),
            name_by=self.name_by,
            change_time=self.change_time,
            follow_links=self.follow_links,
            nightly=self.nightly,
            automation=self.automation,
            pool=self.pool,
            severe_error_share=self.severe_error_share,
            row_timeout=self.row_timeout,
            owners=self.owners or (),
            tags=self.tags,
            kinds=self.kinds or (),
        )
        for column in self.columns:
            column.add_to(table)
        return table

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Returns the table's assets, jobs, sensor and schedule, and the IO manager."""
        del context
        resources = {IO_MANAGER_KEY: _io_manager()} if self.io_manager else {}
        return dg.Definitions.merge(table_defs(self.table()), dg.Definitions(resources=resources))


@cache
def _io_manager() -> MediaIOManager:
    """The one of all components: Dagster takes a resource twice only if it is the very same."""
    return MediaIOManager()
