"""Runs of a table in Dagster, measured without start-up: inserts a folder, materializes it."""

import argparse
from pathlib import Path

from benchmarks.stopwatch import measured, tell
from media_assets.cli.location import load_location, open_instance
from media_assets.automation.local_runs import register_partitions
from media_assets.cli.runs import run_partitions
from media_assets.table_uploads import record
from media_assets.upload_log import UploadLog
from media_assets.uploads import find_files


def main(module: str, source: Path, columns: tuple[str, ...] | None) -> None:
    """Records the files of a folder, and measures the runs over their partitions alone."""
    location = load_location(module, None)
    table, manager = location.table("photos"), location.io_manager
    partitions = record(manager, table, find_files([source])).partitions
    log = UploadLog(manager.catalog_root(), table.name)
    log.refresh()
    with open_instance() as instance:
        register_partitions(instance, table, log)
        with measured() as figures:
            runs = list(run_partitions(location, instance, table, partitions, table.select(columns)))
    assert all(run.succeeded for run in runs), runs
    tell({**figures, "made": sum(r.made for r in runs), "reused": sum(r.reused for r in runs)})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--module", default="benchmarks.photos")
    parser.add_argument("--columns", nargs="+")
    options = parser.parse_args()
    main(options.module, options.source, tuple(options.columns) if options.columns else None)
