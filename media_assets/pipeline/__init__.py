"""Rows through fetch, decode, row functions, encode and write, within bounds.

`plan` says what is to be made, `row` makes one row's cells on one thread, `run` keeps all cores
busy with rows. Nothing here knows Dagster, tables or manifests' places.
"""

from media_assets.pipeline.plan import OutputPlan, Plan, RowPlan, RowResult, reusable_cells
from media_assets.pipeline.run import run_plan

__all__ = ["OutputPlan", "Plan", "RowPlan", "RowResult", "reusable_cells", "run_plan"]
