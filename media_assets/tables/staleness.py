"""Which cells a run would make, and why: by manifests, the upload log and today's code alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from media_assets.columns import Column, ComputedColumn
from media_assets.pipeline.plan import digest_of_inputs
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Manifest, newest_manifest
from media_assets.tables.table import MediaTable
from media_assets.uploads.log import UploadLog


class Reason(StrEnum):
    """Why a cell is not what a run would leave."""

    MISSING = "never made"
    CODE = "code changed"
    INPUTS = "input changed"
    UPSTREAM = "input is stale"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class StaleColumn:
    """The cells of one column in one partition that are not up to date.

    Attributes:
        column: The column.
        partition: The partition.
        rows: How many rows the partition holds.
        stale: The rows by reason; those with an error are tried again by every run.
    """

    column: str
    partition: str
    rows: int
    stale: Mapping[Reason, list[str]] = field(default_factory=dict[Reason, list[str]])

    @property
    def cells(self) -> int:
        """How many cells are stale; an error that was made by today's code is not."""
        return sum(len(rows) for reason, rows in self.stale.items() if reason is not Reason.ERROR)


@dataclass(frozen=True, slots=True)
class _Cell:
    digest: str | None
    input_digest: str | None
    code_version: str | None
    has_error: bool


def stale_columns(
    root: CatalogRoot,
    table: MediaTable,
    log: UploadLog,
    partition: str,
    columns: Sequence[Column] | None = None,
) -> Iterator[StaleColumn]:
    """Yields what is stale of each column in a partition, all columns by default.

    Args:
        root: The catalog.
        table: The table, as today's code declares it.
        log: Its upload log, refreshed.
        partition: The partition.
        columns: The columns to tell of; those that they read are looked at as well.
    """
    versions = {row: upload.version for row, upload in log.live_rows(partition).items()}
    wanted = {column.name for column in columns or table.columns}
    cells: dict[str, dict[str, _Cell]] = {}
    bad: dict[str, set[str]] = {}
    for column in table.columns:
        manifest = newest_manifest(root.ledger(table.name, column.name, partition))
        cells[column.name] = _cells(manifest)
        stale: dict[Reason, list[str]] = {}
        for row, version in versions.items():
            reason = _reason(column, row, version, cells, bad)
            if reason is not None:
                stale.setdefault(reason, []).append(row)
        bad[column.name] = {row for rows in stale.values() for row in rows}
        if column.name in wanted:
            yield StaleColumn(column.name, partition, len(versions), stale)


def _reason(
    column: Column,
    row: str,
    version: str,
    cells: Mapping[str, Mapping[str, _Cell]],
    bad: Mapping[str, set[str]],
) -> Reason | None:
    cell = cells[column.name].get(row)
    if cell is None:
        return Reason.MISSING
    if isinstance(column, ComputedColumn):
        if cell.code_version != column.code_version:
            return Reason.CODE
        if any(row not in cells[name] for name in column.inputs):
            # It was made from an upload that has no cell of its own: nothing to compare with.
            return Reason.ERROR if cell.has_error else None
        if any(row in bad[name] for name in column.inputs):
            return Reason.ERROR if cell.has_error else Reason.UPSTREAM
        read = {name: cells[name][row].digest or "" for name in column.inputs}
        version = digest_of_inputs(version, read)
    if cell.has_error:
        return Reason.ERROR
    return None if cell.input_digest == version else Reason.INPUTS


def _cells(manifest: Manifest | None) -> dict[str, _Cell]:
    if manifest is None:
        return {}
    shown = manifest.select("row", "digest", "input_digest", "code_version", "error_class")
    return {
        row: _Cell(digest, of_input, code, error is not None)
        for row, digest, of_input, code, error in shown
    }
