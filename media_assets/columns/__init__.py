"""Columns as values: source columns, and computed columns."""

from media_assets.columns.annotations import Length, type_to_read
from media_assets.columns.asset_values import AssetGiven, AssetValue
from media_assets.columns.changes import describe_changes
from media_assets.columns.declare import (
    ColumnOptions,
    check_declared_destination,
    check_name,
    check_row_timeout,
    declare_column,
)
from media_assets.columns.model import (
    SOURCE_CODE_VERSION,
    Column,
    ComputedColumn,
    Declared,
    RowValue,
    SourceColumn,
)
from media_assets.columns.order import in_order
from media_assets.columns.row_values import (
    declare_values,
    declared_types,
    encode_by_row,
    encode_row_value,
    encode_values,
    parse_value,
    read_declared,
    value_types,
)
from media_assets.columns.signature import read_signature

__all__ = [
    "SOURCE_CODE_VERSION",
    "AssetGiven",
    "AssetValue",
    "Column",
    "ColumnOptions",
    "ComputedColumn",
    "Declared",
    "Length",
    "RowValue",
    "SourceColumn",
    "check_declared_destination",
    "check_name",
    "check_row_timeout",
    "declare_column",
    "declare_values",
    "declared_types",
    "describe_changes",
    "encode_by_row",
    "encode_row_value",
    "encode_values",
    "in_order",
    "parse_value",
    "read_declared",
    "read_signature",
    "type_to_read",
    "value_types",
]
