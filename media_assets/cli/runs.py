"""Dagster runs of the command line, by the definitions of the code location that it serves."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from media_assets.automation import local_runs
from media_assets.cli.location import Location
from media_assets.columns import Column
from media_assets.tables.table import MediaTable


def run_partitions(
    location: Location,
    instance: dg.DagsterInstance,
    table: MediaTable,
    partitions: Sequence[str],
    columns: Sequence[Column],
    *,
    config: Mapping[str, object] | None = None,
) -> Iterator[local_runs.RunOutcome]:
    """Materializes columns of partitions, one run each, and yields each run's outcome."""
    job = location.defs.resolve_implicit_global_asset_job_def()
    return local_runs.run_partitions(job, instance, table, partitions, columns, config=config)
