"""`media-assets update`: other values for rows that are there."""

from pathlib import Path

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import TEXT
from media_assets.cli.row_values import data_options, parse_values, value_options
from media_assets.cli.runs import caller, fail_if_any, tell_failures
from media_assets.verbs.progress import show_progress
from media_assets.verbs.update import update


@click.command("update")
@click.argument("table")
@click.option("--row", "rows", multiple=True, type=TEXT, help="A row; may be given several times.")
@value_options
@data_options
@location_options
def command(
    location: Location,
    table: str,
    rows: tuple[str, ...],
    values: tuple[str, ...],
    nulls: tuple[str, ...],
    data: Path | None,
    ignore_columns: bool,  # noqa: FBT001  click hands flags over like that
) -> None:
    """Give rows of TABLE other values, and materialize the columns that depend on them.

    Values that are not named stay as they are, and so do the rows' files and partitions.
    """
    if bool(rows) == (data is not None) or bool(rows) != bool(values or nulls):
        message = "Name rows by --row and their values by --set or --null; or a file by --from."
        raise click.UsageError(message)
    media_table = location.table(table)
    changes = data or dict.fromkeys(rows, parse_values(media_table, values, nulls))
    with show_progress():
        updated = update(location, media_table, changes, caller(), ignores_others=ignore_columns)
    failed = tell_failures(updated.runs)
    for line in updated.lines:
        say(line)
    if updated.error_rows:
        say(f"See what failed: media-assets errors {table}")
    fail_if_any(failed)
