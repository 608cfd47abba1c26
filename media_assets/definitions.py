"""The code location that ships: what `dagster dev` and `media-assets` load."""

from media_assets.build import build_defs
from media_assets.cloud_resources import cloud_resources
from media_assets.io_manager import MediaIOManager
from media_assets.photos import photos

defs = build_defs([photos], {"media_io_manager": MediaIOManager(**cloud_resources())})
