"""Tables in, plain Dagster definitions out."""

from collections.abc import Mapping, Sequence

import dagster as dg

from media_assets.automation.dead_runs import dead_runs
from media_assets.automation.destinations_check import destinations_check
from media_assets.automation.schedules import maintenance_job, nightly_schedule
from media_assets.automation.uploads_sensor import uploads_sensor
from media_assets.errors import DeclarationError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.assets import IO_MANAGER_KEY, table_assets
from media_assets.tables.table import MediaTable

_built: dict[str, MediaTable] = {}


def build_defs(
    tables: Sequence[MediaTable], overrides: Mapping[str, object] | None = None
) -> dg.Definitions:
    """Returns the assets, jobs, sensors, schedules and resources of tables as one `dg.Definitions`.

    Merge it with definitions of your own by `dg.Definitions.merge`.

    Args:
        tables: The tables of this code location.
        overrides: Resources by key that take the place of the default ones, for example an IO
            manager with globals of its own, or one for tests.

    Raises:
        DeclarationError: Two tables share a name, or a table's columns do not fit together.
    """
    _check_names(tables)
    shared = dg.Definitions(
        jobs=[destinations_check(tables)],
        sensors=[dead_runs],
        resources={IO_MANAGER_KEY: MediaIOManager(), **(overrides or {})},
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(shared, *(table_defs(table) for table in tables))


def table_defs(table: MediaTable) -> dg.Definitions:
    """Returns what one table brings: its assets, and what runs them; no resource is among it.

    Raises:
        DeclarationError: The table's columns do not fit together.
    """
    assets = table_assets(table)
    _built[table.name] = table
    job = dg.define_asset_job(
        table.job_name,
        selection=dg.AssetSelection.assets(*(table.asset_key(c.name) for c in table.columns)),
        description=f"All columns of {table.name}, for the batches that you choose.",
        executor_def=dg.in_process_executor,
    )
    maintenance = maintenance_job(table, assets)
    schedule = nightly_schedule(table, maintenance)
    return dg.Definitions(
        assets=[assets],
        jobs=[job, maintenance],
        sensors=[uploads_sensor(table)],
        schedules=[schedule] if schedule is not None else [],
        # Rows are spread over the cores inside the step; a process per step would only add
        # seconds of start-up.
        executor=dg.in_process_executor,
    )


def built_tables() -> dict[str, MediaTable]:
    """Returns the tables of all definitions that were built in this process, by name."""
    return dict(_built)


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
