"""Dagster definitions built from tables."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import dagster as dg
from pydantic import BaseModel

from media_assets.automation.dead_runs import dead_runs
from media_assets.automation.destinations_check import destinations_check
from media_assets.automation.schedules import maintenance_job, nightly_schedule
from media_assets.automation.uploads_sensor import uploads_sensor
from media_assets.errors import DeclarationError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.assets import IO_MANAGER_KEY, table_assets
from media_assets.tables.built import Built, note_built
from media_assets.tables.table import MediaTable

_managers: list[tuple[object, MediaIOManager]] = []
"""IO managers in definitions of this process, by everything that decides what they do.

Dagster accepts a resource key twice only for the same object.
"""


def build_defs(
    tables: Sequence[MediaTable], overrides: Mapping[str, object] | None = None
) -> dg.Definitions:
    """Returns the assets, jobs, sensors, schedules and resources of tables as `dg.Definitions`.

    Merge them with your own definitions, or with those of other calls, by `dg.Definitions.merge`:
    whatever serves all tables is the same object in each call, and so are IO managers with the
    same settings. No executor is included; runs of the UI and of automation use your location's.

    Args:
        tables: The tables of this code location, or some of them.
        overrides: Resources by key that replace the defaults, for example an IO manager with
            its own global destinations, or one for tests.

    Raises:
        DeclarationError: Two tables share a name, or a table's columns do not fit together.
    """
    tables = with_derived(tables)
    _check_names(tables)
    resources = {IO_MANAGER_KEY: MediaIOManager(), **(overrides or {})}
    built = Built(tuple(tables), {**(overrides or {})})
    return dg.Definitions.merge(
        _defs_of_all_tables(),
        dg.Definitions(resources={key: _share(value) for key, value in resources.items()}),
        *(_defs_of(table, built) for table in tables),
    )


def table_defs(table: MediaTable) -> dg.Definitions:
    """Returns what `build_defs` returns for one table, without resources.

    For a code location that defines `media_io_manager` once, and its tables elsewhere.

    Raises:
        DeclarationError: The table's columns do not fit together.
    """
    tables = with_derived([table])
    built = Built(tables, None)
    return dg.Definitions.merge(_defs_of_all_tables(), *(_defs_of(each, built) for each in tables))


def with_derived(tables: Iterable[MediaTable]) -> tuple[MediaTable, ...]:
    """Returns tables, each with those derived from it, each once."""
    found = (each for table in tables for each in (table, *table.all_derived))
    return tuple(dict.fromkeys(found))


def _defs_of_all_tables() -> dg.Definitions:
    return dg.Definitions(jobs=[destinations_check], sensors=[dead_runs])


def _defs_of(table: MediaTable, built: Built) -> dg.Definitions:
    note_built(table, built)
    job = dg.define_asset_job(
        table.job_name,
        selection=dg.AssetSelection.assets(
            *(each.asset_key(n) for each in (table, *table.all_derived) for n in each.asset_names)
        ),
        description=f"All columns of {table.name}, in the partitions that you choose.",
        # Rows are spread over the cores within the step; a process per step would only add
        # seconds of start-up.
        executor_def=dg.in_process_executor,
        run_tags=table.run_tags,
    )
    assets = table_assets(table)
    if table.splitting is not None:
        return dg.Definitions(assets=[assets], jobs=[job])
    maintenance = maintenance_job(table, [assets, *map(table_assets, table.all_derived)])
    schedule = nightly_schedule(table, maintenance)
    return dg.Definitions(
        assets=[assets],
        jobs=[job, maintenance],
        sensors=[uploads_sensor(table)],
        schedules=[schedule] if schedule is not None else [],
    )


def _share(resource: object) -> object:
    """Returns an equal IO manager that is already in definitions, otherwise this one."""
    if not isinstance(resource, MediaIOManager):
        return resource
    # A manager looks for its home by these when it is first used.
    described = _unwrap(resource), os.environ.get("DAGSTER_HOME"), Path.cwd()
    for known, manager in _managers:
        if known == described:
            return manager
    _managers.append((described, resource))
    return resource


def _unwrap(value: object) -> object:
    """The arguments of a resource, including those of resources in its fields; else the value."""
    if not isinstance(value, BaseModel):
        return type(value), value
    return type(value), {name: _unwrap(getattr(value, name)) for name in type(value).model_fields}


def _check_names(tables: Sequence[MediaTable]) -> None:
    """Refuses tables that would have the same step name, as it contains no slashes."""
    by_step: dict[str, str] = {}
    for table in tables:
        if table.op_name in by_step:
            raise DeclarationError(
                what=f"Two tables, {by_step[table.op_name]!r} and {table.name!r}, would have the "
                f"same step name, {table.op_name!r}.",
                accepted="Table names that differ even if each slash is written as `__`.",
                fix="Rename one of them.",
            )
        by_step[table.op_name] = table.name
