"""`media-assets delete`: the removal of rows from a table."""

import click

from media_assets.amounts import amount
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import TEXT
from media_assets.upkeep.deletions import delete_rows
from media_assets.uploads.stored_table import StoredTable


@click.command("delete")
@click.argument("table")
@click.argument("rows", nargs=-1, required=True, type=TEXT)
@location_options
def command(location: Location, table: str, rows: tuple[str, ...]) -> None:
    """Delete ROWS of TABLE.

    A deleted row stays deleted, even if its upload is still there, until the upload's content
    changes or an insert names it.
    """
    media_table = location.table(table)
    stored = StoredTable(location.installation.catalog, table)
    count = delete_rows(stored, media_table.source.name, rows)
    say(f"Deleted {amount(count, 'row')} of {table}.")
    whose = "Its" if count == 1 else "Their"
    say(f"{whose} files can be deleted after 24 hours: media-assets gc {table}")
