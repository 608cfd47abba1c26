"""The plan of a step as plain values: columns, destinations and uploads."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from media_assets.columns import Column, ComputedColumn, RowValue
from media_assets.destinations import Destination
from media_assets.file_keys import partition_prefix
from media_assets.limits import Limits
from media_assets.media_types import MediaType, medium_of
from media_assets.object_options import NONE, ObjectOptions
from media_assets.parts import PartCells
from media_assets.reading import Reader
from media_assets.records.manifests import Record
from media_assets.split import Splitter
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
        kept_with: What its files are kept with, for their records; a local folder keeps nothing.
    """

    column: Column
    destination: Destination | None
    key_prefix: str = ""
    fileurl_prefix: str = ""
    options: ObjectOptions = NONE
    kept_with: str | None = None

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
        kept_with = None if destination.provider == "file" else options.text
        return cls(column, destination, key, destination.fileurl(key), options, kept_with)


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


def media_of(
    columns: Iterable[Column], types: Mapping[str, ColumnType] = MappingProxyType({})
) -> dict[str, MediaType]:
    """Returns the kind of media of each column that is read or made and holds files.

    Args:
        columns: The columns that are made.
        types: The types of other columns, such as the source.
    """
    found = dict(types)
    for column in columns:
        found[column.name] = column.type
        if isinstance(column, ComputedColumn):
            found |= column.input_types
    return {name: medium_of(held) for name, held in found.items() if held.is_medium}
