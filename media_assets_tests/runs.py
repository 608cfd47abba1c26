"""Inserts and Dagster runs in this process, over a home of the test's own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from media_assets.automation.local_runs import register_partitions
from media_assets.build import build_defs
from media_assets.catalog import Catalog
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Manifest, newest_manifest
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import find_files
from media_assets.uploads.stored_table import StoredTable


def insert(
    table: MediaTable, *paths: Path, manager: MediaIOManager | None = None
) -> tuple[str, ...]:
    """Records files as uploads, and returns the partitions that hold them."""
    installation = (manager or MediaIOManager()).installation
    found = find_files(paths, extensions=table.medium.extensions)
    return record(installation, table, found).partitions


def inserted(
    instance: dg.DagsterInstance,
    table: MediaTable,
    *paths: Path,
    manager: MediaIOManager | None = None,
) -> str:
    """Records files, lets Dagster know, and returns the one partition that holds them."""
    (partition,) = insert(table, *paths, manager=manager)
    stored = StoredTable((manager or MediaIOManager()).installation.catalog, table.name)
    register_partitions(instance, table, stored)
    return partition


def materialize(
    instance: dg.DagsterInstance,
    table: MediaTable,
    partition: str,
    *,
    columns: Sequence[str] | None = None,
    manager: MediaIOManager | None = None,
    run_config: Mapping[str, object] | None = None,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """Runs columns of a partition, all by default; a failed run is returned like any other."""
    defs = build_defs([table], overrides={"media_io_manager": manager or MediaIOManager()})
    names = columns or [column.name for column in table.columns]
    return defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        partition_key=partition,
        asset_selection=[table.asset_key(name) for name in names],
        run_config={
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            **(run_config or {}),
        },
        tags=dict(tags or {}),
        raise_on_error=False,
    )


def globals_of_run(**settings: str) -> dict[str, object]:
    """Run config that sets globals of the IO manager."""
    return {"resources": {"media_io_manager": {"config": settings}}}


def shown(result: dg.ExecuteInProcessResult, table: MediaTable, column: str) -> dict[str, object]:
    """What a run attached to the materialization of a column, by metadata key."""
    (event,) = (
        event.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key == table.asset_key(column)
    )
    return {key: value.value for key, value in event.metadata.items()}


def manifest(table: MediaTable, column: str, partition: str) -> Manifest | None:
    """The newest manifest of a column in a partition."""
    root = MediaIOManager().installation.catalog
    return newest_manifest(root.ledger(table.name, column, partition))


def catalog() -> Catalog:
    return Catalog(MediaIOManager().installation.catalog)
