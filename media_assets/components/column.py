"""A computed column in YAML: a transform of one other column, or a row function."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

import dagster as dg
from pydantic import ConfigDict, Field

from media_assets.columns import RETRY_DELAY
from media_assets.components.ready_functions import (
    Transform,
    import_errors,
    import_function,
    ready_function,
    ready_version,
)
from media_assets.errors import DeclarationError
from media_assets.tables.table import MediaTable


class FilesModel(dg.Resolvable, dg.Model):
    """Where files go, and how they are written: of a column, or of a derived table's parts."""

    # Dagster's automation conditions are not pydantic models.
    model_config = ConfigDict(arbitrary_types_allowed=True)

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


class ColumnModel(FilesModel):
    """A computed column: a transform of one other column, or a row function of your own."""

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
    keep_metadata: Annotated[
        list[str] | None,
        Field(description="Facts of the source photo that files keep: copyright, taken_at, ..."),
    ] = None
    decode_size: Annotated[
        list[int] | None,
        Field(description="A sufficient width and height: photos are decoded reduced."),
    ] = None
    animated: Annotated[
        bool, Field(description="The transform is applied to all frames, and they are written.")
    ] = False
    code_version: Annotated[
        str | None,
        Field(description="Your own. Default: derived from the transform and its options."),
    ] = None
    batch_size: Annotated[
        int | None, Field(description="The function gets lists of up to this many rows.")
    ] = None
    processes: Annotated[
        bool, Field(description="The function runs in separate processes, for pure Python.")
    ] = False
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
    deps: Annotated[
        list[str] | None, Field(description="More assets that it depends on: team/price_list.")
    ] = None
    metadata: Annotated[
        Mapping[str, Any] | None, Field(description="For the Dagster UI, beside the column's own.")
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
            # Of tuples, Dagster cannot print a sample.
            decode_size=cast(
                "tuple[int, int] | None", self.decode_size and tuple(self.decode_size)
            ),
            animated=self.animated,
            code_version=self.code_version or code_version,
            batch_size=self.batch_size,
            processes=self.processes,
            row_timeout=self.row_timeout,
            max_concurrency=self.max_concurrency,
            max_retries=self.max_retries,
            retry_on=import_errors(self.retry_on),
            retry_delay=self.retry_delay,
            rate_limit=self.rate_limit,
            where=self.where,
            ins=self.ins,
            deps=None if self.deps is None else list(map(dg.AssetKey.from_user_string, self.deps)),
            metadata=self.metadata,
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
