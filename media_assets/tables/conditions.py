"""Declarative automation: by which condition computed columns follow their inputs."""

from typing import Any

import dagster as dg

from media_assets.tables.table import Automation

Condition = dg.AutomationCondition[dg.AssetKey]


def follow_inputs(*, code_version: bool = False) -> Condition:
    """Returns the condition that a column is made when it is missing or its inputs have changed.

    It goes by data versions: an input that was rematerialized and came out the same triggers
    nothing. It waits while an input is missing or being made. All columns of a table that fall
    due for one batch are made by one run. Give it to assets outside tables too, that they follow
    a column.

    Args:
        code_version: Whether a changed row function counts as well, for all partitions at once.
    """
    condition: Any = dg.AutomationCondition  # Dagster types some of these for keys of checks too.
    changed = condition.any_deps_match(
        condition.data_version_changed() | condition.will_be_requested()
    )
    due = condition.missing().newly_true() | changed
    if code_version:
        due |= condition.code_version_changed()
    return (
        due.since_last_handled()
        & ~condition.any_deps_missing()
        & ~condition.any_deps_in_progress()
        & ~condition.in_progress()
    ).with_label("follow_inputs")


def condition_of(automation: Automation) -> Condition | None:
    """Returns the condition that a table's `automation=` stands for; None for none."""
    if isinstance(automation, dg.AutomationCondition):
        return automation
    if not automation:
        return None
    return follow_inputs(code_version=automation == "code_version")
