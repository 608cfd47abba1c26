"""The code location of a cluster: the same tables, with rows made by the workers."""

import dagster as dg

from media_assets import FanOut, MediaIOManager, build_defs
from media_assets.photos import photos

_FAN_OUT = FanOut(engine="dask", scheduler=dg.EnvVar("DASK_SCHEDULER"))

defs = dg.Definitions.merge(
    build_defs([photos], {"media_io_manager": MediaIOManager(fan_out=_FAN_OUT)}),
    # The workers make the rows: a process for the step would only add seconds.
    dg.Definitions(executor=dg.in_process_executor),
)
