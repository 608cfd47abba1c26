"""Media tables on Dagster: every image column an asset, every file where the rules say."""

from media_assets import transforms
from media_assets.build import build_defs
from media_assets.catalog import Catalog
from media_assets.io_manager import MediaIOManager
from media_assets.media_column import MediaColumn
from media_assets.table import MediaTable

__all__ = ["Catalog", "MediaColumn", "MediaIOManager", "MediaTable", "build_defs", "transforms"]
