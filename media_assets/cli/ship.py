"""`media-assets ship`: main takes what a branch changed."""

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.verbs.branch import refuse_on_branch
from media_assets.verbs.location import open_instance
from media_assets.verbs.ship import ship


@click.command("ship")
@click.argument("name")
@location_options
def command(location: Location, name: str) -> None:
    """Bring what branch NAME changed into main; nothing is computed.

    Where main has changed since, rows stay as main has them, and a cell of the branch counts only
    if it is made from what main has now. If it is interrupted, ship again.
    """
    location.select(None)
    refuse_on_branch(location.installation, "ship", why="main is what takes a branch")
    with open_instance() as instance:
        done = ship(location.installation, location.tables, name, instance)
    for line in done.lines:
        say(line)
