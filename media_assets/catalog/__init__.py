"""The catalog: every record of every table, asked with SQL."""

from media_assets.catalog.catalog import Catalog

__all__ = ["Catalog"]
