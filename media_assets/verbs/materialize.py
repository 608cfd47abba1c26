"""The materialization of columns of existing rows."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

import dagster as dg

from media_assets.amounts import amount
from media_assets.automation.local_runs import RunOutcome
from media_assets.automation.partition_selection import (
    partitions_without_events,
    select_partitions,
)
from media_assets.columns import Column
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import missing_folder
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.location import Location, asset_versions
from media_assets.verbs.report import Report
from media_assets.verbs.runs import Caller, describe_counts, run_partitions


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterializeOptions:
    """The options of a materialization.

    Attributes:
        columns: The columns; None for all.
        partitions: Keys, ranges (`A...B`), `all` or states; if empty, those with rows.
        states: States of partitions: `failed`, `missing`, `stale`.
        force: Whether every cell is made again, even if it is up to date.
    """

    columns: tuple[str, ...] | None = None
    partitions: Sequence[str] = ()
    states: Sequence[str] = ()
    force: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """The work of a materialization."""

    columns: tuple[Column, ...]
    partitions: Sequence[str]
    states: AbstractSet[str]
    stored: StoredTable
    config: Mapping[str, bool]


@dataclass(frozen=True, repr=False)
class Materialized(Report):
    """The report of a materialization.

    Attributes:
        table: The table's name.
        runs: The runs, one for each partition.
    """

    table: str
    runs: tuple[RunOutcome, ...]

    @property
    def errors(self) -> int:
        """How many cells of these partitions have an error now."""
        return sum(run.errors for run in self.runs)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the report, the most important first."""
        if not self.runs:
            return (f"Nothing to materialize in {self.table}.",)
        done = amount(len(self.runs), "partition")
        if failed := sum(not run.succeeded for run in self.runs):
            done = f"{len(self.runs) - failed} of {len(self.runs)} partitions"
        return (f"Materialized {done} of {self.table}: {describe_counts(self.runs)}.",)


def select_work(
    location: Location, table: MediaTable, options: MaterializeOptions, *, lists: bool = True
) -> Work:
    """Returns the work of a materialization.

    Args:
        location: The definitions of the table.
        table: The table.
        options: The options.
        lists: Whether uploads are recorded first, if the table's runs list them.

    Raises:
        UnknownNameError: A column or partition does not exist.
        AmbiguousPartitionsError: A text can be read as keys in more than one way.
        DestinationError: A column's destination cannot be parsed.
    """
    installation = location.installation
    selected = table.select(options.columns)
    for column in selected:
        installation.decide(table.name, column)
    stored = stored_table(installation.catalog, table)
    is_inserted = not stored.log.is_empty and missing_folder(installation, table) is not None
    if table.partitioning.lists_at_run and lists and not is_inserted:
        record(installation, table, scan_uploads(installation, table), stored=stored)
    with asset_versions() as versions:
        selection = select_partitions(
            options.partitions,
            installation,
            table,
            selected,
            stored,
            versions,
            states=options.states,
        )
    states = selection.states
    # Partitions chosen by state are only repaired: their files are not moved.
    config = {
        "force": options.force,
        "move": not states,
        "retry_unreadable": "failed" in states,
    }
    return Work(selected, selection.partitions, states, stored, config)


def materialize(location: Location, table: MediaTable, work: Work, caller: Caller) -> Materialized:
    """Materializes columns of partitions; cells that are up to date are not computed again.

    Raises:
        KeyboardInterrupt: A run was interrupted; finished work is kept.
    """

    def untold(instance: dg.DagsterInstance) -> list[str]:
        is_branch = work.stored.root.on is not None  # its instance knows no event of main's
        if is_branch or work.states.isdisjoint({"missing", "stale"}):
            return []
        return partitions_without_events(instance, table, work.columns, work.stored)

    runs = run_partitions(
        location,
        table,
        work.partitions,
        work.columns,
        work.stored,
        caller,
        config=work.config,
        adds=untold,
    )
    return Materialized(table.name, runs)
