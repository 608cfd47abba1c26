"""`media-assets gc`: the deletion of files that are no longer needed, and of old manifests."""

import sys
from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from shutil import rmtree

import click

from media_assets.amounts import amount
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import count_or_duration, duration
from media_assets.errors import MediaAssetsError, UnknownNameError
from media_assets.records.column_folders import list_columns, list_tables
from media_assets.records.ledger import CatalogRoot
from media_assets.standard_error import tell
from media_assets.temporary_folder import list_abandoned
from media_assets.upkeep.collection import collect
from media_assets.upkeep.garbage import Garbage, GarbageFinder
from media_assets.upkeep.merging import merge_manifests
from media_assets.upkeep.published import find_unpublished
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.upkeep.retention import Retention
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.branch import refuse_on_branch


@click.command("gc")
@click.argument("table", required=False)
@click.option("--dry-run", is_flag=True, help="List what would be deleted, and delete nothing.")
@click.option(
    "--grace",
    type=duration,
    default="24h",
    show_default=True,
    help="Keep anything written, in use, or deleted within this period. Must be longer than your "
    "longest run, unless nothing is running.",
)
@click.option(
    "--keep",
    type=count_or_duration,
    default="10",
    show_default=True,
    help="Keep this many materializations of each column and partition, or all that are at most "
    "this old: 30d",
)
@location_options
def command(
    location: Location,
    table: str | None,
    dry_run: bool,  # noqa: FBT001  click hands flags over like that
    grace: timedelta,
    keep: int | timedelta,
) -> None:
    """Delete files of TABLE (or of all tables) that are not in any kept manifest.

    Only files that this project wrote are deleted, never uploads that were not copied. Afterwards,
    manifests are merged so that the catalog opens faster.
    """
    installation = location.installation
    refuse_on_branch(
        installation, "gc", why="it keeps what branches name, and collects for all of them"
    )
    root, storage = installation.catalog, installation.storage
    retention = Retention(grace=grace, keep=keep)
    in_place = files_uploaded_in_place(root, storage)
    faults: list[MediaAssetsError] = []
    count = size_bytes = 0
    for name in _tables(root, table):
        stored = StoredTable(root, name)
        finder = GarbageFinder(stored, storage, retention, in_place=in_place)
        unpublished = find_unpublished(stored, storage, since=retention.since)
        for found in chain(finder.find(), unpublished):
            removed = found.all if dry_run else collect(root, storage, found)
            for garbage in removed:
                count += 1
                size_bytes += garbage.located.file.size_bytes
                say(_line(garbage))
            faults += found.faults
        if not dry_run:
            for column in list_columns(root, name):
                merge_manifests(root, name, column)
    for folder in list_abandoned():
        for file in (path for path in folder.rglob("*") if path.is_file()):
            count += 1
            size_bytes += file.stat().st_size
            size = amount(file.stat().st_size, "byte")
            say(f"{file.as_uri()}  {size}, left by a killed process")
        if not dry_run:
            rmtree(folder, ignore_errors=True)
    verb = "Would delete" if dry_run else "Deleted"
    say(f"{verb} {amount(count, 'file')}, {amount(size_bytes, 'byte')}.")
    _fail_if_any(faults)


def _tables(root: CatalogRoot, table: str | None) -> list[str]:
    known = list_tables(root)
    if table is not None and table not in known:
        raise UnknownNameError(kind="table", name=table, known=known, where="in the catalog")
    return known if table is None else [table]


def _line(garbage: Garbage) -> str:
    located = garbage.located
    return f"{located.fileurl}  {amount(located.file.size_bytes, 'byte')}, {garbage.why}"


def _fail_if_any(faults: Iterable[MediaAssetsError]) -> None:
    texts = {str(fault) for fault in faults}
    for text in sorted(texts):
        tell(f"Error: {text}")
    if texts:
        sys.exit(1)
