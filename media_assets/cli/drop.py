"""`media-assets drop`: the removal of a table or column with all its files."""

import click

from media_assets.amounts import amount
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.errors import BranchInUseError, UnknownNameError
from media_assets.masking import make_printable
from media_assets.partitioning import dynamic_partitions_name
from media_assets.records.column_folders import list_tables
from media_assets.upkeep.branches import Branches
from media_assets.upkeep.dropping import Drop, derived_tables
from media_assets.verbs.branch import refuse_on_branch
from media_assets.verbs.location import open_instance


@click.command("drop")
@click.argument("table")
@click.argument("column", required=False)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@location_options
def command(
    location: Location,
    table: str,
    column: str | None,
    yes: bool,  # noqa: FBT001  click hands flags over like that
) -> None:
    """Delete every file that was written for TABLE, or for its COLUMN, at any destination.

    Tables that are derived from TABLE go with it. Uploads that were not copied are kept, and a
    scan finds them again.
    """
    installation = location.installation
    refuse_on_branch(installation, "drop", why="files are shared with main")
    root = installation.catalog
    if table not in (known := list_tables(root)):
        raise UnknownNameError(kind="table", name=table, known=known, where="in the catalog")
    names = [table] if column else [*derived_tables(root, table), table]
    if branches := Branches.of(root).with_tables(names):
        raise BranchInUseError(table, branches=branches)
    columns = [column] if column else None
    drops = [Drop(root, installation.storage, each, columns) for each in names]
    name = f"{table}/{column}" if column else ", ".join(reversed(names))
    if not yes:
        found = (each for drop in drops for each in drop.find())
        sizes = [one.located.file.size_bytes for each in found for one in each.all]
        size = f"{amount(len(sizes), 'file')}, {amount(sum(sizes), 'byte')}"
        click.confirm(f"Delete {make_printable(name)}: {size}?", abort=True)
    count = sum(1 for drop in drops for _ in drop.run())
    if column is None:
        with open_instance() as instance:
            partitions = dynamic_partitions_name(table)
            for key in instance.get_dynamic_partitions(partitions):
                instance.delete_dynamic_partition(partitions, key)
    say(f"Dropped {name}: {amount(count, 'file')} deleted.")
