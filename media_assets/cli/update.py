"""`media-assets update`: other values for rows that are there."""

from pathlib import Path

import click

from media_assets.amounts import amount
from media_assets.automation.local_runs import IN_PLACE, RunOutcome
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import TEXT
from media_assets.cli.row_values import data_options, parse_values, value_options
from media_assets.cli.runs import caller, fail_if_any, tell_failures
from media_assets.tables.row_data import update_from
from media_assets.tables.row_values import update_values
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.progress import show_progress
from media_assets.verbs.runs import describe_counts, run_partitions


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
    media_table, installation = location.table(table), location.installation
    if data is None:
        given = parse_values(media_table, values, nulls)
        updated = update_values(installation, media_table, dict.fromkeys(rows, given))
    else:
        updated = update_from(installation, media_table, data, ignores_others=ignore_columns)
    selected = media_table.readers_of(updated.names)
    runs: tuple[RunOutcome, ...] = ()
    if updated.partitions and selected:
        stored = StoredTable(installation.catalog, table)
        with show_progress():
            runs = run_partitions(
                location,
                media_table,
                updated.partitions,
                selected,
                stored,
                caller(),
                config=IN_PLACE,
            )
    failed = tell_failures(runs)
    say(f"Updated {amount(updated.rows, 'row')} of {table}: {describe_counts(runs)}.")
    if errors := sum(run.errors for run in runs):
        told = amount(errors, "cell has an error", "cells have an error")
        say(f"{told}. See what failed: media-assets errors {table}")
    fail_if_any(failed)
