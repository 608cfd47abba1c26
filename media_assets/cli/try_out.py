"""`media-assets try`: a sample of rows made by the current code, beside what the table has."""

from pathlib import Path

import click

from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.named_columns import named_columns
from media_assets.cli.output import Format, format_option, print_rows, say
from media_assets.trials.outcome import ColumnTrial
from media_assets.verbs.progress import show_progress
from media_assets.verbs.try_out import ROWS, Tried, TryOptions, try_out


@click.command("try")
@click.argument("columns", metavar="COLUMN...", nargs=-1, required=True)
@click.option("--table", help="The table, if several have a column of this name.")
@click.option(
    "--rows", type=click.IntRange(1), default=ROWS, show_default=True, help="How many rows to make."
)
@click.option("--where", help="Only rows for which this is true, in SQL.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the page; by default below media/trials/ in DAGSTER_HOME.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@format_option
@location_options
def command(
    location: Location,
    columns: tuple[str, ...],
    table: str | None,
    rows: int,
    where: str | None,
    output: Path | None,
    opens: bool,  # noqa: FBT001  click hands flags over like that
    output_format: Format,
) -> None:
    """Make COLUMN of some rows by the current code, and compare with what stands; keep nothing.

    The rows come from many partitions, and some of them have an error. What is made from the
    column is made, too. A page shows each cell before and after, and the difference.
    """
    media_table, names = named_columns(location, columns, table)
    options = TryOptions(rows=rows, where=where, folder=output)
    with show_progress():
        tried = try_out(location, media_table, names, options)
    if output_format == "table":
        _say(tried)
    else:
        print_rows(Answer.of_records(list(map(_line, tried.outcome.columns))), output_format)
    if opens:
        click.launch(str(tried.page))


def _say(tried: Tried) -> None:
    for line in tried.lines:
        say(line)
    for cell in tried.failed_cells:
        say(f"New error: {cell}")


def _line(column: ColumnTrial) -> dict[str, object]:
    return {
        "column": column.column,
        "tried": column.is_tried,
        "cells": column.cells,
        "made": column.made,
        **{verdict.value.replace(" ", "_"): n for verdict, n in column.counts.items()},
        "lowest_similarity": min(column.similarities, default=None),
        "bytes_before": column.bytes_before,
        "bytes_after": column.bytes_after,
    }
