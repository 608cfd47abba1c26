"""`media-assets show`: a table's rows, with files and values."""

from collections.abc import Mapping, Sequence
from typing import cast

import click

from media_assets.amounts import amount
from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, Link, format_option, print_rows
from media_assets.cli.parameters import split_names
from media_assets.cli.tables import find_columns
from media_assets.errors import UnknownNameError
from media_assets.records.database import quote_name
from media_assets.records.manifests import Header

_ROWS_FOR_PEOPLE = 20


@click.command("show")
@click.argument("table")
@click.option("--columns", help="Only these columns: a,b")
@click.option("--limit", type=click.IntRange(min=0), help="Show at most this many rows.")
@click.option("--long", "is_long", is_flag=True, help="Show whole fileurls, not only file names.")
@format_option
@location_options
def command(
    location: Location,
    table: str,
    columns: str | None,
    limit: int | None,
    *,
    is_long: bool,
    output_format: Format,
) -> None:
    """Show the rows of TABLE: the file of each column with files, the value of each value column.

    Files are shown by their names, which a terminal links to the files; --long and the formats for
    programs show whole fileurls.
    """
    _, catalog = location.reading(table)
    names = find_columns(location, catalog, table, split_names(columns))
    try:
        headers = catalog.columns(table)
    except UnknownNameError:  # it is declared, but has no rows
        print_rows(Answer(["row", *names], ()), output_format, title=f"{table}: 0 rows")
        return
    if output_format != "table":
        print_rows(catalog.answer(_query(table, names, headers, limit)), output_format)
        return
    limit = _ROWS_FOR_PEOPLE if limit is None else limit
    counting = f"select count(*) from {quote_name(table)}"  # noqa: S608  quoted
    answer, counted = catalog.answers([(_query(table, names, headers, limit), ()), (counting, ())])
    count = cast("int", counted.rows[0][0])
    of_all = "" if len(answer.rows) == count else f"{len(answer.rows)} of "
    if not is_long:
        answer = _with_links(answer, headers)
    print_rows(answer, output_format, title=f"{table}: {of_all}{amount(count, 'row')}")


def _query(
    table: str, names: Sequence[str], headers: Mapping[str, Header], limit: int | None
) -> str:
    """Returns a query for rows; a column that was never materialized is empty."""
    shown = (
        quote_name(name) if name in headers else f"null as {quote_name(name)}" for name in names
    )
    query = f"select {', '.join(['row', *shown])} from {quote_name(table)} order by row"  # noqa: S608  quoted
    return query if limit is None else f"{query} limit {limit}"


def _with_links(answer: Answer, headers: Mapping[str, Header]) -> Answer:
    """Returns rows with a link instead of each fileurl."""
    are_files = [name in headers and headers[name].type.is_medium for name in answer.columns]
    rows = [
        tuple(
            Link.to(cell) if is_file and isinstance(cell, str) else cell
            for cell, is_file in zip(row, are_files, strict=True)
        )
        for row in answer.rows
    ]
    return Answer(answer.columns, rows)
