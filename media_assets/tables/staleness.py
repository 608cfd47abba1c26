"""Cells that a run would make, with reasons, from manifests, the upload log and current code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from media_assets.columns import Column, ComputedColumn
from media_assets.pipeline.reuse import input_digest, is_deadly, is_unreadable
from media_assets.records.facts import is_truncated
from media_assets.records.manifests import Manifest, Record
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.derived_staleness import Cells, parts_of_parents
from media_assets.tables.parts_read import PartsOfRows, parts_of
from media_assets.tables.table import MediaTable
from media_assets.uploads.changes import is_made_from
from media_assets.uploads.parts import parent_of
from media_assets.uploads.row_cells import value_records
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

_READ = (
    *("row", "fileurl", "digest", "size_bytes", "input_digest", "code_version", "error_class"),
    "facts",
)


class Reason(StrEnum):
    """Why a cell is not up to date."""

    MISSING = "never made"
    CODE = "code changed"
    INPUTS = "input changed"
    UPSTREAM = "input is stale"
    ERROR = "error"
    UNREADABLE = "cannot be decoded"
    DEADLY = "ends the process"

    @property
    def is_error(self) -> bool:
        """Whether the cell is an error that the current code would produce again."""
        return self is Reason.ERROR or self.is_waiting

    @property
    def is_waiting(self) -> bool:
        """Whether a run leaves the error as it is."""
        return self in (Reason.UNREADABLE, Reason.DEADLY)


@dataclass(frozen=True, slots=True)
class StaleColumn:
    """The cells of one column in one partition that are not up to date.

    Attributes:
        column: The column.
        partition: The partition.
        rows: How many rows the partition holds.
        stale: The rows by reason. Error rows are tried again by every run, except for those that
            wait: uploads that cannot be decoded, and what ends the process that makes it.
    """

    column: str
    partition: str
    rows: int
    stale: Mapping[Reason, list[str]] = field(default_factory=dict[Reason, list[str]])

    @property
    def cells(self) -> int:
        """How many cells are stale; errors made by the current code do not count."""
        return sum(len(rows) for reason, rows in self.stale.items() if not reason.is_error)


def stale_columns(
    table: MediaTable,
    stored: StoredTable,
    versions: AssetVersions,
    partition: str,
    columns: Sequence[Column] | None = None,
) -> Iterator[StaleColumn]:
    """Yields the stale cells of each column in a partition, of all columns by default.

    Args:
        table: The table, as declared by the current code.
        stored: The table, as the catalog keeps it.
        versions: The versions of the assets whose values columns take.
        partition: The partition.
        columns: The columns to report; columns that they read are examined as well.
    """
    of_parents = parts_of_parents(table, stored, partition) if table.splitting else None
    if of_parents is not None:
        live = of_parents.live
    else:  # parts without parents are not shown, either
        live = {} if table.splitting else dict(stored.live_rows(partition))
    wanted = {column.name for column in columns or table.columns}
    cells = of_parents.cells() if of_parents is not None else {}
    add_given_cells(cells, table, live, parts_of(stored.root, table, partition))
    bad: dict[str, set[str]] = {name: set() for name in cells}
    waiting: set[str] = set()
    for column in versions.known_to(table.columns, partition):
        cells[column.name] = _cells(stored.manifest(column.name, partition), column)
        if column.name == table.source.name:
            media = cells[column.name]
            waiting = (
                of_parents.waiting(media)
                if of_parents is not None
                else {row for row, upload in live.items() if _waits(media, upload, table)}
            )
        stale: dict[Reason, list[str]] = {}
        for row, upload in live.items():
            reason = _reason(column, upload, cells, bad, keeps_truncated=table.keeps_truncated)
            if row in waiting and reason is not Reason.MISSING:
                reason = Reason.UNREADABLE
            if reason is not None:
                stale.setdefault(reason, []).append(row)
        bad[column.name] = {row for rows in stale.values() for row in rows} | waiting
        if of_parents is not None and column.name == table.source.name:
            _add_parents(stale, of_parents.to_split(), live)
        if column.name in wanted:
            yield StaleColumn(column.name, partition, len(live), stale)


def add_given_cells(
    cells: Cells, table: MediaTable, live: Mapping[str, Upload], parts: PartsOfRows | None
) -> None:
    """Adds the cells that no column of the table makes: values, and the parts of its rows."""
    for row, upload in live.items():
        of_row = value_records(table.values, upload) | (parts.records(row) if parts else {})
        for name, record in of_row.items():
            cells.setdefault(name, {})[row] = record


def _add_parents(
    stale: dict[Reason, list[str]], to_split: Mapping[str, bool], live: Mapping[str, Upload]
) -> None:
    """Adds the parents that a run would split, under their own names."""
    told = {parent_of(live[row]) for rows in stale.values() for row in rows}
    for parent, was_split in to_split.items():
        if parent not in told:
            stale.setdefault(Reason.CODE if was_split else Reason.MISSING, []).append(parent)


def _reason(
    column: Column,
    upload: Upload,
    cells: Mapping[str, Mapping[str, Record]],
    bad: Mapping[str, set[str]],
    *,
    keeps_truncated: bool,
) -> Reason | None:
    row = upload.row
    cell = cells[column.name].get(row)
    if cell is None:
        return Reason.MISSING
    if not isinstance(column, ComputedColumn):
        if is_truncated(cell.facts) and not keeps_truncated:
            return Reason.CODE
        is_right = is_made_from(cell, upload)
        return Reason.ERROR if cell.error_class else None if is_right else Reason.INPUTS
    return _reason_of_computed(column, cell, cells, bad)


def _reason_of_computed(
    column: ComputedColumn,
    cell: Record,
    cells: Mapping[str, Mapping[str, Record]],
    bad: Mapping[str, set[str]],
) -> Reason | None:
    row, has_error = cell.row, cell.error_class is not None
    if cell.code_version != column.code_version:
        return Reason.CODE
    if any(row not in cells[name] for name in column.inputs):
        # It was made from an upload that has no cell in this column: nothing to compare with.
        return Reason.ERROR if has_error else None
    read = {name: digest_in(cells[name].get(row)) for name in column.reads}
    expected = input_digest(column, read)
    if has_error:
        return Reason.DEADLY if is_deadly(cell, column, expected) else Reason.ERROR
    if any(row in bad[name] for name in column.inputs):
        return Reason.UPSTREAM
    return None if cell.input_digest == expected else Reason.INPUTS


def digest_in(cell: Record | None) -> str:
    """Returns the digest of a cell that is read; empty if there is none."""
    return (cell.digest if cell else None) or ""


def _waits(sources: Mapping[str, Record], upload: Upload, table: MediaTable) -> bool:
    """Whether an upload could not be decoded, and nothing has changed since that could help."""
    cell = sources.get(upload.row)
    return cell is not None and is_unreadable(
        cell, upload, table.source.type, keeps_truncated=table.keeps_truncated
    )


def _cells(manifest: Manifest | None, column: Column) -> dict[str, Record]:
    """The fields that decide whether cells are up to date; no others are read.

    Cells of another kind are of another code, whatever its version says.
    """
    if manifest is None:
        return {}
    found = (
        Record(**dict(zip(_READ, of_cell, strict=True))) for of_cell in manifest.select(*_READ)
    )
    if not manifest.header.holds(column.type):
        found = (replace(record, code_version=None) for record in found)
    return {record.row: record for record in found}
