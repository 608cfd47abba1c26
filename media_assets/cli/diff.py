"""`media-assets diff`: what a branch changed, beside main."""

import sys
from pathlib import Path

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.verbs.diff import CELLS, diff

DIFFERENT = 3
"""The exit code for a difference, which no failure has."""


@click.command("diff")
@click.argument("name")
@click.option(
    "--html",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a page for each table into this folder: cells before and after.",
)
@click.option(
    "--cells",
    type=click.IntRange(1),
    default=CELLS,
    show_default=True,
    help="How many cells of a column a page shows.",
)
@click.option("--exit-code", is_flag=True, help=f"Exit with {DIFFERENT} if anything differs.")
@location_options
def command(
    location: Location,
    name: str,
    folder: Path | None,
    cells: int,
    exit_code: bool,  # noqa: FBT001  click hands flags over like that
) -> None:
    """Show in Markdown which rows and cells of branch NAME differ from main as it is now."""
    location.select(None)
    found = diff(location.installation, location.tables, name, folder=folder, cells=cells)
    for line in found.lines:
        say(line)
    if exit_code and found.differs:
        sys.exit(DIFFERENT)
