"""`media-assets status`: each table in one line."""

from pathlib import Path

import click

from media_assets.catalog import Answer
from media_assets.cli.location import load_location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.cli.standing import standing

_MINUTE = "%Y-%m-%d %H:%M UTC"


@click.command("status")
@format_option
@location_options
def command(output_format: Format, module_name: str | None, python_file: Path | None) -> None:
    """Show each table in one line: rows, error rows, missing cells, partitions, last run."""
    location = load_location(module_name, python_file)
    lines: list[dict[str, object]] = []
    for table in location.tables.values():
        description = standing(location, table)
        newest = description.newest
        written = newest.written_at if newest else None
        if written is not None and output_format == "table":
            written = f"{written:{_MINUTE}}"
        lines.append(
            {
                "table": table.name,
                "rows": description.rows,
                "error rows": description.error_rows,
                "missing cells": description.missing,
                "partitions": description.partitions,
                "last written": written,
                "last run": newest and newest.run_id,
            }
        )
    print_rows(Answer.of_records(lines), output_format)
