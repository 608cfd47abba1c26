"""Columns as values: source columns, and computed columns."""

from media_assets.columns.annotations import Length, type_to_read
from media_assets.columns.asset_values import AssetGiven, AssetValue
from media_assets.columns.call_options import (
    RETRY_DELAY,
    CallOptions,
    RateLimit,
    RetryOn,
    name_of,
    seconds_asked,
)
from media_assets.columns.changes import check_redeclared
from media_assets.columns.declare import (
    ColumnOptions,
    check_declared_destination,
    check_name,
    check_object_options,
    check_row_timeout,
    declare_column,
)
from media_assets.columns.model import Column, ComputedColumn, Declared, SourceColumn
from media_assets.columns.order import in_order, types_to_read
from media_assets.columns.published_names import check_published_name, publishes_any
from media_assets.columns.row_values import (
    declare_values,
    encode_by_row,
    encode_row_value,
    encode_values,
    parse_value,
    value_type_of,
    value_types,
)
from media_assets.columns.signature import read_signature
from media_assets.columns.where import Where, parse_where
from media_assets.row_value import SOURCE_CODE_VERSION, RowValue, declared_types

__all__ = [
    "RETRY_DELAY",
    "SOURCE_CODE_VERSION",
    "AssetGiven",
    "AssetValue",
    "CallOptions",
    "Column",
    "ColumnOptions",
    "ComputedColumn",
    "Declared",
    "Length",
    "RateLimit",
    "RetryOn",
    "RowValue",
    "SourceColumn",
    "Where",
    "check_declared_destination",
    "check_name",
    "check_object_options",
    "check_published_name",
    "check_redeclared",
    "check_row_timeout",
    "declare_column",
    "declare_values",
    "declared_types",
    "encode_by_row",
    "encode_row_value",
    "encode_values",
    "in_order",
    "name_of",
    "parse_value",
    "parse_where",
    "publishes_any",
    "read_signature",
    "seconds_asked",
    "type_to_read",
    "types_to_read",
    "value_type_of",
    "value_types",
]
