"""The definitions that Dagster loads: all modules and defs.yaml files in `defs/`."""

import warnings
from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """The code location.

    This is `dg.load_from_defs_folder` without its description of every installed component for
    Dagster's docs page, which costs each command and run up to 3 seconds.
    """
    with warnings.catch_warnings():
        for category in (dg.BetaWarning, dg.PreviewWarning):  # of Dagster's own code
            warnings.simplefilter("ignore", category)
        return dg.ComponentTree.for_project(Path(__file__).parent).build_defs(".")
