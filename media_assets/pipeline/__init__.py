"""The steps of each row, within bounds: fetch, decode, row functions, encode and write.

`plan` describes what to make, `row` makes the cells of one row on one thread, and `run` keeps all
cores busy with rows. Nothing here knows Dagster, tables or where manifests are.
"""

from media_assets.pipeline.plan import (
    OutputPlan,
    ParentPlan,
    Plan,
    Result,
    RowPlan,
    RowResult,
    SplitPlan,
    SplitResult,
    Work,
    reusable_cells,
)
from media_assets.pipeline.run import run_plan

__all__ = [
    "OutputPlan",
    "ParentPlan",
    "Plan",
    "Result",
    "RowPlan",
    "RowResult",
    "SplitPlan",
    "SplitResult",
    "Work",
    "reusable_cells",
    "run_plan",
]
