"""The export of a table's files for other programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from media_assets.amounts import amount
from media_assets.catalog import Catalog
from media_assets.errors import DeclarationError, ExportColumnsError
from media_assets.exports.dataset import MediaDataset, describe_left_out
from media_assets.exports.files import export_files
from media_assets.exports.folder import OTHER_CONTENT
from media_assets.exports.outcome import ExportOutcome
from media_assets.exports.web_dataset import ROWS_PER_TAR, export_tars
from media_assets.progress import ProgressReporter
from media_assets.values import ColumnType
from media_assets.verbs.report import Report

ExportFormat = Literal["files", "webdataset"]
FORMATS: tuple[ExportFormat, ...] = ("files", "webdataset")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to export.

    Attributes:
        format: `files` for a file per row, `webdataset` for tars.
        where: Only rows for which this is true, in SQL; None for all.
        rows_per_tar: The number of rows in a tar.
        replaces: Whether files of the same name and other content are replaced.
    """

    format: ExportFormat = "files"
    where: str | None = None
    rows_per_tar: int = ROWS_PER_TAR
    replaces: bool = False


@dataclass(frozen=True, repr=False)
class Exported(Report):
    """The report of an export.

    Attributes:
        table: The table's name.
        columns: The columns.
        format: `files` or `webdataset`.
        outcome: What is in the folder now.
        left_out: How many rows were left out, by reason.
    """

    table: str
    columns: Sequence[str]
    format: ExportFormat
    outcome: ExportOutcome
    left_out: Mapping[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether the folder has all files that it should."""
        return not (self.outcome.kept or self.outcome.unreadable)

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report, the most important first."""
        done, one = self.outcome, "file" if self.format == "files" else "tar"
        what = f"{amount(done.rows, 'row')} of {self.table} ({', '.join(self.columns)})"
        counts = f"{amount(done.written, one)} written, {done.unchanged} already there"
        lines = [f"Exported {what} to {done.folder}: {counts}."]
        if done.kept:
            told = f"{amount(len(done.kept), one)} not written: {_shown(done.kept)}."
            if any(reason == OTHER_CONTENT for _, reason in done.kept):
                told += " To replace files: --replace, or replace=True."
            lines.append(told)
        if done.unreadable:
            told = amount(len(done.unreadable), "row has a file", "rows have files")
            lines.append(f"{told} that cannot be read: {_shown(done.unreadable)}")
        if self.left_out:
            lines.append(f"Left out: {describe_left_out(self.left_out)}.")
        if done.others:
            told = amount(done.others, "other file is", "other files are")
            lines.append(f"{told} in the same folders; an export deletes nothing.")
        return lines


def export(
    catalog: Catalog,
    table: str,
    columns: Sequence[str],
    folder: Path | str,
    options: ExportOptions,
) -> Exported:
    """Writes the files of columns to a folder; `MediaTable.export` describes it and its errors."""
    _check(options)
    dataset = catalog.dataset(table, *columns, where=options.where)
    _check_columns(dataset, options.format)
    tell = _progress(table, len(dataset))
    if options.format == "files":
        (column,) = dataset.columns
        outcome = export_files(dataset, column, folder, replaces=options.replaces, tell=tell)
    else:
        outcome = export_tars(
            dataset,
            folder,
            rows_per_tar=options.rows_per_tar,
            replaces=options.replaces,
            tell=tell,
        )
    return Exported(table, tuple(dataset.columns), options.format, outcome, dataset.left_out)


def _check(options: ExportOptions) -> None:
    if options.format not in FORMATS:
        raise DeclarationError(
            what=f"export() got format={options.format!r}.",
            accepted="'files' or 'webdataset'.",
            fix="Write it like export('thumbnail', folder, format='webdataset').",
        )
    if options.rows_per_tar < 1:
        raise DeclarationError(
            what=f"export() got rows_per_tar={options.rows_per_tar}.",
            accepted="A whole number from 1 up.",
            fix="Write it like export(columns, folder, format='webdataset', rows_per_tar=1000).",
        )


def _check_columns(dataset: MediaDataset, name: ExportFormat) -> None:
    if name != "files":
        return
    kinds = dataset.columns.items()
    values = [column for column, kind in kinds if not ColumnType(kind).is_medium]
    if values:
        problem = f"{values[0]} holds values, not files"
        raise ExportColumnsError(dataset.table, list(dataset.columns), problem=problem)
    if len(dataset.columns) != 1:
        problem = "files of several columns would have the same names"
        raise ExportColumnsError(dataset.table, list(dataset.columns), problem=problem)


def _progress(table: str, rows: int) -> Callable[[], None]:
    reporter = ProgressReporter(table, rows, log=lambda _: None)
    return lambda: reporter.add(has_error=False)


def _shown(problems: Sequence[tuple[str, str]]) -> str:
    shown = [f"{name}: {problem.rstrip('.')}" for name, problem in problems[:_SHOWN]]
    more = len(problems) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
