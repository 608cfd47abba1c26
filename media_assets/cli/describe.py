"""`media-assets describe`: the columns of a table, with counts and destinations."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.filesize import decimal

from media_assets.amounts import amount
from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.cli.tables import describe_declared, find_table


@click.command("describe")
@click.argument("table")
@format_option
@location_options
def command(location: Location, table: str, output_format: Format) -> None:
    """Show the columns of TABLE: type, inputs, destination, formats, counts, size, errors."""
    catalog = location.catalog
    media_table = find_table(location, catalog, table)
    description = (
        describe_declared(location, media_table) if media_table else catalog.describe(table)
    )
    columns = [asdict(column) for column in description.columns]
    if output_format == "table":
        unused = [name for name in _SELDOM if not any(column[name] for column in columns)]
        columns = [_for_people(column, unused) for column in columns]
    title = (
        f"{table}: {amount(description.rows, 'row')} in "
        f"{amount(description.partitions, 'partition')}, "
        f"{description.error_rows} with an error"
    )
    print_rows(Answer.of_records(columns), output_format, title=title)


_SELDOM = ("object_options", "publish")


def _for_people(column: dict[str, Any], unused: Sequence[str]) -> dict[str, Any]:
    names = {
        "size_bytes": "size",
        "decided_by": "decided by",
        "object_options": "object options",
    }
    shown = {
        "inputs": ", ".join(column["inputs"]),
        "formats": ", ".join(column["formats"]),
        "size_bytes": decimal(column["size_bytes"]),
    }
    return {
        names.get(name, name): shown.get(name, value)
        for name, value in column.items()
        if name not in ("written_at", "run_id", *unused)
    }
