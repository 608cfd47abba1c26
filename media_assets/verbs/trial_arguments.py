"""What the functions of a trial take besides cells: resources, asset values, partition key, log."""

import logging
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

import dagster as dg

from media_assets.columns import Column, ComputedColumn
from media_assets.errors import DeclarationError
from media_assets.tables.asset_values import AssetValues
from media_assets.tables.step_arguments import bind_step_arguments
from media_assets.trials.trial import Bind
from media_assets.verbs.location import Location, open_main_instance


@contextmanager
def bound_arguments(
    location: Location, table: str, columns: Sequence[ComputedColumn]
) -> Generator[Bind]:
    """Yields what binds the arguments of functions outside of a Dagster run.

    Raises:
        DeclarationError: A function takes a resource that the definitions do not have.
        AssetValueError: The value of an asset that a function takes is not available.
    """
    known = location.defs.resources or {}
    for column in columns:
        if missing := [key for key in column.resources if key not in known]:
            raise DeclarationError(
                what=f"Column {table}/{column.name} takes the resource {missing[0]!r}, which is "
                "not defined. Nothing was tried.",
                accepted="Resources that build_defs() got together with the table.",
                fix=f"Pass it: build_defs([...], overrides={{{missing[0]!r}: ...}}).",
            )
    keys = {key for column in columns for key in column.resources}
    with ExitStack() as opened:
        resources = {}
        if keys:
            scope = opened.enter_context(dg.build_resources({key: known[key] for key in keys}))
            resources = {key: getattr(scope, key) for key in keys}
        values: AssetValues | None = None
        if any(column.ins for column in columns):
            instance = opened.enter_context(open_main_instance())
            job = location.defs.resolve_implicit_global_asset_job_def()
            values = AssetValues(instance, job, table)
        log = logging.getLogger("media_assets.trial")

        def bind(given: Sequence[Column], partition: str) -> Sequence[Column]:
            with_values = values.given_to(given, partition) if values else given
            return [
                bind_step_arguments(_with(column, resources), partition=partition, log=log)
                for column in with_values
            ]

        yield bind


def _with(column: Column, resources: dict[str, object]) -> Column:
    if not isinstance(column, ComputedColumn) or not column.resources:
        return column
    bound = {key: resources[key] for key in column.resources}
    return replace(column, function=partial(column.function, **bound))
