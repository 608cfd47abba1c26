"""`media-assets show`: a table's rows, with fileurls and values."""

from typing import cast

import click

from media_assets.amounts import amount
from media_assets.catalog import Answer, Catalog
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.cli.runs import split_names
from media_assets.cli.tables import find_table
from media_assets.records.database import quote_name

_ROWS_FOR_PEOPLE = 20


@click.command("show")
@click.argument("table")
@click.option("--columns", help="Only these columns: a,b")
@click.option("--limit", type=click.IntRange(min=0), help="Show at most this many rows.")
@format_option
@location_options
def command(
    location: Location, table: str, columns: str | None, limit: int | None, output_format: Format
) -> None:
    """Show the rows of TABLE: the fileurl of each file, the value of each value column."""
    catalog = location.catalog
    media_table, selected = find_table(location, catalog, table), split_names(columns)
    if media_table is None:
        names = list(catalog.columns(table, selected))
    else:
        names = media_table.select_names(selected)
    if limit is None and output_format == "table":
        limit = _ROWS_FOR_PEOPLE
    answer, count = _rows(catalog, table, names, limit)
    shown = len(answer.rows)
    of_all = "" if shown == count else f"{shown} of "
    print_rows(answer, output_format, title=f"{table}: {of_all}{amount(count, 'row')}")


def _rows(catalog: Catalog, table: str, names: list[str], limit: int | None) -> tuple[Answer, int]:
    """Reads the rows; a column that was never materialized is empty."""
    if table not in catalog.tables():
        return Answer(["row", *names], ()), 0
    materialized = catalog.columns(table)
    shown = ", ".join(
        quote_name(name) if name in materialized else f"null as {quote_name(name)}"
        for name in names
    )
    query = f"select row, {shown} from {quote_name(table)} order by row"  # noqa: S608  quoted
    counted = catalog.answer(f"select count(*) from {quote_name(table)}")  # noqa: S608  quoted
    count = cast("int", counted.rows[0][0])
    return catalog.answer(query if limit is None else f"{query} limit {limit}"), count
