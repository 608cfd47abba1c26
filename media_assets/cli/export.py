"""`media-assets export`: a table's files for other programs."""

import sys

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import TEXT
from media_assets.exports.web_dataset import ROWS_PER_TAR
from media_assets.verbs.export import FORMATS, ExportFormat, ExportOptions, export
from media_assets.verbs.progress import show_progress


@click.command("export")
@click.argument("table")
@click.argument("columns", nargs=-1, required=True)
@click.argument("folder", type=click.Path())
@click.option(
    "--format",
    "export_format",
    type=click.Choice(FORMATS),
    default="files",
    show_default=True,
    help="A file per row, or tars that WebDataset reads, with any number of columns.",
)
@click.option("--where", type=TEXT, help="Only rows for which this is true, in SQL.")
@click.option(
    "--rows-per-tar",
    type=click.IntRange(min=1),
    default=ROWS_PER_TAR,
    show_default=True,
    help="How many rows a tar has.",
)
@click.option(
    "--replace", "replaces", is_flag=True, help="Replace files of the same name and other content."
)
@location_options
def command(
    location: Location,
    table: str,
    columns: tuple[str, ...],
    folder: str,
    export_format: ExportFormat,
    *,
    where: str | None,
    rows_per_tar: int,
    replaces: bool,
) -> None:
    """Write the files of COLUMNS of TABLE to FOLDER, under the names of their rows.

    Existing files with the same content stay. Existing files of the same name with other content
    are kept and reported, with exit code 1, unless --replace is given. Nothing is deleted.
    """
    options = ExportOptions(export_format, where, rows_per_tar, replaces)
    with show_progress():
        done = export(location.noted_catalog(), table, columns, folder, options)
    for line in done.lines:
        say(line)
    if not done.is_complete:
        sys.exit(1)
