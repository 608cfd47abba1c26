"""The insert: files, folders and URLs as new rows, with all columns."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from media_assets.amounts import amount
from media_assets.automation.local_runs import IN_PLACE, RunOutcome
from media_assets.automation.partition_selection import PartitionState
from media_assets.catalog import Catalog
from media_assets.errors import InsertSourceError
from media_assets.naming import Naming
from media_assets.tables.scanning import placed_by_folder, record
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import table_reader
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.recording import RecordingResult
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.location import Location
from media_assets.verbs.report import CellError, Report
from media_assets.verbs.runs import (
    Caller,
    describe_counts,
    describe_recording,
    run_partitions,
)
from media_assets.verbs.table import Source

_SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertOptions:
    """The options of an insert.

    Attributes:
        columns: The columns to materialize with the source; None for all.
        name: The row's name, for a single file.
        name_by: How rows are named; None for the table's own rule.
        all_files: Whether every file of a folder is inserted, not only images.
        replaces: Whether rows of the same name with content from another address are replaced.
        follow_links: Whether links in folders are followed, even to other folders.
    """

    columns: tuple[str, ...] | None = None
    name: str | None = None
    name_by: str | None = None
    all_files: bool = False
    replaces: bool = False
    follow_links: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class Inserted(Report):
    """The report of an insert.

    Attributes:
        table: The table's name.
        rows: The rows that were named, including those that existed before.
        recorded: How many of them are new, replaced, changed, moved and unchanged.
        left_alone: The files that are not uploads.
        runs: The runs, one for each partition that holds the rows.
        retried: How many rows with an error were retried.
        error_rows: How many of the rows have an error now.
        failed_cells: The first of their cells with an error.
        seconds: How long it took.
    """

    table: str
    rows: tuple[str, ...]
    recorded: RecordingResult
    left_alone: LeftAlone
    runs: tuple[RunOutcome, ...]
    retried: int
    error_rows: int
    failed_cells: tuple[CellError, ...]
    seconds: float

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the report, the most important first."""
        unchanged = self.recorded.unchanged
        told = describe_recording(self.recorded, unchanged=unchanged, left_alone=self.left_alone)
        lines = [self._summary, f"{told}; {describe_counts(self.runs)}."]
        if self.retried:
            were = "row with an error was", "rows with an error were"
            lines.append(f"{amount(self.retried, *were)} retried.")
        return tuple(lines)

    @property
    def _summary(self) -> str:
        """The result of the insert in one line.

        Errors are counted in all rows that were named, including those that existed before.
        """
        inserted, errors = self.recorded.new + self.recorded.replaced, self.error_rows
        if failed := sum(not run.succeeded for run in self.runs):
            return (
                f"Recorded {amount(inserted, 'row')}, but {failed} of {len(self.runs)} partitions "
                "failed."
            )
        if inserted >= max(errors, 1):
            speed = f"in {self.seconds:.2f} s ({inserted / self.seconds:.1f} rows/s)"
            return f"Inserted {amount(inserted, 'row')} with {amount(errors, 'error')} {speed}"
        what = "no file is new or changed" if self.rows else "no files were found"
        done = f"Inserted {amount(inserted, 'row')}" if inserted else f"Inserted nothing: {what}"
        if not errors:
            return f"{done}."
        have = amount(errors, "of the named rows has", "of the named rows have")
        return f"{done}; {have} an error."


def source_texts(sources: Source | Iterable[Source]) -> tuple[str, ...]:
    """Returns the sources of an insert as texts; `~` is replaced by the user's home directory.

    Raises:
        InsertSourceError: A source is neither a text nor a path.
    """
    if isinstance(sources, str | Path):
        return (os.path.expanduser(sources),)  # noqa: PTH111  a Path would change a URL
    # At runtime, it may be anything.
    if not isinstance(sources, list | tuple | set | Iterator):
        raise InsertSourceError(sources)
    return tuple(text for source in sources for text in _texts_of(source))


def _texts_of(source: object) -> tuple[str, ...]:
    if not isinstance(source, str | Path):
        raise InsertSourceError(source)
    return source_texts(source)


def insert(
    location: Location,
    table: MediaTable,
    files: Sequence[str],
    options: InsertOptions,
    caller: Caller,
) -> Inserted:
    """Inserts files, folders and URLs, and materializes columns; unchanged cells are reused.

    Args:
        location: The definitions of the table.
        table: The table.
        files: Local files and folders, http(s) URLs, files and prefixes in storage.
        options: The options.
        caller: The caller.

    Raises:
        UnknownNameError: A column does not exist.
        UploadError: A file does not exist, or two have the same name.
        UploadConflictError: A name is taken by other content from elsewhere.
        KeyboardInterrupt: A run was interrupted; finished work is kept.
    """
    started = perf_counter()
    installation = location.installation
    names = options.columns
    selected = table.select(None if names is None else (table.source.name, *names))
    for column in selected:
        installation.decide(table.name, column)
    found = find_named(
        files,
        table_reader(installation, table),
        name=options.name,
        all_files=options.all_files,
        follow_links=options.follow_links or table.follow_links,
        naming=table.naming if options.name_by is None else Naming.of(options.name_by),
    )
    if options.name is None and options.name_by is None:
        found = placed_by_folder(installation, table, found)
    rows = tuple(upload.row for upload in found.uploads)
    stored = StoredTable(installation.catalog, table.name)
    recorded = record(
        installation, table, found, is_named=True, replaces=options.replaces, stored=stored
    )
    state = PartitionState(installation, table, selected, stored)
    retried = {row for p in recorded.partitions for row in state.errors_to_retry(p)} & {*rows}
    runs = run_partitions(
        location, table, recorded.partitions, selected, stored, caller, config=IN_PLACE
    )
    catalog = Catalog(stored.root)
    error_rows = catalog.error_rows(table.name, rows)
    return Inserted(
        table=table.name,
        rows=rows,
        recorded=recorded,
        left_alone=found.left_alone,
        runs=runs,
        retried=len(retried),
        error_rows=error_rows,
        failed_cells=_failed_cells(catalog, table.name, rows) if error_rows else (),
        seconds=perf_counter() - started,
    )


def _failed_cells(catalog: Catalog, table: str, rows: Sequence[str]) -> tuple[CellError, ...]:
    found = catalog.answer(
        'select row, "column", error_message from media_assets.errors '
        'where "table" = ? and list_contains(?, row) order by row, "column" limit ?',
        [table, list(rows), _SHOWN_ERRORS],
    )
    return tuple(CellError(*map(str, values)) for values in found.rows)
