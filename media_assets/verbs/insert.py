"""The insert: files, folders, URLs and rows of data as new rows, with all columns."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from media_assets.amounts import amount
from media_assets.automation.local_runs import IN_PLACE, RunOutcome
from media_assets.automation.partition_selection import states_of_run
from media_assets.catalog import Catalog
from media_assets.columns import Column, encode_values
from media_assets.errors import DataFileError
from media_assets.images.allocator import keep_image_buffers
from media_assets.row_names import Naming
from media_assets.tables.row_data import given_rows, insert_given
from media_assets.tables.scanning import placed_by_folder, record
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import files_of_columns, table_reader
from media_assets.uploads.folders import Found
from media_assets.uploads.given_rows import GivenRows
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.recording import RecordingResult
from media_assets.uploads.row_data import DATA_ENDINGS
from media_assets.uploads.row_values import pack_values
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.failed_rows import failed_rows
from media_assets.verbs.location import Location, asset_versions
from media_assets.verbs.report import CellError, Report
from media_assets.verbs.runs import (
    Caller,
    describe_counts,
    describe_recording,
    run_partitions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertOptions:
    """The options of an insert.

    Attributes:
        columns: The columns to materialize with the source; None for all.
        name: The row's name, for a single file.
        name_by: How rows are named; None for the table's own rule.
        all_files: Whether every file of a folder is inserted, whatever its extension.
        replaces: Whether rows of the same name with content from another address are replaced.
        follow_links: Whether links in folders are followed, even to other folders.
        values: The row values that all the files get, by name.
        data: Rows with their files and values, instead of files: a path, a DataFrame, a list.
        ignores_others: Whether further columns of the data are passed over.
    """

    columns: tuple[str, ...] | None = None
    name: str | None = None
    name_by: str | None = None
    all_files: bool = False
    replaces: bool = False
    follow_links: bool = False
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    data: object | None = None
    ignores_others: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class Inserted(Report):
    """The report of an insert.

    Attributes:
        table: The table's name.
        rows: The rows that files named, including those that existed before; none of data.
        recorded: How many rows are new, replaced, changed, moved, updated and unchanged.
        left_alone: The files that are not uploads.
        runs: The runs, one for each partition that holds the rows and has anything to make.
        up_to_date: How many cells the other partitions of the rows have, which need no run.
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
    up_to_date: int
    retried: int
    error_rows: int
    failed_cells: tuple[CellError, ...]
    seconds: float

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the report, the most important first."""
        unchanged = self.recorded.unchanged
        told = describe_recording(self.recorded, unchanged=unchanged, left_alone=self.left_alone)
        counts = describe_counts(self.runs, reused=self.up_to_date)
        lines = [self._summary, f"{told}; {counts}."]
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
        made = sum(run.made for run in self.runs)
        if inserted:
            done = f"Inserted {amount(inserted, 'row')}"
        elif made and not self.retried:  # an earlier insert was interrupted, or values are new
            were = "cell that was", "cells that were"
            done = f"Inserted no new row, and made {amount(made, *were)} missing or out of date"
        else:
            found = self.recorded.partitions
            what = "no file is new or changed" if found else "no files were found"
            done = f"Inserted nothing: {what}"
        if not errors:
            return f"{done}."
        have = amount(errors, "of the named rows has", "of the named rows have")
        return f"{done}; {have} an error."


def insert(
    location: Location,
    table: MediaTable,
    files: Sequence[str],
    options: InsertOptions,
    caller: Caller,
) -> Inserted:
    """Inserts files or rows of data; `MediaTable.insert` describes it and its errors.

    Args:
        location: The definitions of the table.
        table: The table.
        files: The sources that are texts; none if the options have data.
        options: The options.
        caller: The caller.

    Raises:
        DerivedRowsError: The rows are parts of others.
        DataFileError: By its name, a file is one of rows.
    """
    table.refuse_parts("be inserted")
    keep_image_buffers()
    started = perf_counter()
    installation = location.installation
    names = options.columns
    selected = table.select(None if names is None else (table.source.name, *names))
    for column in selected:
        installation.decide(table.name, column)
    _refuse_data(files, table.name)
    given = _given_rows(table, options)
    found = _find(location, table, files, options)
    rows = tuple(upload.row for upload in found.uploads)
    stored = stored_table(installation.catalog, table)
    recorded = (
        record(installation, table, found, is_named=True, replaces=options.replaces, stored=stored)
        if given is None
        else insert_given(installation, table, given, replaces=options.replaces, stored=stored)
    )
    due, retried = _due(location, table, selected, stored, recorded.partitions, rows, given)
    runs = run_partitions(location, table, due, selected, stored, caller, config=IN_PLACE)
    done = set(recorded.partitions).difference(due)
    named = [rows] if given is None else ([row.row for row in c] for c in given.chunks())
    error_rows, failed_cells = failed_rows(Catalog(stored.root), table.name, named)
    return Inserted(
        table=table.name,
        rows=rows,
        recorded=recorded,
        left_alone=found.left_alone,
        runs=runs,
        up_to_date=len(selected) * sum(len(stored.live_rows(partition)) for partition in done),
        retried=len(retried.intersection(rows)),
        error_rows=error_rows,
        failed_cells=failed_cells,
        seconds=perf_counter() - started,
    )


def _refuse_data(files: Sequence[str], table: str) -> None:
    """Refuses files of rows, which would become error rows; folders are searched for media."""
    for file in files:
        is_local = "://" not in file
        if is_local and file.lower().endswith(DATA_ENDINGS) and not os.path.isdir(file):  # noqa: PTH112  as given
            raise DataFileError(file, table=table)


def _given_rows(table: MediaTable, options: InsertOptions) -> GivenRows | None:
    """Opens the data of an insert; None if it has none."""
    if options.data is None:
        return None
    return given_rows(
        table,
        options.data,
        naming=_naming(table, options),
        ignores_others=options.ignores_others,
    )


def _find(
    location: Location, table: MediaTable, files: Sequence[str], options: InsertOptions
) -> Found:
    """Returns the files of an insert as rows, each with its name, partition and values."""
    found = find_named(
        files,
        table_reader(location.installation, table),
        name=options.name,
        extensions=None if options.all_files else table.medium.extensions,
        follow_links=options.follow_links or table.follow_links,
        naming=_naming(table, options),
        is_own=files_of_columns(location.installation, files),
    )
    if options.values:
        found = _with_values(found, table, options.values)
    if options.name is None and options.name_by is None:
        found = placed_by_folder(location.installation, table, found)
    return found


def _naming(table: MediaTable, options: InsertOptions) -> Naming:
    return table.naming if options.name_by is None else Naming.of(options.name_by)


def _with_values(found: Found, table: MediaTable, values: Mapping[str, object]) -> Found:
    """Returns files that are to be inserted with the same values each."""
    first = found.uploads[0].row if found.uploads else ""
    packed = pack_values(encode_values(table.values, values, table=table.name, row=first))
    return replace(found, uploads=tuple(replace(upload, values=packed) for upload in found.uploads))


def _due(
    location: Location,
    table: MediaTable,
    columns: Sequence[Column],
    stored: StoredTable,
    partitions: Sequence[str],
    rows: Sequence[str],
    given: GivenRows | None,
) -> tuple[list[str], set[str]]:
    """Returns the partitions that need a run, and the rows whose errors runs try again.

    A partition needs one if a cell is missing or out of date, of the table or of those derived from
    it, or if one of the given rows, or of their parts, has an error that may pass.
    """
    states = states_of_run(location.installation, table, columns, stored)
    errors = {
        partition: {row for each in states for row in each.errors_to_retry(partition)}
        for partition in partitions
    }
    named, passing = set(rows), {row for of_partition in errors.values() for row in of_partition}
    if given is not None and passing:
        named = {row.row for chunk in given.chunks() for row in chunk if row.row in passing}
    with asset_versions() as versions:
        due = [
            partition
            for partition in partitions
            if not named.isdisjoint(errors[partition])
            or any(each.is_out_of_date(partition, versions=versions) for each in states)
        ]
    return due, {row for partition in due for row in errors[partition]}
