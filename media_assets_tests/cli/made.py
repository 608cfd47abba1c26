"""Tables of a test's project with rows that were made, without the seconds of Dagster's runs."""

from pathlib import Path

from media_assets.cli.location import Location
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step


def make(project: Path, *paths: Path) -> str:
    """Inserts files into `photos` and makes all columns of the one batch that holds them."""
    table = Location(None, project).table("photos")
    (partition,) = insert(table, *paths)
    run_step(table, partition)
    return partition
