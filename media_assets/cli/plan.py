"""`media-assets plan`: the destination of each column, and what decided it."""

import click

from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.columns import ComputedColumn
from media_assets.tables.image_reading import describe_reading


@click.command("plan")
@click.argument("table", required=False)
@format_option
@location_options
def command(location: Location, table: str | None, output_format: Format) -> None:
    """Show where the files of TABLE (or of all tables) would be written; nothing is changed."""
    tables = location.select(table)
    rows: list[dict[str, str | None]] = []
    for media_table in tables:
        for column in media_table.columns:
            resolved = location.installation.decide(media_table.name, column)
            destination = resolved.destination if resolved else None
            options = location.installation.options_of(media_table.name, column, destination)
            publish = column.publish if isinstance(column, ComputedColumn) else None
            rows.append(
                {
                    "table": media_table.name,
                    "column": column.name,
                    "type": column.type.value,
                    "reads": ", ".join(column.reads) or None,
                    "reading": describe_reading(media_table, column),
                    "destination": resolved.destination.uri if resolved else None,
                    "decided by": resolved.decision if resolved else None,
                    **({"object options": options.text} if options.text else {}),
                    **({"publish": publish} if publish else {}),
                }
            )
    shown = list(dict.fromkeys(name for row in rows for name in row))
    print_rows(Answer.of_records(rows, shown), output_format)
