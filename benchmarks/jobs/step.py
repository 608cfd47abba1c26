"""A table's runs in Dagster, without start-up; the files are recorded beforehand."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from benchmarks.stopwatch import measured, tell
from media_assets import metadata
from media_assets.automation.local_runs import register_partitions, run_partitions
from media_assets.cli.location import Location
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import find_files
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.location import open_instance


def main(module: str, source: Path, columns: tuple[str, ...] | None) -> None:
    """Records the files of a folder, and measures only the runs over their partitions."""
    location = Location(module)
    table, manager = location.table("photos"), location.io_manager
    partitions = record(manager.installation, table, find_files([source]), is_named=True).partitions
    stored = StoredTable(manager.installation.catalog, table.name)
    selected = table.select(columns)
    opened = _count_opened_in(source)
    with open_instance() as instance:
        register_partitions(instance, table, stored)
        with measured() as figures:
            job = location.defs.resolve_implicit_global_asset_job_def()
            runs = list(run_partitions(job, instance, table, partitions, selected, tags={}))
        assert all(run.succeeded for run in runs), runs
        profile = _profile(instance, table, selected[-1].name)
    made, reused = sum(run.made for run in runs), sum(run.reused for run in runs)
    tell({**figures, **profile, "made": made, "reused": reused, "sources_opened": len(opened)})


def _count_opened_in(folder: Path) -> Sequence[str]:
    """Returns a list that collects the names of files opened in a folder from now on."""
    opened: list[str] = []
    prefix = f"{folder.resolve()}/"

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).startswith(prefix):
            opened.append(str(arguments[0]))

    sys.addaudithook(heard)
    return opened


def _profile(instance: dg.DagsterInstance, table: MediaTable, column: str) -> dict[str, object]:
    """Returns what the last column's materialization says of the whole step."""
    event = instance.get_latest_materialization_event(table.asset_key(column))
    materialization = event.asset_materialization if event else None
    assert materialization is not None
    shown = materialization.metadata
    return {
        "step_seconds": shown[metadata.SECONDS].value,
        "seconds_by_stage": shown[metadata.SECONDS_BY_STAGE].value,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--module", default="benchmarks.photos")
    parser.add_argument("--columns", nargs="+")
    parser.add_argument("--core", type=int, help="Which of its cores to use; all by default.")
    options = parser.parse_args()
    core: int | None = options.core
    if core is not None:
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})
    main(options.module, options.source, tuple(options.columns) if options.columns else None)
