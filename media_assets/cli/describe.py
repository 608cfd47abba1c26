"""`media-assets describe`: a table's columns, and of each what stands and where."""

from dataclasses import asdict
from pathlib import Path

import click
import pandas as pd
from rich.filesize import decimal

from media_assets.cli.location import load_location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.cli.standing import standing


@click.command("describe")
@click.argument("table")
@format_option
@location_options
def command(
    table: str, output_format: Format, module_name: str | None, python_file: Path | None
) -> None:
    """Show the columns of TABLE: type, inputs, destination, formats, counts, bytes, errors."""
    location = load_location(module_name, python_file)
    description = standing(location, location.table(table))
    columns = pd.DataFrame([asdict(column) for column in description.columns])
    if output_format == "table":
        for name in ("inputs", "formats"):
            columns[name] = columns[name].str.join(", ")
        columns["size_bytes"] = columns["size_bytes"].map(decimal)
        columns = columns.drop(columns=["written_at", "run_id"])
        columns = columns.rename(columns={"size_bytes": "size", "decided_by": "decided by"})
    title = (
        f"{table}: {description.rows} rows in {description.partitions} partitions, "
        f"{description.error_rows} with an error"
    )
    print_rows(columns, output_format, title=title)
