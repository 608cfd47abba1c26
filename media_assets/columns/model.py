"""Columns as plain values, checked at their declaration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from media_assets.columns.asset_values import AssetValue
from media_assets.images.formats import Encoding
from media_assets.values import ColumnType

Declared = str | Callable[[], str | None]
"""A destination as a table declares it: text, or a callable that is asked when a run starts."""

SOURCE_CODE_VERSION = "upload"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """The column of what was uploaded."""

    name: str
    destination: Declared | None = None
    description: str | None = None
    asset_options: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def type(self) -> ColumnType:
        """A source column always holds images."""
        return ColumnType.IMAGE

    @property
    def inputs(self) -> tuple[str, ...]:
        """A source column reads no other column."""
        return ()

    @property
    def code_version(self) -> str:
        """No code of a user takes part in a source column."""
        return SOURCE_CODE_VERSION


@dataclass(frozen=True, slots=True)
class ComputedColumn:
    """A column whose cells a row function computes from cells of other columns.

    Attributes:
        name: The column's name.
        function: The row function.
        input_types: What each column that it reads holds, by name, in the function's order.
        type: What this column holds.
        code_version: Changes when the cells should be made anew.
        destination: Where its files go; None leaves that to the globals.
        encoding: How its images are written; None for a value column.
        decode_size: The size at which images are decoded for it; None for their full size.
        batch_size: How many rows one call gets, as lists; None for one row a call.
        processes: Whether its function runs in processes of its own.
        row_timeout: How long its function may take for one row; None for no limit.
        resources: The Dagster resources that its function takes, by parameter name.
        given: What else it takes, of `row`, `partition_key` and `log`.
        ins: The assets outside the table whose values it takes, by parameter name.
        versions: For each of `ins` what changes with the asset's data version; empty as it is
            declared: whoever compares or makes cells finds it out first.
        parcel: The values of `ins`, pickled, for a function in a process of its own.
        description: For people.
        asset_options: What is passed on to `dg.AssetSpec`.
    """

    name: str
    function: Callable[..., object]
    input_types: Mapping[str, ColumnType]
    type: ColumnType
    code_version: str
    destination: Declared | None = None
    encoding: Encoding | None = None
    decode_size: tuple[int, int] | None = None
    batch_size: int | None = None
    processes: bool = False
    row_timeout: timedelta | None = None
    resources: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    ins: Mapping[str, AssetValue] = field(default_factory=dict[str, AssetValue])
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    parcel: bytes | None = None
    description: str | None = None
    asset_options: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return tuple(self.input_types)


Column = SourceColumn | ComputedColumn
