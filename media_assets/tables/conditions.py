"""Declarative automation: the conditions under which computed columns follow their inputs."""

from typing import Any

import dagster as dg

from media_assets.tables.table import Automation

Condition = dg.AutomationCondition[dg.AssetKey]


def follow_inputs(*, code_version: bool = False) -> Condition:
    """Returns a condition that makes a column when it is missing or its inputs have changed.

    Changes are detected by data version: rematerializing an input with the same result triggers
    nothing. The condition waits while an input is missing or being made. All columns of a table
    that are due in one partition are made by one run. Assets outside tables can use it too, to
    follow a column.

    Args:
        code_version: Whether a changed row function counts as well, in all partitions.
    """
    condition: Any = dg.AutomationCondition  # Dagster types some of these for check keys as well.
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
    """Returns the condition for a table's `automation=`; None if there is none."""
    if isinstance(automation, dg.AutomationCondition):
        return automation
    if not automation:
        return None
    return follow_inputs(code_version=automation == "code_version")
