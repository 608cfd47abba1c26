"""Arguments of a row function other than cells and resources: partition key and log."""

from dataclasses import replace
from functools import partial
from logging import Logger

from media_assets.columns import Column, ComputedColumn


def bind_step_arguments(column: Column, *, partition: str, log: Logger) -> Column:
    """Binds what is the same for all rows of a step; the pipeline supplies the row's name."""
    if not isinstance(column, ComputedColumn):
        return column
    of_step: dict[str, object] = {"partition_key": partition, "log": log}
    bound = {name: of_step[name] for name in column.given if name in of_step}
    return replace(column, function=partial(column.function, **bound)) if bound else column
