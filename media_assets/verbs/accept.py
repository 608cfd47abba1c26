"""The acceptance of a column's standing cells: they count as made by the current code."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

import dagster as dg

from media_assets.amounts import amount
from media_assets.automation.partition_selection import describe_misplaced_rows
from media_assets.columns import ComputedColumn
from media_assets.errors import (
    MisplacedRowsError,
    NotAcceptableError,
    NothingToCompareError,
    UnknownNameError,
)
from media_assets.records.manifests import Manifest
from media_assets.tables.asset_events import CODE_VERSION, event_of, newest_event
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.trials.noted import find_trial
from media_assets.upkeep.accepting import Acceptance, accept, acceptance_id, is_acceptance
from media_assets.upkeep.restoring import find_earlier, restore
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.branch import user_name
from media_assets.verbs.location import Location, open_instance
from media_assets.verbs.report import Report


@dataclass(frozen=True, kw_only=True, repr=False)
class Accepted(Report):
    """The report of an acceptance, or of its undoing.

    Attributes:
        column: The column, as `table/column`.
        cells: How many cells count as made by other code now.
        partitions: In how many partitions.
        code_version: By which code they count as made; None if an acceptance was undone.
        note: Who accepted them, and why.
    """

    column: str
    cells: int
    partitions: int
    code_version: str | None
    note: str = ""

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report, the most important first."""
        where = f"{amount(self.cells, 'cell')} of {self.column}, in {self._partitions}"
        if self.code_version is None:
            if not self.partitions:
                return (f"Nothing to undo: no newest manifest of {self.column} is an acceptance.",)
            return (f"Undone: {where} count as made by the code that made them.",)
        if not self.partitions:
            return (f"Nothing to accept: all cells of {self.column} are of the current code.",)
        name = self.column.rpartition("/")[2]
        return (
            f"Accepted {where}, as made by code version {self.code_version}: {self.note}.",
            f"Nothing was computed. To undo it: media-assets accept {name} --undo",
        )

    @property
    def _partitions(self) -> str:
        return amount(self.partitions, "partition")


def accept_cells(
    location: Location,
    table: MediaTable,
    name: str,
    *,
    because: str | None,
    version: str | None = None,
) -> Accepted:
    """Lets the standing cells of a column count as made by its current code.

    `MediaTable.accept` describes the arguments and errors.
    """
    column, stored, manifests = _standing(location, table, name)
    earlier = _earlier_version(table, column, stored, manifests, version)
    note = _note(location, table, column, because) if earlier else ""
    run_id = acceptance_id(uuid4().hex[:8])
    acceptance = Acceptance(column.code_version, earlier, run_id, f"{user_name()}: {note}")
    cells = partitions = 0
    with open_instance() as instance:
        for manifest in manifests:
            done = accept(stored.ledger(name, manifest.header.partition), acceptance)
            if done is not None:
                cells, partitions = cells + done[1], partitions + 1
            _tell_dagster(instance, table, done[0] if done else manifest)
    return Accepted(
        column=f"{table.name}/{name}",
        cells=cells,
        partitions=partitions,
        code_version=column.code_version,
        note=acceptance.note,
    )


def undo_acceptance(location: Location, table: MediaTable, name: str) -> Accepted:
    """Restores the manifests before an acceptance, where no run has come since.

    Raises:
        UnknownNameError: The column does not exist, or such a manifest was collected.
        NothingToCompareError: The column has no cells.
        FilesCollectedError: Files of such a manifest are gone; nothing was changed.
    """
    _, stored, manifests = _standing(location, table, name)
    accepted = [manifest for manifest in manifests if is_acceptance(manifest)]
    before = [_before(stored, manifest) for manifest in accepted]
    with open_instance() as instance:
        for manifest in restore(stored, location.installation.reader, before):
            told = _told(instance, table, manifest)
            instance.report_runless_asset_event(event_of(table, manifest, told))
    cells = sum(
        old.code_version != new.code_version
        for earlier, now in zip(before, accepted, strict=True)
        for row, old in earlier.records.items()
        if (new := now.records.get(row)) is not None
    )
    return Accepted(
        column=f"{table.name}/{name}", cells=cells, partitions=len(accepted), code_version=None
    )


def _standing(
    location: Location, table: MediaTable, name: str
) -> tuple[ComputedColumn, StoredTable, list[Manifest]]:
    """Returns a computed column, its table as stored, and its newest manifests."""
    (column,) = table.select((name,))
    stored = stored_table(location.installation.catalog, table)
    if told := describe_misplaced_rows(table, stored):
        raise MisplacedRowsError(told)
    if not isinstance(column, ComputedColumn):
        known = [column.name for column in table.computed_columns]
        raise UnknownNameError(
            kind="computed column", name=name, known=known, where=f"in table {table.name!r}"
        )
    found = [stored.manifest(name, p) for p in table.partitioning.among(stored.partitions())]
    manifests = [manifest for manifest in found if manifest is not None]
    if not manifests:
        raise NothingToCompareError(table.name, name)
    return column, stored, manifests


def _note(
    location: Location, table: MediaTable, column: ComputedColumn, because: str | None
) -> str:
    if because is not None and because.strip():
        return because.strip()
    found = find_trial(location.installation.home, table.name, column.name, column.code_version)
    if found is None:
        raise NotAcceptableError.untried(table.name, column.name)
    return f"after {found.told}"


def _earlier_version(
    table: MediaTable,
    column: ComputedColumn,
    stored: StoredTable,
    manifests: Sequence[Manifest],
    version: str | None,
) -> str | None:
    """Returns the code version whose cells are accepted; None if all are of the current one.

    Cells with an error count only where there are no others: a row whose upload cannot be decoded
    keeps the version of the run that tried it last.
    """
    full_name = f"{table.name}/{column.name}"
    made, failed = Counter[str](), Counter[str]()
    for manifest in manifests:
        live = stored.live_rows(manifest.header.partition)
        of_partition = [
            (made_by, error_class)
            for row, made_by, error_class in manifest.select("row", "code_version", "error_class")
            if row in live and made_by and made_by != column.code_version
        ]
        if any(error_class is None for _, error_class in of_partition):
            _check_like(column, full_name, manifest)
        made.update(made_by for made_by, error_class in of_partition if error_class is None)
        failed.update(made_by for made_by, error_class in of_partition if error_class)
    counts = made or failed
    if version is not None and version not in counts:
        where = f"among those that made cells of {full_name}"
        raise UnknownNameError(kind="code version", name=version, known=counts, where=where)
    if len(counts) > 1 and version is None:
        raise NotAcceptableError.several_versions(full_name, dict(counts.most_common()))
    return version or next(iter(counts), None)


def _check_like(column: ComputedColumn, full_name: str, manifest: Manifest) -> None:
    """Refuses code that holds another type, or reads other columns, than that of the cells."""
    head = manifest.header
    for what, before, now in (
        ("hold", head.type.value, column.type.value),
        ("are made from", ", ".join(head.inputs), ", ".join(column.reads)),
    ):
        if before != now:
            raise NotAcceptableError(
                full_name,
                problem=f"they {what} {before}, and the current code says {now}",
                accepted="Code that returns the same type and reads the same columns.",
                fix=f"Make them again: media-assets materialize {head.table} "
                f"--columns {column.name}",
            )


def _before(stored: StoredTable, manifest: Manifest) -> Manifest:
    head, number = manifest.header, str(manifest.number - 1)
    ledger = stored.ledger(head.column, head.partition)
    if (found := find_earlier(ledger, number)) is None:
        known = [str(each) for each in ledger.numbers()]
        where = f"of column {head.column!r} in partition {head.partition!r}: it was collected"
        raise UnknownNameError(kind="manifest", name=number, known=known, where=where)
    return found


def _tell_dagster(instance: dg.DagsterInstance, table: MediaTable, manifest: Manifest) -> None:
    """Reports an accepted manifest, unless that was done: an acceptance may have been killed."""
    head = manifest.header
    if not is_acceptance(manifest):
        return
    told = _told(instance, table, manifest)
    if told.get(CODE_VERSION) != head.code_version:
        instance.report_runless_asset_event(event_of(table, manifest, told))


def _told(instance: dg.DagsterInstance, table: MediaTable, manifest: Manifest) -> Mapping[str, str]:
    """Returns the tags of what Dagster knows of a column's partition."""
    head = manifest.header
    return newest_event(instance, table.asset_key(head.column), head.partition)[0]
