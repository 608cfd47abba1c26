"""The measured table, with rows made by the workers of a Dask cluster."""

import dagster as dg

import media_assets as ma
from benchmarks.photos import photos

_FAN_OUT = ma.FanOut(engine="dask", scheduler=dg.EnvVar("DASK_SCHEDULER"))

defs = ma.build_defs([photos], {"media_io_manager": ma.MediaIOManager(fan_out=_FAN_OUT)})
