"""The catalog: every record of every table, queried with SQL."""

from media_assets.catalog.answer import Answer
from media_assets.catalog.catalog import Catalog
from media_assets.catalog.description import ColumnDescription, TableDescription

__all__ = ["Answer", "Catalog", "ColumnDescription", "TableDescription"]
