"""`media-assets errors`: the cells that failed, and why."""

import click

from media_assets.amounts import amount
from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.cli.tables import find_columns
from media_assets.errors import InputFailedError

CELLS_FOR_PEOPLE = 50


@click.command("errors")
@click.argument("table")
@click.option("--limit", type=click.IntRange(min=0), help="Show at most this many cells.")
@format_option
@location_options
def command(location: Location, table: str, limit: int | None, output_format: Format) -> None:
    """List the cells of TABLE that have an error.

    What failed itself comes first, then the cells that would be made from it.
    """
    _, catalog = location.reading(table)
    find_columns(location, catalog, table, None)
    found = catalog.answer(
        'select row, "column", error_class, error_message, partition from media_assets.errors '
        'where "table" = ? order by error_class = ?, row, "column"',
        [table, InputFailedError.__name__],
    )
    if limit is None and output_format == "table":
        limit = CELLS_FOR_PEOPLE
    shown = Answer(found.columns, found.rows[:limit])
    of_all = "" if len(shown.rows) == len(found.rows) else f"{len(shown.rows)} of "
    title = f"{table}: {of_all}{amount(len(found.rows), 'cell')} with an error"
    print_rows(shown, output_format, title=title)
