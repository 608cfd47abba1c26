"""The difference between a branch and main: rows and cells, counted and shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shlex import quote

from media_assets.amounts import amount
from media_assets.branches.differences import differing_cells
from media_assets.branches.rows import RowChanges
from media_assets.columns import Column
from media_assets.concurrency import map_concurrently
from media_assets.gallery import check_folder
from media_assets.installation import Installation
from media_assets.machine import usable_cores
from media_assets.tables.table import MediaTable
from media_assets.trials.comparison import Comparison, Verdict
from media_assets.trials.outcome import ColumnTrial
from media_assets.trials.page import Kept, PageFolder
from media_assets.trials.trial import TriedCell
from media_assets.verbs.report import Report
from media_assets.verbs.ship import open_changes

CELLS = 200
"""Cells of a column that a page shows by default."""
_EXPIRES_IN = timedelta(days=7)
_UNCOMPARED = "not compared"


@dataclass(frozen=True, kw_only=True, repr=False)
class Difference(Report):
    """The difference between a branch and main, as Markdown.

    Attributes:
        branch: The branch.
        rows: What it changed about the rows of each table, by name.
        columns: How the cells of each table's columns came out, by name.
        pages: The pages, by table; empty if none were asked for.
    """

    branch: str
    rows: Mapping[str, RowChanges]
    columns: Mapping[str, Sequence[ColumnTrial]]
    pages: Mapping[str, Path]

    @property
    def differs(self) -> bool:
        """Whether a row or the content of a cell differs."""
        cells = (column for found in self.columns.values() for column in found)
        return any(each.all for each in self.rows.values()) or any(
            not column.is_equal for column in cells
        )

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report: a heading, a table, and what else is to be known."""
        if not self.rows and not self.columns:
            return (f"Branch {self.branch} does not differ from main.",)
        lines = [
            f"**Branch {self.branch}** beside main:",
            "",
            "| what | how it differs |",
            "|---|---|",
        ]
        for table, found in self.rows.items():
            if found.all:
                lines.append(f"| rows of {_cell(table)} | {_told(found)} |")
        for table, columns in self.columns.items():
            lines += [f"| {_cell(table)}/{_cell(c.column)} | {_cell(c.told)} |" for c in columns]
        for table, found in self.rows.items():
            if found.left:
                count = amount(len(found.left), "row")
                names = ", ".join(map(repr, found.left[:10]))
                lines += ["", f"Main has changed {count} of {table} since, which stay: {names}."]
        for table, page in self.pages.items():
            lines += ["", f"Before and after of {table}: {page}"]
        return [*lines, "", f"To bring it into main: `media-assets ship {quote(self.branch)}`"]


def diff(
    installation: Installation,
    declared: Mapping[str, MediaTable],
    name: str,
    *,
    folder: Path | None = None,
    cells: int = CELLS,
) -> Difference:
    """Compares what a branch changed with main as it is now; nothing is changed.

    Args:
        installation: The installation, on main.
        declared: The tables of the code location.
        name: The branch.
        folder: Where a page for each table is written; None for counts alone, without opening any
            file.
        cells: How many cells of a column a page shows.

    Raises:
        OnBranchError: This is a branch. The other errors of `ship` are raised as well.
        GalleryFolderError: The folder holds other files.
    """
    changes = open_changes(installation, declared, name)
    by_table: dict[str, dict[str, list[TriedCell]]] = {}
    for table, cell in differing_cells(changes):
        by_table.setdefault(table, {}).setdefault(cell.column.name, []).append(cell)
    columns: dict[str, list[ColumnTrial]] = {}
    pages: dict[str, Path] = {}
    for table, found in by_table.items():
        columns[table] = []
        shown: list[Kept] = []
        page = None
        if folder is not None:
            place = (folder / table.replace("/", "__")).resolve()
            check_folder(place)
            page = PageFolder(place, installation.reader, takes_files=False)
        for column, of_column in found.items():
            compared: list[Kept] = []
            if page is not None:
                chosen = [cell for cell in of_column if not _is_equal(cell)][:cells]
                compared = [*map_concurrently(page.keep, chosen, at_once=usable_cores())]
            shown += compared
            known = {id(each.comparison.cell): each.comparison for each in compared}
            outcomes = [known.get(id(cell)) or _counted(cell) for cell in of_column]
            columns[table].append(ColumnTrial.of(column, outcomes, is_tried=True))
        if page is not None and shown:
            kinds = {k.comparison.cell.column.name: k.comparison.cell.column for k in shown}
            pages[table] = _write(page, table, [*kinds.values()], shown, name, columns[table])
    rows = {table.name: rows.changes() for table, rows in changes.rows() if not table.splitting}
    rows = {table: found for table, found in rows.items() if found.all or found.left}
    return Difference(branch=name, rows=rows, columns=columns, pages=pages)


def _write(
    page: PageFolder,
    table: str,
    columns: Sequence[Column],
    shown: Sequence[Kept],
    name: str,
    outcomes: Sequence[ColumnTrial],
) -> Path:
    written = page.write(
        table,
        columns,
        shown,
        title=f"{table} on branch {name}, beside main",
        notes=[f"{each.column}: {each.told}" for each in outcomes],
        expires_in=_EXPIRES_IN,
    )
    return written.index


def _counted(cell: TriedCell) -> Comparison:
    """Compares a cell by what is recorded of it, without opening its file."""
    before, after = cell.before, cell.after
    if before is None:
        verdict = Verdict.NEW_ERROR if after.error_class else Verdict.NEW
    elif before.error_class and after.error_class:
        verdict = Verdict.ERROR
    elif before.error_class or after.error_class:
        verdict = Verdict.NEW_ERROR if after.error_class else Verdict.ERROR_GONE
    else:
        verdict = Verdict.EQUAL if before.digest == after.digest else Verdict.DIFFERS
    return Comparison(cell, verdict, told=_UNCOMPARED)


def _is_equal(cell: TriedCell) -> bool:
    return _counted(cell).verdict in (Verdict.EQUAL, Verdict.ERROR)


def _told(found: RowChanges) -> str:
    new = sum(upload.supersedes is None for upload in found.uploads)
    counts = (
        (new, "new"),
        (len(found.uploads) - new, "replaced"),
        (len(found.changes), "with other facts"),
        (len(found.deletions), "deleted"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _cell(text: str) -> str:
    """Returns a text as a cell of a table in Markdown has it."""
    return text.replace("\\", "\\\\").replace("|", "\\|")
