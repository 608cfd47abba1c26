"""`media-assets check`: a trial of every destination."""

import sys

import click

from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.probe import Probe
from media_assets.tables.destinations_in_use import Use, try_destinations

_WORKS = "works"


@click.command("check")
@click.argument("table", required=False)
@format_option
@location_options
def command(location: Location, table: str | None, output_format: Format) -> None:
    """Write, read and delete a small file at every destination of TABLE (or of all tables).

    If a destination does not work, this reports why and what to do, and exits with 1.
    """
    tables = location.select(table)
    tried = try_destinations(location.installation, tables)
    rows = [_row(use, probe) for use, probe in tried]
    print_rows(Answer.of_records(rows), output_format)
    if any(probe.problem for _, probe in tried):
        sys.exit(1)


def _row(use: Use, probe: Probe) -> dict[str, str | None]:
    problem = probe.problem
    return {
        "destination": probe.destination.uri,
        "used by": ", ".join(use.users),
        "decided by": ", ".join(use.decided_by) or None,
        "result": problem.what if problem else f"{_WORKS} ({probe.seconds:.2f} s)",
        "problem": type(problem).__name__.removesuffix("Error") if problem else None,
        "fix": problem.fix if problem else None,
    }
