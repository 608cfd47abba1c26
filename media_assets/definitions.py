"""The code location that ships: what `dagster dev` and `media-assets` load."""

from media_assets.build import build_defs
from media_assets.photos import photos

defs = build_defs([photos])
