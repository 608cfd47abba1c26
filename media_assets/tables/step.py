"""One step: the selected columns of one partition, made together and committed one by one."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from logging import INFO, WARNING, Logger
from time import perf_counter

from media_assets.amounts import amount, describe_made
from media_assets.columns import Column, RowValue, publishes_any
from media_assets.errors import InputNotMaterializedError, PublishError, UnknownNameError
from media_assets.fan_out.resource import FanOut
from media_assets.images.allocator import keep_image_buffers
from media_assets.installation import Installation
from media_assets.metadata import ColumnOutput, StepTiming
from media_assets.pipeline import (
    OutputPlan,
    Plan,
    Result,
    RowPlan,
    RowResult,
    SplitPlan,
    Work,
    reusable_cells,
)
from media_assets.progress import ProgressReporter
from media_assets.records.column_writer import ColumnWriter, Committed
from media_assets.records.manifests import Record
from media_assets.tables.death_watch import DeathWatch
from media_assets.tables.media import limits_on, media_in
from media_assets.tables.parts_read import PartsOfRows
from media_assets.tables.scanning import record_partition
from media_assets.tables.step_arguments import bind_step_arguments
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.tables.tally import Tally
from media_assets.tables.uploads_location import table_reader
from media_assets.uploads.conflicts import describe_conflicts
from media_assets.uploads.row_cells import state_of_value, value_records
from media_assets.uploads.upload import Upload


@dataclass(frozen=True, slots=True)
class StepOptions:
    """What a step does besides making missing and stale cells, and where; see `Plan`."""

    force: bool = False
    moves: bool = True
    retries_unreadable: bool = False
    fan_out: FanOut = field(default_factory=FanOut)


class PartitionStep:
    """The selected columns of one partition.

    Destinations are decided and opened when the step is created, so a faulty one fails before any
    row is processed.
    """

    def __init__(
        self,
        installation: Installation,
        table: MediaTable,
        partition: str,
        columns: Sequence[Column],
        *,
        run_id: str,
        options: StepOptions,
        log: Logger,
    ) -> None:
        """Decides destinations, and reads the current contents of the partition.

        Raises:
            DestinationError: A column's destination cannot be understood.
            InputNotMaterializedError: A column reads one that is neither selected nor materialized.
            UnknownNameError: No upload was ever recorded in this partition.
        """
        keep_image_buffers()
        self._table, self._partition, self._log = table, partition, log
        self._fan_out = options.fan_out
        self._started = perf_counter()
        self.tally = Tally()
        self._installation = installation
        self._stored = stored_table(installation.catalog, table)
        if table.partitioning.lists_at_run:
            recorded = record_partition(installation, table, self._stored, partition)
            if recorded.conflicts:
                log.warning(describe_conflicts(recorded.conflicts))
        columns = [bind_step_arguments(column, partition=partition, log=log) for column in columns]
        places = {column.name: place for place, column in enumerate(table.columns)}
        self._writers = {
            column.name: installation.writer(
                table.name, column, partition, run_id=run_id, position=places[column.name]
            )
            for column in columns
        }
        self._watch = DeathWatch(self._writers.values()) if columns else None
        self._values = _values_read(table, columns)
        self._standing = {name: writer.current_record for name, writer in self._writers.items()}
        self._standing |= self._inputs_not_selected(columns)
        self._parts = PartsOfRows(installation.catalog, table, partition, columns)
        self._uploads = self._live_rows()
        total = None if self.splits else len(self._uploads)
        self._progress = ProgressReporter(partition, total, log.info)
        self._media = media_in(table, columns)
        self._plan = Plan(
            table=table.name,
            partition=partition,
            run_id=run_id,
            source=table.source.name if table.splitting is None else "",
            outputs=tuple(self._output_plan(column) for column in columns),
            force=options.force,
            moves=options.moves,
            retries_unreadable=options.retries_unreadable,
            limits=limits_on(installation, table, columns),
            reader=table_reader(installation, table),
            source_type=table.source.type,
            keeps_truncated=table.root.keeps_truncated,
            split=self._split_plan(columns),
        )

    def run(self) -> Iterator[ColumnOutput]:
        """Makes all rows, then commits and yields the columns in order.

        Raises:
            MissingExtraError: The packages of a destination or of a kind of media are missing.
            ServerUnknownError: Nothing says on which server a destination is.
            StoreFaultError: A destination accepts no files. Finished rows are kept for the next
                run; a destination that never worked is detected before any row is processed.
        """
        for medium in self._media:
            medium.require_packages()
        for writer in self._writers.values():
            writer.open_destination()
        if self._watch is None:  # row values alone, which come with the rows
            return
        results = self._watch.make(self._fan_out, self._plan, self._rows_to_make(), self._save_work)
        try:
            for result in results:
                self.tally.add(result)
                self._take(result)
        except BaseException:
            self._save_work()
            # Now, and not at garbage collection: it ends the threads and processes it started.
            results.close()
            self._watch.end()
            raise
        self._settle_rows()
        live = self._uploads.keys()
        for name, writer in self._writers.items():
            committed = writer.commit(gone=self._gone(writer, live))
            level = WARNING if committed.manifest.errors else INFO
            self._log.log(level, _summary(self._table, name, self._partition, committed))
            yield ColumnOutput(committed, self._timing())
        self._publish()

    def _publish(self) -> None:
        """Publishes the columns, of which all are committed now.

        Raises:
            PublishError: Rows of some columns have no name of their own; the others are published.
        """
        refused: list[PublishError] = []
        for writer in self._writers.values():
            try:
                writer.publish(again=self._plan.force)
            except PublishError as error:
                refused.append(error)
        if refused:
            raise refused[0]

    def state_of(self, value: RowValue) -> tuple[int, str]:
        """How many rows have a row value, and its data version: a digest over rows and values."""
        return state_of_value(value, self._uploads)

    def has_work(self) -> bool:
        """Whether a run would make anything."""
        return next(self._rows_to_make(), None) is not None

    @property
    def splits(self) -> bool:
        """Whether it decides which rows there are, which are known only after the run."""
        return False

    def _save_work(self) -> None:
        """Keeps finished cells for the next run."""
        for writer in self._writers.values():
            writer.save_work()

    def _rows_to_make(self) -> Iterator[Work]:
        """Yields the rows with cells to make; cells that are right are kept."""
        for name, upload in self._uploads.items():
            row = self._row(name, upload)
            if not self._reuse(row):
                yield row

    def _row(
        self, name: str, upload: Upload, of_parent: Mapping[str, Record] | None = None
    ) -> RowPlan:
        """Returns a row with the cells that it has, and those of its parent that are read."""
        known = dict(of_parent or {})
        for column, standing in self._standing.items():
            if (record := standing(name)) is not None:
                known[column] = record
        known |= value_records(self._values, upload) | self._parts.records(name)
        return RowPlan(name, upload, known, self._parts.of(name))

    def _reuse(self, row: RowPlan) -> bool:
        """Keeps the cells of a row if all are right; returns whether they are."""
        reusable = reusable_cells(self._plan, row)
        for column, record in (reusable or {}).items():
            self._keep(column, record)
        if reusable is not None:
            self._progress.add(has_error=False)
        return reusable is not None

    def _keep(self, column: str, record: Record) -> None:
        """Keeps a cell as it is."""
        self._writers[column].add(record, is_reused=True)

    def _split_plan(self, columns: Sequence[Column]) -> SplitPlan | None:
        """How the rows come from those of another table; None for rows that were uploaded."""
        del columns
        return None

    def _take(self, result: Result) -> None:
        """Takes the cells of a row that was made."""
        assert isinstance(result, RowResult)  # noqa: S101  only a plan that splits has the other
        for name, record in result.records.items():
            self._writers[name].add(
                record,
                is_reused=name in result.reused,
                is_moved=name in result.moved,
                is_equal=name in result.equal,
            )
        has_error = any(r.error_class is not None for r in result.records.values())
        self._progress.add(has_error=has_error)

    def _settle_rows(self) -> None:
        """Records which rows there are, if that was not known before they were made."""

    def _gone(self, writer: ColumnWriter, live: Collection[str]) -> list[str]:
        """Returns the rows that a column has, and the partition no longer."""
        held_before = writer.base.records if writer.base else ()
        return [row for row in held_before if row not in live]

    def _output_plan(self, column: Column) -> OutputPlan:
        writer = self._writers[column.name]
        return OutputPlan.of(
            column,
            writer.destination.destination if writer.destination else None,
            table=self._table.name,
            partition=self._partition,
            options=writer.options,
        )

    def _inputs_not_selected(
        self, columns: Sequence[Column]
    ) -> dict[str, Callable[[str], Record | None]]:
        """Reads the current cells of unselected columns that selected ones read."""
        read_by = {name: column.name for column in columns for name in self._own_inputs(column)}
        found: dict[str, Callable[[str], Record | None]] = {}
        for name, reader in read_by.items():
            if name in self._writers:
                continue
            (column,) = self._table.select((name,))
            manifest = self._stored.manifest_of(column, self._partition)
            if manifest is not None:
                found[name] = manifest.records.get
            elif self._table.splitting or name != self._table.source.name:
                raise InputNotMaterializedError(
                    column=f"{self._table.name}/{reader}",
                    reads=f"{self._table.name}/{name}",
                    partition=self._partition,
                )
        return found

    def _own_inputs(self, column: Column) -> Sequence[str]:
        """Returns the columns of this table that a column reads."""
        return column.inputs

    def _live_rows(self) -> Mapping[str, Upload]:
        """Reads the partition's rows; after the manifests, so that all their rows are included."""
        stored = self._stored
        stored.refresh()
        live = stored.live_rows(self._partition)
        is_listed = self._table.partitioning.lists_at_run
        if not live and not is_listed and self._partition not in (known := stored.partitions()):
            where = f"in the upload log of {self._table.name!r}"
            raise UnknownNameError(kind="partition", name=self._partition, known=known, where=where)
        return live

    def _timing(self) -> StepTiming:
        return StepTiming(
            seconds=perf_counter() - self._started,
            seconds_by_stage=self.tally.seconds_by_stage,
            rows=self.tally.rows,
            decodes=self.tally.decodes,
        )


def _values_read(table: MediaTable, columns: Sequence[Column]) -> dict[str, RowValue]:
    """Returns the row values that columns read; all if one publishes, whose names may have any."""
    if publishes_any(columns):
        return dict(table.values)
    read = {name for column in columns for name in column.reads}
    return {name: value for name, value in table.values.items() if name in read}


def _summary(table: MediaTable, column: str, partition: str, committed: Committed) -> str:
    manifest, destination = committed.manifest, committed.destination
    text = (
        f"{table.name}/{column} {partition}: {amount(len(manifest.records), 'row')}, "
        f"{describe_made(committed.made, committed.equal)}, {committed.moved} moved, "
        f"{committed.reused} reused, {amount(len(manifest.errors), 'error')}"
    )
    if destination is None:
        return text
    return (
        f"{text}, {committed.bytes_written} bytes to {destination.destination.uri} "
        f"(decided by {destination.decided_by.value})"
    )
