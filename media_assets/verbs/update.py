"""The update: other values for existing rows, and the columns that depend on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from media_assets.amounts import amount
from media_assets.automation.local_runs import IN_PLACE, RunOutcome
from media_assets.catalog import Catalog
from media_assets.spellings import spellings
from media_assets.tables.reads import readers_of, reads_of_parent
from media_assets.tables.row_data import given_changes, update_given
from media_assets.tables.row_values import update_values
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.verbs.failed_rows import failed_rows
from media_assets.verbs.location import Location
from media_assets.verbs.report import CellError, Report
from media_assets.verbs.runs import Caller, describe_counts, run_partitions


@dataclass(frozen=True, kw_only=True, repr=False)
class Updated(Report):
    """The report of an update.

    Attributes:
        table: The table's name.
        rows: How many rows have other values now.
        names: The names of the values that were given.
        columns: The columns that depend on these, and all that those are made from.
        runs: The runs, one for each partition of the rows.
        error_rows: How many of the rows have an error now.
        failed_cells: The first of their cells with an error.
    """

    table: str
    rows: int
    names: tuple[str, ...]
    columns: tuple[str, ...]
    runs: tuple[RunOutcome, ...]
    error_rows: int
    failed_cells: tuple[CellError, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the report, the most important first."""
        done = f"Updated {amount(self.rows, 'row')} of {self.table}"
        counts = describe_counts(self.runs)
        if failed := sum(not run.succeeded for run in self.runs):
            counts = f"{failed} of {len(self.runs)} partitions failed"
        elif not self.columns and self.names:
            counts = f"no column reads {' or '.join(self.names)}"
        if not self.error_rows:
            return (f"{done}: {counts}.",)
        errors = amount(self.error_rows, "of the named rows has", "of the named rows have")
        return f"{done}: {counts}.", f"{errors} an error."


def update(
    location: Location,
    table: MediaTable,
    changes: object,
    caller: Caller,
    *,
    ignores_others: bool = False,
) -> Updated:
    """Gives rows other values; `MediaTable.update` describes `changes` and the errors.

    Raises:
        DerivedRowsError: The rows are parts of others.
    """
    table.refuse_parts("be updated")
    installation = location.installation
    if isinstance(changes, Mapping):
        by_row = cast("Mapping[str, Mapping[str, object]]", changes)
        updated, named = update_values(installation, table, by_row), [list(by_row)]
    else:
        given = given_changes(table, changes, ignores_others=ignores_others)
        updated = update_given(installation, table, given)
        named = ([row.row for row in chunk] for chunk in given.chunks())
    selected = readers_of(table, updated.names)
    if any(updated.names & reads_of_parent(each) for each in table.derived.values()):
        selected = table.columns  # with them go the tables derived from it
    stored = stored_table(installation.catalog, table)
    runs: tuple[RunOutcome, ...] = ()
    if updated.partitions and selected:
        runs = run_partitions(
            location, table, updated.partitions, selected, stored, caller, config=IN_PLACE
        )
    spelled = ([form for row in rows for form in spellings(row)] for rows in named)
    error_rows, failed_cells = failed_rows(Catalog(stored.root), table.name, spelled)
    return Updated(
        table=table.name,
        rows=updated.rows,
        names=tuple(sorted(updated.names)),
        columns=tuple(column.name for column in selected),
        runs=runs,
        error_rows=error_rows,
        failed_cells=failed_cells,
    )
