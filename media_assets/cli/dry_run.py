"""`media-assets materialize --dry-run`: the cells that a run would make, and the cost."""

from collections.abc import Sequence
from typing import cast

import dagster as dg

from media_assets import metadata
from media_assets.amounts import amount
from media_assets.catalog import Answer
from media_assets.cli.output import print_rows, say
from media_assets.columns import Column
from media_assets.installation import Installation
from media_assets.pipeline import OutputPlan
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.staleness import StaleColumn, stale_columns
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.location import open_instance

_GB = 1_000_000_000
_HOUR = 3_600
_EVENTS_LOOKED_AT = 20


def print_dry_run(
    installation: Installation,
    table: MediaTable,
    partitions: Sequence[str],
    columns: Sequence[Column],
    stored: StoredTable,
    versions: AssetVersions,
    *,
    force: bool,
    moves: bool,
) -> None:
    """Prints a line per column and partition, then the cost of the run; nothing is changed.

    With all columns of a table go the tables that are derived from it; of these, parents that were
    never split are counted, as nobody knows their parts.

    Args:
        installation: The installation of the code location.
        table: The table.
        partitions: The partitions of the run.
        columns: The columns of the run.
        stored: The table, as the catalog keeps it.
        versions: The versions of the assets in `ins=`.
        force: Whether every cell would be made again.
        moves: Whether files at another destination would be moved.
    """
    lines: list[dict[str, object]] = []
    rows_to_make, bytes_to_write = 0, 0.0
    together = [(table, columns, stored)]
    together += [
        (derived, derived.columns, stored_table(stored.root, derived))
        for derived in table.made_with(columns)[1:]
    ]
    for partition in partitions:
        for of_run, its_columns, kept in together:
            most = 0
            for found in list(stale_columns(of_run, kept, versions, partition, its_columns)):
                (column,) = of_run.select((found.column,))
                line, size_bytes = _line(
                    installation, column, found, kept, force=force, moves=moves
                )
                lines.append({"table": of_run.name, **line})
                made = cast("int", line["made"])
                most = max(most, made)
                bytes_to_write += size_bytes
            rows_to_make += most
    shown = ["partition", "column", "made", "moved", "reused"]
    of_tables = shown if len(together) == 1 else ["table", *shown]
    print_rows(Answer.of_records(lines, of_tables), "table")
    totals = {name: sum(cast("int", line[name]) for line in lines) for name in shown[2:]}
    say(
        f"Would make {amount(totals['made'], 'cell')}, move {totals['moved']} and "
        f"reuse {totals['reused']}, in {amount(len(partitions), 'partition')}. Nothing was changed."
    )
    if totals["made"]:
        keys = [each.asset_key(c.name) for each, of_each, _ in together for c in of_each]
        say(_forecast(keys, rows_to_make, bytes_to_write))


def _line(
    installation: Installation,
    column: Column,
    found: StaleColumn,
    stored: StoredTable,
    *,
    force: bool,
    moves: bool,
) -> tuple[dict[str, object], float]:
    """Returns the line of a column in a partition, and how many bytes it would write."""
    partition = found.partition
    stale = found.stale.items()
    to_make = {row for reason, rows in stale if not reason.is_waiting for row in rows}
    made = found.rows if force else len(to_make)
    manifest = stored.manifest(column.name, partition)
    live = stored.live_rows(partition)
    resolved = installation.decide(stored.name, column)
    moved, sizes = 0, list[int]()
    destination = resolved.destination if resolved else None
    options = installation.options_of(stored.name, column, destination)
    output = OutputPlan.of(
        column, destination, table=stored.name, partition=partition, options=options
    )
    if manifest is not None:
        facts = manifest.select("row", "fileurl", "size_bytes", "object_options")
        for row, fileurl, size, kept_with in facts:
            if fileurl is not None:
                sizes.append(size or 0)
            if resolved is None or fileurl is None or force or row in to_make or row not in live:
                continue
            is_there = fileurl.startswith(output.fileurl_prefix)
            moved += moves and not (is_there and kept_with == output.kept_with)
    average = sum(sizes) / len(sizes) if sizes else 0.0
    line: dict[str, object] = {
        "partition": partition,
        "column": column.name,
        "made": made,
        "moved": moved,
        "reused": found.rows - made - moved,
    }
    return line, average * (made if column.type.is_medium and resolved else 0)


def _forecast(keys: Sequence[dg.AssetKey], rows: int, size_bytes: float) -> str:
    speed = _rows_per_second(keys)
    hours = (
        f"{rows / speed / _HOUR:.2f} hours" if speed else "unknown time (no run has made any yet)"
    )
    return f"Estimate from earlier runs: {hours}, {size_bytes / _GB:.3f} GB."


def _rows_per_second(keys: Sequence[dg.AssetKey]) -> float | None:
    """Returns the speed of the slowest column in the last run that made any of its cells."""
    speeds: list[float] = []
    with open_instance() as instance:
        for key in keys:
            for record in instance.fetch_materializations(key, _EVENTS_LOOKED_AT).records:
                event = record.asset_materialization
                if event is None or metadata.MADE not in event.metadata:
                    continue
                if event.metadata[metadata.MADE].value:
                    speeds.append(float(str(event.metadata[metadata.ROWS_PER_SECOND].value)))
                    break
    return min((speed for speed in speeds if speed > 0), default=None)
