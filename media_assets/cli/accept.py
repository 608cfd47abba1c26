"""`media-assets accept`: standing cells count as made by the current code."""

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.named_columns import named_columns
from media_assets.cli.output import say
from media_assets.verbs.accept import accept_cells, undo_acceptance


@click.command("accept")
@click.argument("column")
@click.option("--table", help="The table, if several have a column of this name.")
@click.option("--because", help="Why, for the history; needed if the code was not tried here.")
@click.option(
    "--version", help="Only cells that were made by this code version, if several made some."
)
@click.option("--undo", is_flag=True, help="Undo an acceptance, where no run has come since.")
@location_options
def command(
    location: Location,
    column: str,
    table: str | None,
    because: str | None,
    version: str | None,
    undo: bool,  # noqa: FBT001  click hands flags over like that
) -> None:
    """Let the standing cells of COLUMN count as made by its current code; nothing is computed.

    Use it after a change that changes no result, such as another name for a variable, or whose
    results you do not want. Who accepted them, when and why stands in media_assets.history.
    """
    media_table, (name,) = named_columns(location, [column], table)
    if undo:
        done = undo_acceptance(location, media_table, name)
    else:
        done = accept_cells(location, media_table, name, because=because, version=version)
    for line in done.lines:
        say(line)
