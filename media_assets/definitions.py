"""The code location that ships with the package, for `dg dev` and `media-assets`."""

import dagster as dg

from media_assets.build import build_defs
from media_assets.photos import photos

defs = dg.Definitions.merge(
    build_defs([photos]),
    # Everything in this location runs in one step: a process for it would only add seconds.
    dg.Definitions(executor=dg.in_process_executor),
)
