"""The making of a sample's cells into a temporary folder, each beside the cell that stands."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from media_assets.columns import Column, ComputedColumn
from media_assets.destinations import parse_destination
from media_assets.errors import InputNotMaterializedError, NothingToCompareError
from media_assets.installation import Installation
from media_assets.pipeline import OutputPlan, Plan, RowPlan, RowResult, run_plan
from media_assets.progress import ProgressReporter
from media_assets.records.manifests import Record
from media_assets.tables.media import limits_on, media_in
from media_assets.tables.parts_read import PartsOfRows
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import reader_of
from media_assets.trials.sample import Sample
from media_assets.uploads.row_cells import value_records
from media_assets.uploads.stored_table import StoredTable

RUN_ID = "a trial"
Bind = Callable[[Sequence[Column], str], Sequence[Column]]
"""Binds the arguments of functions that are no cells, for a partition."""


@dataclass(frozen=True, slots=True)
class TriedCell:
    """One cell of a trial.

    Attributes:
        row: Its row.
        partition: The partition of the row.
        column: Its column.
        before: The cell that stands in the table; None if it was never made.
        after: The cell that the current code makes; `before` itself if nothing had to be made,
            because all that it reads came out equal.
    """

    row: str
    partition: str
    column: Column
    before: Record | None
    after: Record

    @property
    def is_made(self) -> bool:
        """Whether the trial made it."""
        return self.after is not self.before


def with_readers(
    columns: Sequence[ComputedColumn], names: AbstractSet[str]
) -> tuple[ComputedColumn, ...]:
    """Returns the columns with these names, and all that are made from them, in order."""
    affected = set(names)
    for column in columns:
        if affected.intersection(column.reads):
            affected.add(column.name)
    return tuple(column for column in columns if column.name in affected)


def make_sample(
    installation: Installation,
    table: MediaTable,
    stored: StoredTable,
    columns: Sequence[ComputedColumn],
    tried: AbstractSet[str],
    sample: Sample,
    bind: Bind,
    folder: Path,
) -> Iterator[TriedCell]:
    """Makes the cells of some rows into a folder, and commits nothing.

    Cells of the columns that are tried are always made; those of others only if what they read
    came out different.

    Args:
        installation: The installation.
        table: The table.
        stored: The table, as the catalog keeps it.
        columns: The columns, each after those that it reads.
        tried: The names of the columns that are tried.
        sample: The rows.
        bind: Binds what functions take besides cells.
        folder: Where the files go.

    Raises:
        InputNotMaterializedError: A column reads one that was never materialized.
        MissingExtraError: The packages of a kind of media are missing.
    """
    for medium in media_in(table, columns):
        medium.require_packages()
    destination = parse_destination(str(folder), source="the folder of a trial")
    by_name = {column.name: column for column in columns}
    read = {name for column in columns for name in column.inputs} - by_name.keys()
    inputs = table.select(tuple(read))
    needed = by_name.keys() | read
    progress = ProgressReporter(table.name, len(sample), log=lambda _: None)
    for partition, rows in sample.rows.items():
        cells = {name: stored.cells(name, partition) for name in by_name}
        for column in inputs:
            manifest = stored.manifest_of(column, partition)
            cells[column.name] = manifest.records if manifest else {}
        _check_inputs(table, columns, partition, cells)
        outputs = tuple(
            OutputPlan.of(
                column,
                destination if column.type.is_medium else None,
                table=table.name,
                partition=partition,
            )
            for column in bind(columns, partition)
        )
        plan = Plan(
            table=table.name,
            partition=partition,
            run_id=RUN_ID,
            source=table.source.name,
            outputs=outputs,
            moves=False,
            limits=limits_on(installation, table, columns),
            reader=reader_of(installation, table),
            source_type=table.source.type,
            keeps_truncated=table.keeps_truncated,
        )
        live = stored.live_rows(partition)
        parts = PartsOfRows(installation.catalog, table, partition, columns)
        standing = {
            row: {name: record for name in needed if (record := cells[name].get(row))}
            for row in rows
        }
        plans = (
            RowPlan(
                row,
                live[row],
                {name: record for name, record in standing[row].items() if name not in tried}
                | value_records(table.values, live[row])
                | parts.records(row),
                parts.of(row),
            )
            for row in rows
        )
        for result in run_plan(plan, plans):
            assert isinstance(result, RowResult)  # noqa: S101  only a plan that splits has the other
            for name, record in result.records.items():
                before = standing[result.row].get(name)
                after = before if before is not None and name in result.reused else record
                yield TriedCell(result.row, partition, by_name[name], before, after)
            progress.add(has_error=any(r.error_class for r in result.records.values()))


def _check_inputs(
    table: MediaTable,
    columns: Sequence[ComputedColumn],
    partition: str,
    cells: Mapping[str, Mapping[str, Record]],
) -> None:
    own = {column.name for column in columns}
    for column in columns:
        for name in column.inputs:
            if name not in own and not cells[name]:
                raise InputNotMaterializedError(
                    column=f"{table.name}/{column.name}",
                    reads=f"{table.name}/{name}",
                    partition=partition,
                )


def check_has_cells(
    stored: StoredTable, table: MediaTable, columns: Sequence[ComputedColumn]
) -> None:
    """Refuses columns without any cell to compare with.

    Raises:
        NothingToCompareError: The text says what to do.
    """
    partitions = table.partitioning.among(stored.partitions())
    for column in columns:
        if not any(stored.ledger(column.name, partition).latest() for partition in partitions):
            raise NothingToCompareError(table.name, column.name)
