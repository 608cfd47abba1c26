"""Tables in, plain Dagster definitions out."""

import os
from collections.abc import Mapping, Sequence
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
from media_assets.tables.built import note_built
from media_assets.tables.table import MediaTable

_managers: list[tuple[object, MediaIOManager]] = []
"""Those in definitions of this process, each with all that decides what it does.

Dagster takes a resource's key twice only for the very same object.
"""


def build_defs(
    tables: Sequence[MediaTable], overrides: Mapping[str, object] | None = None
) -> dg.Definitions:
    """Returns the assets, jobs, sensors, schedules and resources of tables as one `dg.Definitions`.

    Merge it with definitions of your own by `dg.Definitions.merge`, also with those of other
    calls: what serves all tables is the same object in each, and so are IO managers that say the
    same. No executor is among it: runs of the UI and of automation take your location's.

    Args:
        tables: The tables of this code location, or some of them.
        overrides: Resources by key that take the place of the default ones, for example an IO
            manager with globals of its own, or one for tests.

    Raises:
        DeclarationError: Two tables share a name, or a table's columns do not fit together.
    """
    _check_names(tables)
    resources = {IO_MANAGER_KEY: MediaIOManager(), **(overrides or {})}
    return dg.Definitions.merge(
        _defs_of_all_tables(),
        dg.Definitions(resources={key: _share(value) for key, value in resources.items()}),
        *(_defs_of(table) for table in tables),
    )


def table_defs(table: MediaTable) -> dg.Definitions:
    """Returns what `build_defs` returns for one table, without any resource.

    For a location that defines `media_io_manager` once, and its tables elsewhere.

    Raises:
        DeclarationError: The table's columns do not fit together.
    """
    return dg.Definitions.merge(_defs_of_all_tables(), _defs_of(table))


def _defs_of_all_tables() -> dg.Definitions:
    return dg.Definitions(jobs=[destinations_check], sensors=[dead_runs])


def _defs_of(table: MediaTable) -> dg.Definitions:
    assets = table_assets(table)
    note_built(table)
    job = dg.define_asset_job(
        table.job_name,
        selection=dg.AssetSelection.assets(*(table.asset_key(c.name) for c in table.columns)),
        description=f"All columns of {table.name}, for the batches that you choose.",
        # Rows are spread over the cores inside the step; a process per step would only add
        # seconds of start-up.
        executor_def=dg.in_process_executor,
        run_tags=table.run_tags,
    )
    maintenance = maintenance_job(table, assets)
    schedule = nightly_schedule(table, maintenance)
    return dg.Definitions(
        assets=[assets],
        jobs=[job, maintenance],
        sensors=[uploads_sensor(table)],
        schedules=[schedule] if schedule is not None else [],
    )


def _share(resource: object) -> object:
    """Returns an IO manager that says the same and is in definitions already, else this one."""
    if not isinstance(resource, MediaIOManager):
        return resource
    # A manager finds its home by these when it is first used.
    told = _unwrap(resource), os.environ.get("DAGSTER_HOME"), Path.cwd()
    for known, manager in _managers:
        if known == told:
            return manager
    _managers.append((told, resource))
    return resource


def _unwrap(value: object) -> object:
    """All that was given to a resource, down to the resources in its fields; else the value."""
    if not isinstance(value, BaseModel):
        return type(value), value
    return type(value), {name: _unwrap(getattr(value, name)) for name in type(value).model_fields}


def _check_names(tables: Sequence[MediaTable]) -> None:
    """Refuses tables that Dagster could not tell apart: a step's name holds no slash."""
    by_step: dict[str, str] = {}
    for table in tables:
        if table.op_name in by_step:
            raise DeclarationError(
                what=f"Two tables are named {by_step[table.op_name]!r} and {table.name!r}; "
                f"the step of both would be {table.op_name!r}.",
                accepted="Each table's name once, also with `__` in the place of each slash.",
                fix="Rename one of them.",
            )
        by_step[table.op_name] = table.name
