"""The steps of each row, within bounds: fetch, decode, row functions, encode and write.

`plan` describes what to make, `row` makes the cells of one row on one thread, and `run` keeps all
cores busy with rows. Nothing here knows Dagster, tables or where manifests are.
"""

from importlib import import_module
from typing import TYPE_CHECKING

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
)
from media_assets.pipeline.reuse import reusable_cells

if TYPE_CHECKING:
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


def __getattr__(name: str) -> object:
    """Imports what runs a plan when it is first asked for; forecasts do without it."""
    if name == "run_plan":
        return import_module("media_assets.pipeline.run").run_plan
    problem = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(problem)
