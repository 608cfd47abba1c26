"""The trial of columns: a sample of rows made by the current code, beside what the table has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from media_assets.amounts import amount
from media_assets.automation.partition_selection import describe_misplaced_rows
from media_assets.concurrency import map_concurrently
from media_assets.errors import DeclarationError, InputFailedError, MisplacedRowsError
from media_assets.gallery import check_folder
from media_assets.machine import usable_cores
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.temporary_folder import TemporaryFolder
from media_assets.trials.columns import RowFunction, columns_with
from media_assets.trials.comparison import Verdict
from media_assets.trials.noted import TrialNote, note_trials, trials_folder
from media_assets.trials.outcome import ColumnTrial, Outcome
from media_assets.trials.page import PageFolder
from media_assets.trials.sample import choose_rows
from media_assets.trials.trial import check_has_cells, make_sample, with_readers
from media_assets.verbs.location import Location
from media_assets.verbs.report import CellError, Report
from media_assets.verbs.trial_arguments import bound_arguments

ROWS = 200
_EXPIRES_IN = timedelta(days=1)
"""How long the links of the page to files in cloud storage work."""
_SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TryOptions:
    """The options of a trial.

    Attributes:
        rows: How many rows are made.
        where: Only rows for which this is true, in SQL.
        folder: The folder of the page; below the home by default.
    """

    rows: int = ROWS
    where: str | None = None
    folder: Path | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Tried(Report):
    """The report of a trial.

    Attributes:
        outcome: How it came out.
        page: The page with the cells before and after.
        failed_cells: The first new errors.
    """

    outcome: Outcome
    page: Path
    failed_cells: tuple[CellError, ...]

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report, the most important first."""
        return [*self.outcome.lines, f"Before and after: {self.page}"]


def try_out(
    location: Location, table: MediaTable, given: Sequence[str | RowFunction], options: TryOptions
) -> Tried:
    """Makes the cells of some rows by the current code, and compares them with those that stand.

    `MediaTable.try_out` describes what is given, and the errors.
    """
    if options.rows < 1:
        raise DeclarationError(
            what=f"A trial of {options.rows} rows was asked for.",
            accepted="A number of rows from 1 up.",
            fix=f"Leave it out for {ROWS} rows.",
        )
    if table.splitting is not None:
        raise DeclarationError(
            what=f"Table {table.name!r} is derived from another one. Nothing was tried.",
            accepted="A table whose rows are uploads.",
            fix="Materialize the column in one partition, and restore it if you do not like it: "
            f"media-assets materialize {table.name} --partitions KEY",
        )
    installation = location.installation
    stored = stored_table(installation.catalog, table)
    if told := describe_misplaced_rows(table, stored):
        raise MisplacedRowsError(told)
    columns, tried = columns_with(table, given)
    selected = with_readers(columns, tried)
    declared = [c for c in selected if c.name in tried and c in table.columns]
    check_has_cells(stored, table, declared)
    home = installation.home
    folder = options.folder or trials_folder(home) / table.name.replace("/", "__")
    check_folder(folder)
    sample = choose_rows(
        location.catalog, stored, table, sorted(tried), rows=options.rows, where=options.where
    )
    page = PageFolder(folder.resolve(), installation.reader)
    with TemporaryFolder(page.folder.parent) as made:
        started = perf_counter()
        with bound_arguments(location, table.name, selected) as bind:
            cells = list(
                make_sample(installation, table, stored, selected, tried, sample, bind, made.path)
            )
        seconds = perf_counter() - started
        kept = [*map_concurrently(page.keep, cells, at_once=usable_cores())]
    found = [each.comparison for each in kept]
    outcome = Outcome(
        table.name,
        ColumnTrial.of_all(selected, tried, found),
        len(sample),
        sample.of_rows,
        len(sample.rows),
        sample.of_partitions,
        seconds,
    )
    told = {each.column: each for each in outcome.columns}
    written = page.write(
        table.name,
        [c for c in selected if c.name in tried or not told[c.name].is_equal],
        kept,
        title=f"{', '.join(sorted(tried))} of {table.name}, before and after",
        notes=outcome.lines,
        expires_in=_EXPIRES_IN,
    )
    how = f"a trial of {amount(outcome.rows, 'row')}"
    notes = {c.name: TrialNote(c.code_version, f"{how}: {told[c.name].told}") for c in declared}
    note_trials(home, table.name, notes)
    new = (each.cell for each in found if each.verdict is Verdict.NEW_ERROR)
    errors = [cell for cell in new if cell.after.error_class != InputFailedError.__name__]
    return Tried(
        outcome=outcome,
        page=written.index,
        failed_cells=tuple(
            CellError(c.row, c.column.name, c.after.error_message or "")
            for c in errors[:_SHOWN_ERRORS]
        ),
    )
