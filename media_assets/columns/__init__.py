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
    SourceColumn,
)
from media_assets.columns.order import in_order
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
    "SourceColumn",
    "check_declared_destination",
    "check_name",
    "check_row_timeout",
    "declare_column",
    "describe_changes",
    "in_order",
    "read_signature",
    "type_to_read",
]
