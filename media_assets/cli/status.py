"""`media-assets status`: one line per table."""

from collections import Counter

import click

from media_assets.automation.partition_selection import describe_misplaced_rows
from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.cli.tables import describe_declared
from media_assets.standard_error import tell
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.verbs.location import asset_versions

_MINUTE = "%Y-%m-%d %H:%M UTC"
_STALE_COLUMNS = ("table", "column", "reason", "cells", "partitions")


@click.command("status")
@click.option("--stale", is_flag=True, help="Show stale cells instead, by column and reason.")
@format_option
@location_options
def command(
    location: Location,
    stale: bool,  # noqa: FBT001  click hands flags over like that
    output_format: Format,
) -> None:
    """Show one line per table: rows, error rows, missing cells, partitions, last run.

    --stale compares every cell with the current code instead. A cell is stale if its column's
    function or its input has changed; the next run of its partition makes it again.
    """
    if stale:
        with asset_versions() as versions:
            stale_lines = [
                line
                for table in location.select(None)
                for line in _stale_of(location, table, versions)
            ]
        print_rows(Answer.of_records(stale_lines, _STALE_COLUMNS), output_format)
        return
    lines: list[dict[str, object]] = []
    for table in location.select(None):
        description = describe_declared(location, table)
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
    for table in location.select(None):
        stored = stored_table(location.installation.catalog, table)
        if told := describe_misplaced_rows(table, stored):
            tell(told)


def _stale_of(
    location: Location, table: MediaTable, versions: AssetVersions
) -> list[dict[str, object]]:
    """Returns a line per column and reason, in the order of the table's columns."""
    stored = stored_table(location.installation.catalog, table)
    cells, partitions = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for partition in stored.partitions():
        for found in stale_columns(table, stored, versions, partition):
            for reason, rows in found.stale.items():
                if reason is Reason.UNREADABLE:
                    continue  # an error row that waits for other content
                cells[found.column, reason.value] += len(rows)
                partitions[found.column, reason.value] += 1
    return [
        {
            "table": table.name,
            "column": column.name,
            "reason": reason.value,
            "cells": cells[column.name, reason.value],
            "partitions": partitions[column.name, reason.value],
        }
        for column in table.columns
        for reason in Reason
        if cells[column.name, reason.value]
    ]
