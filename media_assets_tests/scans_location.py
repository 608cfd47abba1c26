"""A code location of scans and their tiles, for runs in other processes."""

import dagster as dg

import media_assets as ma

scans = ma.MediaTable("scans")
tiles = scans.derived_table("tiles", ma.split.tiles(4))


@tiles.computed_column(code_version="1")
def wide(tile: ma.Image) -> int:
    return tile.width


def in_processes() -> dg.JobDefinition:
    """The job of the table and of those derived from it, each step in a process of its own."""
    job = dg.define_asset_job("both", executor_def=dg.multiprocess_executor)
    defs = dg.Definitions.merge(ma.build_defs([scans]), dg.Definitions(jobs=[job]))
    return defs.resolve_job_def("both")
