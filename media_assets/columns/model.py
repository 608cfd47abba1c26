"""Columns as plain values, checked when they are declared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from media_assets.columns.as_declared import AsDeclared
from media_assets.columns.asset_values import AssetValue
from media_assets.columns.call_options import CallOptions
from media_assets.columns.where import Where
from media_assets.images.formats import Encoding
from media_assets.object_options import NONE, ObjectOptions
from media_assets.row_value import GivenColumn
from media_assets.values import ColumnType

Declared = str | Callable[[], str | None]
"""A destination as declared: text, or a callable that returns it at the start of a run."""


@dataclass(frozen=True, slots=True)
class SourceColumn(GivenColumn):
    """The column that holds the uploads."""

    name: str
    destination: Declared | None = None
    description: str | None = None
    asset_options: Mapping[str, object] = field(default_factory=dict[str, object])
    type: ColumnType = ColumnType.IMAGE


@dataclass(frozen=True, slots=True)
class ComputedColumn:
    """A column whose cells a row function computes from cells of other columns.

    Attributes:
        name: The column's name.
        function: The row function.
        input_types: The type of each column that its function reads, by name, in its order.
        type: The type of this column.
        is_nullable: Whether its function is annotated with `| None`. A value column accepts None in
            any case; in an image column it otherwise means the image that the function changed.
        code_version: Changes when the cells should be made again.
        destination: Where its files go; None leaves that to the globals.
        object_options: How its files are kept as objects of a bucket.
        publish: The template of its files' published names; None to publish none.
        encoding: How its files are written; None for a value column.
        is_stored: Whether its files are stored; those of parts may be kept in their parents.
        decode_size: The size at which images are decoded for it; None for their full size.
        batch_size: The maximum number of rows per call, as lists; None for one row per call.
        processes: Whether its function runs in separate processes.
        declared: If so, what its function was when it was declared.
        row_timeout: The time limit of its function for one row; None for no limit.
        is_async: Whether its function is an `async def`.
        calls: When its function is called, and how often.
        where: The condition for a cell; it is null in other rows. None for no condition.
        resources: The Dagster resources that its function takes, by parameter name.
        given: The other parameters that it takes: `row`, `partition_key`, `log`.
        source: The source column, if its function or its files take facts of the source file.
        source_files: The parameters that receive these facts.
        animations: The parameters that receive all frames of an image, and not the first one; with
            `return`, if its own files are animations.
        row_values: The columns among these that are row values; filled in by the table.
        ins: The outside assets whose values it takes, by parameter name.
        versions: For each of `ins`, text that changes with the asset's data version; empty until
            looked up, which must happen before cells are compared or made.
        parcel: The values of `ins`, pickled, for a function in a separate process.
        description: Shown in the Dagster UI.
        asset_options: Passed on to `dg.AssetSpec`.
    """

    name: str
    function: Callable[..., object]
    input_types: Mapping[str, ColumnType]
    type: ColumnType
    code_version: str
    is_nullable: bool = False
    destination: Declared | None = None
    object_options: ObjectOptions = NONE
    publish: str | None = None
    encoding: Encoding | None = None
    is_stored: bool = True
    decode_size: tuple[int, int] | None = None
    batch_size: int | None = None
    processes: bool = False
    declared: AsDeclared | None = None
    row_timeout: timedelta | None = None
    is_async: bool = False
    calls: CallOptions = field(default_factory=CallOptions)
    where: Where | None = None
    resources: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    source: str | None = None
    source_files: tuple[str, ...] = ()
    animations: frozenset[str] = frozenset()
    row_values: frozenset[str] = frozenset()
    ins: Mapping[str, AssetValue] = field(default_factory=dict[str, AssetValue])
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    parcel: bytes | None = None
    description: str | None = None
    asset_options: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it reads and that have manifests: all but row values."""
        return tuple(name for name in self.reads if name not in self.row_values)

    @property
    def reads(self) -> tuple[str, ...]:
        """All columns that its function, its files and its condition read."""
        of_source = () if self.source is None else (self.source,)
        of_where = () if self.where is None else self.where.names
        return tuple(dict.fromkeys([*self.input_types, *of_source, *of_where]))

    @property
    def is_animated(self) -> bool:
        """Whether its function returns animations."""
        return "return" in self.animations

    @property
    def waits_for_calls(self) -> bool:
        """Whether a row waits until its step calls the function; others call it themselves."""
        return self.batch_size is not None or self.is_async or not self.calls.are_default


Column = SourceColumn | ComputedColumn
