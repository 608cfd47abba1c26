"""The definitions that Dagster loads: all modules and defs.yaml files in `defs/`."""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """The code location.

    This is `dg.load_from_defs_folder` without its description of every installed component for
    Dagster's docs page, which costs each command and run up to 3 seconds.
    """
    return dg.ComponentTree.for_project(Path(__file__).parent).build_defs(".")
