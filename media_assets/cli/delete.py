"""`media-assets delete`: the removal of rows from a table."""

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import TEXT
from media_assets.verbs.delete import delete


@click.command("delete")
@click.argument("table")
@click.argument("rows", nargs=-1, required=True, type=TEXT)
@location_options
def command(location: Location, table: str, rows: tuple[str, ...]) -> None:
    """Delete ROWS of TABLE.

    A deleted row stays deleted, even if its upload is still there, until the upload's content
    changes or an insert names it.
    """
    for line in delete(location, location.table(table), rows).lines:
        say(line)
