"""The code location that ships: what `dagster dev` and `media-assets` load."""

import dagster as dg

from media_assets.build import build_defs
from media_assets.cloud_resources import cloud_resources
from media_assets.io_manager import MediaIOManager
from media_assets.photos import photos

defs = dg.Definitions.merge(
    build_defs([photos], {"media_io_manager": MediaIOManager(**cloud_resources())}),
    # All that is in this location runs in one step: a process for it would only add seconds.
    dg.Definitions(executor=dg.in_process_executor),
)
