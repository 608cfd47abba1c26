"""The plan of a step as plain values: columns, destinations and uploads."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata

from media_assets.columns import Column, ComputedColumn, RowValue
from media_assets.destinations import Destination
from media_assets.errors import StepDiedError, UndecodableImageError, UnsafeKeyError
from media_assets.file_keys import partition_prefix
from media_assets.limits import Limits
from media_assets.media_types import MediaType, medium_of
from media_assets.object_options import NONE, ObjectOptions
from media_assets.parts import PartCells
from media_assets.publishing import PublishedName
from media_assets.reading import Reader
from media_assets.records.facts import is_truncated
from media_assets.records.manifests import Record
from media_assets.row_templates import RowTemplate
from media_assets.split import Splitter
from media_assets.stores.object_keys import check_object_key
from media_assets.uploads.changes import is_made_from
from media_assets.uploads.upload import Upload
from media_assets.values import ColumnType


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """One selected column, and where its files go.

    Attributes:
        column: The column.
        destination: Where its files go; None for a value column, and for uploads left in place.
        key_prefix: The prefix of the store's keys of this column's files in this partition.
        fileurl_prefix: The same for their fileurls.
        options: How its files are kept as objects of a bucket.
    """

    column: Column
    destination: Destination | None
    key_prefix: str = ""
    fileurl_prefix: str = ""
    options: ObjectOptions = NONE

    @classmethod
    def of(
        cls,
        column: Column,
        destination: Destination | None,
        *,
        table: str,
        partition: str,
        options: ObjectOptions = NONE,
    ) -> "OutputPlan":
        """Returns the column with the place of its files in a partition."""
        if destination is None:
            return cls(column, None)
        key = destination.key(partition_prefix(table, column.name, partition))
        return cls(column, destination, key, destination.fileurl(key), options)

    @property
    def kept_with(self) -> str | None:
        """What its files are kept with, for their records; a local folder keeps nothing."""
        is_local = self.destination is not None and self.destination.provider == "file"
        return None if is_local else self.options.text


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How rows of another table, the parents, are split into the rows of a step.

    Attributes:
        splitter: The splitter.
        column: The column of the parts' media, which reads columns of the parents.
        values: The index values of a part.
        table: The parents' table.
        source: Its source column; empty if its rows are parts themselves.
        source_type: The kind of media of its source column.
        max_parts: The most parts of a parent.
        has_own_format: Whether all files are written as the column says, whatever the splitter
            would choose for a part.
    """

    splitter: Splitter
    column: ComputedColumn
    values: Mapping[str, RowValue]
    table: str
    source: str
    source_type: ColumnType
    max_parts: int
    has_own_format: bool = False

    def digest(self, of_inputs: str) -> str:
        """Returns a digest of what decides the parts of a parent, as 64 hex digits."""
        text = f"{of_inputs}\n{self.splitter.code_version}\n{self.column.code_version}"
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a step makes for each row; a picklable value.

    Attributes:
        table: The table's name.
        partition: The partition's key.
        run_id: The Dagster run.
        source: The source column's name.
        outputs: The selected columns, each after the columns that it reads.
        force: Make every cell again, whether or not it is up to date.
        moves: Whether files elsewhere are moved to their column's current destination.
        retries_unreadable: Whether to retry sources that could not be decoded, although neither
            they nor the decoder have changed.
        limits: The limits on files that are not the defaults, by the name of their kind.
        reader: Provides access to the sources and the destinations.
        source_type: The kind of media of the source column.
        keeps_truncated: Whether sources that end early are decoded as far as they go.
        split: How parents are split into the rows; None for rows that were uploaded. The source
            column is empty then, as the parts' media are computed.
    """

    table: str
    partition: str
    run_id: str
    source: str
    outputs: tuple[OutputPlan, ...]
    force: bool = False
    moves: bool = True
    retries_unreadable: bool = False
    limits: Mapping[str, Limits] = field(default_factory=dict[str, Limits])
    reader: Reader = field(default_factory=Reader)
    source_type: ColumnType = ColumnType.IMAGE
    keeps_truncated: bool = False
    split: SplitPlan | None = None

    def limits_of(self, medium: MediaType) -> Limits:
        """Returns the limits on files of a kind of media."""
        return self.limits.get(medium.name) or medium.limits()


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row to make.

    Attributes:
        row: The row's name.
        upload: The row's upload.
        known: The latest record of each column that is selected or read, if it has one.
        parts: The parts of the row, by derived table, if columns read them.
    """

    row: str
    upload: Upload
    known: Mapping[str, Record]
    parts: Mapping[str, PartCells] = field(default_factory=dict[str, PartCells])


@dataclass(frozen=True, slots=True)
class ParentPlan:
    """One row of another table, whose parts are rows of this step.

    Attributes:
        parent: The row, with the cells of its table that the splitter reads.
        parts: The parts that are there, by key.
        reads: The cells of the parent that columns of its parts read.
        entry: The number of the log's entry that gave the parent its content.
        name_of_error: The row that has its error, if it cannot be split.
        splits: Whether it is split; otherwise the parts that are there are made from it.
        error: Why it is not even tried, if it is not.
    """

    parent: RowPlan
    parts: Mapping[str, RowPlan]
    reads: Mapping[str, Record]
    entry: int
    name_of_error: str
    splits: bool = True
    error: Exception | None = None

    @property
    def row(self) -> str:
        """The parent's row."""
        return self.parent.row

    @property
    def upload(self) -> Upload:
        """The upload of the parent."""
        return self.parent.upload


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The parts of one parent, after all of them were made.

    Attributes:
        row: The parent's row.
        entry: The number of the log's entry that gave it its content.
        digest: A digest of what decided the parts.
        parts: The index values of each part, by its row; of the parent alone, if it failed.
        decodes: How many times the parent was decoded.
        seconds: Time spent in each stage, by the parent itself.
    """

    row: str
    entry: int
    digest: str
    parts: Mapping[str, str | None]
    decodes: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(slots=True)
class RowResult:
    """The result of one row.

    Attributes:
        row: The row's name.
        records: A record for each selected column.
        reused: The columns whose records were kept unchanged.
        moved: The columns whose records have a new address for the same content.
        equal: The columns whose cells were made again, with the same content as before.
        raised: Whether the function raised, for each column whose function was called.
        seconds: Time spent in each stage, on the row's own thread.
        decodes: How many times the source was decoded.
        source_storage: The storage that the source was read from; None if none was.
        is_refused: Whether that storage refused it.
    """

    row: str
    records: dict[str, Record] = field(default_factory=dict[str, Record])
    reused: set[str] = field(default_factory=set[str])
    moved: set[str] = field(default_factory=set[str])
    equal: set[str] = field(default_factory=set[str])
    raised: dict[str, bool] = field(default_factory=dict[str, bool])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    decodes: int = 0
    source_storage: str | None = None
    is_refused: bool = False

    def add(self, column: str, record: Record, *, standing: Record | None) -> None:
        """Adds the record of a column; made with the same content as before, it counts as equal."""
        self.records[column] = record
        is_made = column not in self.reused and column not in self.moved
        if is_made and standing and record.digest and standing.digest == record.digest:
            self.equal.add(column)


Work = RowPlan | ParentPlan
Result = RowResult | SplitResult


def reusable_cells(plan: Plan, row: RowPlan) -> dict[str, Record] | None:
    """Returns a row's records if all of them are right already, without touching a file.

    Returns None if a cell has to be made.
    """
    if plan.force:
        return None
    if is_waiting(plan, row):
        known = {output.column.name: row.known.get(output.column.name) for output in plan.outputs}
        waiting = {name: record for name, record in known.items() if record and record.error_class}
        return waiting if len(waiting) == len(known) else None
    records: dict[str, Record] = {}
    for output in plan.outputs:
        name = output.column.name
        digests: dict[str, str] = {}
        for read in output.column.reads:
            standing = _current_record(plan, row, read)
            if standing is None or standing.digest is None:
                return None
            digests[read] = standing.digest
        record = current_source(plan, row) if name == plan.source else row.known.get(name)
        if record is None or not stays(plan, row, record, output):
            return None
        if isinstance(output.column, ComputedColumn):
            expected = input_digest(output.column, digests)
            waits = not plan.retries_unreadable and is_deadly(record, output.column, expected)
            is_made = waits or is_right(record, output, expected)
        else:
            is_made = at_its_address(plan, row, record) == record
        if not is_made:
            return None
        records[name] = record
    return records


def current_source(plan: Plan, row: RowPlan) -> Record | None:
    """Returns the source's record if it is of this upload, not an error and not refused now."""
    record = row.known.get(plan.source)
    if record is None or record.error_class or not is_made_from(record, row.upload):
        return None
    return record if plan.keeps_truncated or not is_truncated(record.facts) else None


def is_waiting(plan: Plan, row: RowPlan) -> bool:
    """Whether a source could not be decoded, and nothing has changed since that could help."""
    record = row.known.get(plan.source)
    return (
        not (plan.force or plan.retries_unreadable)
        and record is not None
        and is_unreadable(
            record, row.upload, plan.source_type, keeps_truncated=plan.keeps_truncated
        )
    )


def is_deadly(record: Record, column: ComputedColumn, expected_input: str) -> bool:
    """Whether making a cell ended the process, and nothing has changed since that could help."""
    return (
        not column.processes
        and record.error_class == StepDiedError.__name__
        and record.input_digest == expected_input
        and record.code_version == column.code_version
    )


def is_unreadable(
    record: Record, upload: Upload, source_type: ColumnType, *, keeps_truncated: bool
) -> bool:
    """Whether an upload could not be decoded, and nothing has changed since that could help.

    If truncated files are kept now, and were not then, that could.
    """
    if record.error_class is None:
        return False
    tried = {unreadable_digest(upload, source_type, keeps_truncated=True)}
    if not keeps_truncated or record.error_class != UndecodableImageError.__name__:
        tried.add(unreadable_digest(upload, source_type, keeps_truncated=False))
    return record.input_digest in tried


def unreadable_digest(upload: Upload, source_type: ColumnType, *, keeps_truncated: bool) -> str:
    """Returns the input digest for the record of an upload that cannot be decoded.

    It depends on the decoder's version, which may be able to read what another one cannot, and on
    whether truncated files are kept.
    """
    packages = ("media-assets", *medium_of(source_type).packages)
    versions = [f"{name}={_version(name)}" for name in packages]
    tolerance = ["truncated=keep"] if keeps_truncated else []
    text = "\n".join([upload.identity, *versions, *tolerance])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def at_its_address(plan: Plan, row: RowPlan, record: Record) -> Record:
    """Returns a source's record with its current address, unless a copy of it is kept."""
    kept = partition_prefix(plan.table, plan.source, plan.partition)
    return replace(record, fileurl=address_now(record, row.upload, kept_below=kept))


def address_now(record: Record, upload: Upload, *, kept_below: str) -> str:
    """Returns where a source's file is: its kept copy, or the current place of the upload.

    Args:
        record: The source's record.
        upload: Its upload.
        kept_below: The folder of the source column's partition, which contains no uploads.
    """
    return record.fileurl if record.fileurl and kept_below in record.fileurl else upload.uri


def _current_record(plan: Plan, row: RowPlan, column: str) -> Record | None:
    if column == plan.source:
        return current_source(plan, row)
    record = row.known.get(column)
    return record if record and record.error_class is None else None


def input_digest(column: ComputedColumn, digests: Mapping[str, str]) -> str:
    """Returns a digest of everything that a computed cell is made from.

    Args:
        column: The column, with the versions of the assets in its `ins`.
        digests: The digests of the cells that it reads, by column.
    """
    made_from = {**digests, **{name: column.versions[name] for name in column.ins}}
    text = "\n".join(f"{name}={made_from[name]}" for name in sorted(made_from))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_right(record: Record, output: OutputPlan, expected_input: str) -> bool:
    """Whether a cell was made from these inputs by this code, wherever its file is."""
    column = output.column
    return (
        record.error_class is None
        and record.input_digest == expected_input
        and record.code_version == column.code_version
    )


def stays(plan: Plan, row: RowPlan, record: Record, output: OutputPlan) -> bool:
    """Whether a cell's file stays as it is: in place and named as it should be, or nothing moves.

    A cell without a file, which is null, stays.
    """
    if output.destination is None or not plan.moves or record.fileurl is None:
        return True
    return is_in_place(record, output) and record.published == published_name(output, row, record)


def is_in_place(record: Record, output: OutputPlan) -> bool:
    """Whether a cell's file is where it should be, and kept with its column's options."""
    is_there = (record.fileurl or "").startswith(output.fileurl_prefix)
    return is_there and record.object_options == output.kept_with


def published_name(output: OutputPlan, row: RowPlan, record: Record) -> str | None:
    """Returns the fileurl of a cell's published copy.

    None if it has none, and an empty text if its column publishes, but no name can be made for it.
    """
    column, destination = output.column, output.destination
    if not isinstance(column, ComputedColumn) or column.publish is None:
        return None
    if destination is None or record.fileurl is None:
        return None
    values = {name: cell.value for name, cell in row.known.items() if cell.value is not None}
    extension = medium_of(column.type).extension(record.format or "").removeprefix(".")
    facts = {"width": record.width, "height": record.height, "format": extension}
    try:
        name = PublishedName(RowTemplate(column.publish)).fill(row.row, values, facts)
        check_object_key(destination.key(name))
    except UnsafeKeyError:
        return ""
    return destination.fileurl(destination.key(name))


def media_of(plan: Plan) -> dict[str, MediaType]:
    """Returns the kind of media of each column that is read or made and holds files."""
    types = {plan.source: plan.source_type}
    for column in (output.column for output in plan.outputs):
        types[column.name] = column.type
        if isinstance(column, ComputedColumn):
            types |= column.input_types
    return {name: medium_of(found) for name, found in types.items() if found.is_medium}


@cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # of an extra
        return ""
