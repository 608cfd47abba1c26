"""`media-assets check`: whether every destination can be written, read and deleted from here."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import click
import pandas as pd

from media_assets.cli.location import Location, load_location, location_options
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.destinations import Destination
from media_assets.probe import Probe, probe_all
from media_assets.tables.table import MediaTable

_CATALOG = "catalog"
_WORKS = "works"


@dataclass(frozen=True, slots=True)
class _Use:
    """Who uses a destination, and who decided that."""

    users: list[str] = field(default_factory=list[str])
    decided_by: list[str] = field(default_factory=list[str])

    def add(self, user: str, decided_by: str) -> None:
        self.users.append(user)
        if decided_by and decided_by not in self.decided_by:
            self.decided_by.append(decided_by)


@click.command("check")
@click.argument("table", required=False)
@format_option
@location_options
def command(
    table: str | None, output_format: Format, module_name: str | None, python_file: Path | None
) -> None:
    """Write, read and delete a probe at every destination of TABLE (or of all tables).

    Exits with 1 when one does not work, and says why and what to do.
    """
    location = load_location(module_name, python_file)
    tables = [location.table(table)] if table else list(location.tables.values())
    uses = _uses(location, tables)
    catalog = location.io_manager.catalog_root().destination
    probes = probe_all(
        {destination: destination == catalog for destination in uses}, location.io_manager.storage
    )
    rows = [_row(probes[destination], use) for destination, use in uses.items()]
    print_rows(pd.DataFrame(rows), output_format)
    if any(probe.problem for probe in probes.values()):
        sys.exit(1)


def _uses(location: Location, tables: list[MediaTable]) -> dict[Destination, _Use]:
    """Every destination once, the catalog's first."""
    uses = {location.io_manager.catalog_root().destination: _Use()}
    for use in uses.values():
        use.add(_CATALOG, "")
    for table in tables:
        for column in table.columns:
            resolved = location.io_manager.decide(table.name, column)
            if resolved is not None:
                use = uses.setdefault(resolved.destination, _Use())
                use.add(f"{table.name}/{column.name}", resolved.decided_by.value)
    return uses


def _row(probe: Probe, use: _Use) -> dict[str, str | None]:
    problem = probe.problem
    return {
        "destination": probe.destination.uri,
        "used by": ", ".join(use.users),
        "decided by": ", ".join(use.decided_by) or None,
        "result": problem.what if problem else f"{_WORKS} ({probe.seconds:.2f} s)",
        "problem": type(problem).__name__.removesuffix("Error") if problem else None,
        "fix": problem.fix if problem else None,
    }
