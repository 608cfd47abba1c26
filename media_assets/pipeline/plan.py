"""What a step is to make, as plain values: which columns, where to, from which uploads."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from media_assets.columns import Column
from media_assets.destinations import Destination
from media_assets.images.decode import ImageLimits
from media_assets.keys import partition_prefix
from media_assets.reading import Reader
from media_assets.records.manifests import Record
from media_assets.uploads.log import Upload


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """One selected column, and where its files go.

    Attributes:
        column: The column.
        destination: None for a value column, and for a source column whose files stay in place.
        key_prefix: What the store's keys of this column's files in this partition start with.
        fileurl_prefix: The same for their fileurls.
    """

    column: Column
    destination: Destination | None
    key_prefix: str = ""
    fileurl_prefix: str = ""

    @classmethod
    def of(
        cls, column: Column, destination: Destination | None, *, table: str, partition: str
    ) -> "OutputPlan":
        """Works out where the files of a column in a partition go."""
        if destination is None:
            return cls(column, None)
        key = destination.key(partition_prefix(table, column.name, partition))
        return cls(column, destination, key, destination.fileurl(key))


@dataclass(frozen=True, slots=True)
class Plan:
    """What one step makes of each row: a picklable value.

    Attributes:
        table: The table's name.
        partition: The partition's key.
        run_id: The Dagster run.
        source: The source column's name.
        outputs: The selected columns, each after all that it reads.
        force: Make every cell anew, whatever is there.
        limits: What a source image may be.
        reader: What it takes to reach the sources and the destinations.
    """

    table: str
    partition: str
    run_id: str
    source: str
    outputs: tuple[OutputPlan, ...]
    force: bool = False
    limits: ImageLimits = field(default_factory=ImageLimits)
    reader: Reader = field(default_factory=Reader)


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row to be made.

    Attributes:
        row: The row's name.
        upload: What was uploaded.
        known: The newest record of each column that is selected or read, where there is one.
    """

    row: str
    upload: Upload
    known: Mapping[str, Record]


@dataclass(slots=True)
class RowResult:
    """What became of one row.

    Attributes:
        row: The row's name.
        records: A record for each selected column.
        reused: The columns whose record stands as it was.
        raised: For each column whose function was called: whether it raised.
        seconds: Time spent in each stage, on the row's own thread.
        decodes: How many times the source was decoded.
    """

    row: str
    records: dict[str, Record] = field(default_factory=dict[str, Record])
    reused: set[str] = field(default_factory=set[str])
    raised: dict[str, bool] = field(default_factory=dict[str, bool])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    decodes: int = 0


def reusable_cells(plan: Plan, row: RowPlan) -> dict[str, Record] | None:
    """Returns a row's records when all of them are right already, without touching a file.

    None means that some cell has to be made.
    """
    if plan.force:
        return None
    records: dict[str, Record] = {}
    for output in plan.outputs:
        name = output.column.name
        digests: dict[str, str] = {}
        for read in output.column.inputs:
            standing = _standing(plan, row, read)
            if standing is None or standing.digest is None:
                return None
            digests[read] = standing.digest
        expected = input_digest(row, digests)
        record = row.known.get(name)
        if record is None or not is_right(record, output, expected) or not is_there(record, output):
            return None
        records[name] = record
    return records


def standing_source(plan: Plan, row: RowPlan) -> Record | None:
    """The source's record, when it is of this very upload and not an error."""
    record = row.known.get(plan.source)
    is_current = record is not None and record.input_digest == row.upload.version
    return record if record and is_current and record.error_class is None else None


def _standing(plan: Plan, row: RowPlan, column: str) -> Record | None:
    if column == plan.source:
        return standing_source(plan, row)
    record = row.known.get(column)
    return record if record and record.error_class is None else None


def input_digest(row: RowPlan, digests: Mapping[str, str]) -> str:
    """Returns a digest of what a cell is made from: its upload's version, or its inputs' digests.

    A source cell is identified by what can be known without reading the file.
    """
    return digest_of_inputs(row.upload.version, digests)


def digest_of_inputs(upload_version: str, digests: Mapping[str, str]) -> str:
    """Returns what `input_digest` does, for an upload that is known by its version alone."""
    if not digests:
        return upload_version
    text = "\n".join(f"{name}={digests[name]}" for name in sorted(digests))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_right(record: Record, output: OutputPlan, expected_input: str) -> bool:
    """Whether a cell was made from these inputs by this code, wherever its file is."""
    column = output.column
    return (
        record.error_class is None
        and record.input_digest == expected_input
        and record.code_version == column.code_version
    )


def is_there(record: Record, output: OutputPlan) -> bool:
    """Whether a cell's file is under the column's destination of now."""
    return output.destination is None or (record.fileurl or "").startswith(output.fileurl_prefix)
