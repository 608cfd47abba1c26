"""Media tables on Dagster: every image column an asset, every file where the rules say."""

from media_assets import transforms
from media_assets.build import build_defs
from media_assets.io_manager import MediaIOManager
from media_assets.table import MediaTable

__all__ = ["MediaIOManager", "MediaTable", "build_defs", "transforms"]
