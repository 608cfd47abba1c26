"""Manifests: every cell of one column in one partition after one materialization, as Parquet."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, BinaryIO, cast

from media_assets.file_keys import column_prefix
from media_assets.records.file_headers import naming_damage, read_file_header
from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.records.parquet import (
    ROWS_AT_ONCE,
    ColumnKind,
    RowGroups,
    Schema,
    table_of,
    write_parquet_parts,
)
from media_assets.records.rows import Rows, rows_of_all
from media_assets.values import ColumnType, Stored

SCHEMA: Schema = {
    "partition": ColumnKind.CODE,
    "row": ColumnKind.TEXT,
    "fileurl": ColumnKind.TEXT,
    "digest": ColumnKind.TEXT,
    "size_bytes": ColumnKind.INT64,
    "width": ColumnKind.INT32,
    "height": ColumnKind.INT32,
    "frames": ColumnKind.INT32,
    "format": ColumnKind.CODE,
    "value": ColumnKind.TEXT,
    "value_bytes": ColumnKind.BYTES,
    "facts": ColumnKind.TEXT,
    "input_digest": ColumnKind.TEXT,
    "code_version": ColumnKind.CODE,
    "error_class": ColumnKind.CODE,
    "error_message": ColumnKind.TEXT,
    "written_at": ColumnKind.TIME,
    "run_id": ColumnKind.CODE,
    "object_options": ColumnKind.CODE,
    "published": ColumnKind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Record:
    """One cell: its file or value, and what it was made from, or its error.

    Attributes:
        row: The row's name.
        fileurl: The stored file; None for values and errors.
        digest: SHA-256 of the file's bytes, or of the stored value, as 64 hex digits.
        size_bytes: The file's size.
        width: The width of the upright picture in pixels.
        height: The height of the upright picture in pixels.
        frames: The frames of the file; 1 unless animated.
        format: Pillow's name of the file format.
        value: The value of a value column, as written by `media_assets.values`.
        value_bytes: The same, for a value column of bytes or of lists of numbers.
        facts: Other facts of the cell, as a JSON object: see `media_assets.records.facts`.
        input_digest: Digest of the inputs that the cell was made from.
        code_version: The column's code version when the cell was made.
        error_class: Name of the exception of an error row, else None.
        error_message: Its message.
        written_at: When the cell was made, in UTC.
        run_id: The Dagster run that made it.
        object_options: What the file is kept with in its bucket, as JSON: see `ObjectOptions.text`.
        published: The fileurl of its published copy, which is made after the commit.
    """

    row: str
    fileurl: str | None = None
    digest: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    format: str | None = None
    value: str | None = None
    value_bytes: bytes | None = None
    facts: str | None = None
    input_digest: str | None = None
    code_version: str | None = None
    error_class: str | None = None
    error_message: str | None = None
    written_at: datetime | None = None
    run_id: str | None = None
    object_options: str | None = None
    published: str | None = None

    @property
    def stored(self) -> Stored:
        """What is kept of its value."""
        return self.value if self.value_bytes is None else self.value_bytes


_FIELDS = tuple(f.name for f in fields(Record))


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a manifest, in the metadata of the Parquet file.

    `position` is the column's place among the table's columns, for display.
    `inputs` are the columns that it reads.
    `note` says who committed it and why, if that was a person, and not a run.
    `committed_at` is the time of the commit, which fills it in, as ISO text in UTC.
    """

    table: str
    column: str
    partition: str
    type: ColumnType
    code_version: str
    run_id: str
    position: int = 0
    destination: str | None = None
    decided_by: str | None = None
    committed_at: str | None = None
    inputs: tuple[str, ...] = ()
    note: str | None = None

    def holds(self, column_type: ColumnType) -> bool:
        """Whether cells of this column are kept as those of a type are."""
        return self.type.kind == column_type.kind


@dataclass(frozen=True)
class Manifest:
    """The complete listing of one column in one partition."""

    header: Header
    records: Mapping[str, Record] = field(default_factory=dict[str, Record])
    number: int = 0

    @cached_property
    def data_version(self) -> str:
        """A digest of all rows and their digests: equal content has equal versions.

        A row with an error counts by its error class.
        """
        digest = hashlib.sha256()
        for row, of_file, error_class in self.select("row", "digest", "error_class"):
            digest.update(f"{row}\0{of_file or error_class}\n".encode())
        return digest.hexdigest()[:32]

    @cached_property
    def errors(self) -> list[Record]:
        """The error rows, sorted by row name."""
        return [
            self.records[row]
            for row, error_class in self.select("row", "error_class")
            if error_class is not None
        ]

    def select(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yields some fields of all records, sorted by row name, without reading the others."""
        return records_of(self.records).select(*columns)


class Records(Rows[Record]):
    """The records of a file."""

    def __init__(self, file: RowGroups) -> None:
        super().__init__(file, Record)


def records_of(records: Mapping[str, Record]) -> Records:
    """Returns records as a file in memory; those of a manifest already are."""
    if isinstance(records, Records):
        return records
    return Records(RowGroups(to_parquet({}, records.values()), key="memory"))


def to_parquet(header: Mapping[str, object], records: Iterable[Record]) -> bytes:
    """Returns records as one Parquet file, sorted by row, with `header` in its metadata."""
    ordered = sorted(records, key=attrgetter("row"))
    parts = (ordered[n : n + ROWS_AT_ONCE] for n in range(0, len(ordered), ROWS_AT_ONCE))
    tables = (
        table_of(
            SCHEMA,
            {
                "partition": [header.get("partition")] * len(part),
                **{name: [getattr(record, name) for record in part] for name in _FIELDS},
            },
        )
        for part in parts
    )
    return write_parquet_parts(header, SCHEMA, tables)


def from_parquet(data: bytes, *, key: str) -> tuple[dict[str, object], Records]:
    """Returns the header and the records of a file made by `to_parquet`.

    Raises:
        ManifestFormatError: The file is damaged, or its format version is not supported; the text
            names `key`.
    """
    file = RowGroups(data, key=key, schema=SCHEMA)
    return file.header, Records(file)


def read_manifest(ledger: Ledger, number: int) -> Manifest:
    """Reads one manifest by its number."""
    key = ledger.key(number)
    raw, records = from_parquet(ledger.read(number), key=key)
    return Manifest(_header(raw, key=key), records, number)


def read_header(data: bytes | BinaryIO, *, key: str) -> Header:
    """Reads the header of a manifest, and none of its rows."""
    return _header(read_file_header(data, key=key), key=key)


def names_of(root: CatalogRoot, key: str) -> tuple[str, str]:
    """Returns the table and the column of a manifest from its key.

    It is read only if its folder's name is a substitute, as for capital letters.
    """
    table, column, *_ = key.removeprefix(root.destination.prefix).rsplit("/", 3)
    if column_prefix(table, column) == f"{table}/{column}/":
        return table, column
    header = read_header(root.store.get(key), key=key)
    return header.table, header.column


def _header(raw: Mapping[str, object], *, key: str) -> Header:
    with naming_damage(key):
        return Header(
            table=str(raw["table"]),
            column=str(raw["column"]),
            partition=str(raw["partition"]),
            type=ColumnType(str(raw["type"])),
            code_version=str(raw["code_version"]),
            run_id=str(raw["run_id"]),
            position=int(str(raw["position"])),
            destination=cast("str | None", raw.get("destination")),
            decided_by=cast("str | None", raw.get("decided_by")),
            committed_at=cast("str | None", raw.get("committed_at")),
            inputs=tuple(cast("list[str]", raw.get("inputs", []))),
            note=cast("str | None", raw.get("note")),
        )


def newest_manifest(ledger: Ledger) -> Manifest | None:
    """Reads the manifest with the highest number; None if there is none yet."""
    number = ledger.latest()
    return read_manifest(ledger, number) if number else None


def commit_manifest(
    ledger: Ledger,
    header: Header,
    computed: Mapping[str, Record],
    *,
    base: Manifest | None,
    gone: Collection[str] = (),
) -> Manifest:
    """Commits a partition's next manifest with a few cells, by row; see `commit_files`."""
    data = [to_parquet(asdict(header), computed.values())] if computed else []
    files = [RowGroups(each, key="memory") for each in data]
    return commit_files(ledger, header, files, base=base, gone=gone)


def commit_files(
    ledger: Ledger,
    header: Header,
    computed: Sequence[RowGroups],
    *,
    base: Manifest | None,
    gone: Collection[str] = (),
) -> Manifest:
    """Commits a partition's next manifest: the newest one with the cells that this run computed.

    If another run has committed in the meantime, its manifest is read and merged, rows that this
    run computed win, and the next number is tried.

    Args:
        ledger: The manifests of this column and partition.
        header: The header of the new manifest.
        computed: Files of the cells that this run computed; the last cell of a row counts.
        base: The newest manifest as this run saw it.
        gone: Rows that left the partition (replaced elsewhere, or deleted), none of them computed.

    Returns:
        The new manifest, or `base` itself if nothing changed.
    """
    base = base or newest_manifest(ledger)
    while True:
        if base is not None and not computed and not any(row in base.records for row in gone):
            return base
        if (committed := _commit_next(ledger, header, computed, base=base, gone=gone)) is not None:
            return committed
        base = newest_manifest(ledger)


def commit_over(
    ledger: Ledger,
    header: Header,
    records: Iterable[Record],
    *,
    base: Manifest | None,
    gone: Collection[str] = (),
) -> Manifest | None:
    """Commits the manifest after `base` with other records of some rows, and without those gone.

    Unlike the cells that a run computed, they win over nobody's: if another run has committed in
    the meantime, nothing is committed, and None is returned.
    """
    files = [RowGroups(to_parquet(asdict(header), records), key="memory")]
    return _commit_next(ledger, header, files, base=base, gone=gone)


def _commit_next(
    ledger: Ledger,
    header: Header,
    computed: Sequence[RowGroups],
    *,
    base: Manifest | None,
    gone: Collection[str],
) -> Manifest | None:
    """Commits the manifest after `base`; None if its number has been claimed."""
    standing = [records_of(base.records).file] if base else []
    number = (base.number if base else 0) + 1
    stamped = replace(header, committed_at=datetime.now(UTC).isoformat())
    tables = rows_of_all([*standing, *computed], SCHEMA, without=gone)
    data = write_parquet_parts(asdict(stamped), SCHEMA, tables)
    # A number that was claimed and then collected is free again, below the newest one.
    if ledger.claim(number, data) and ledger.was_free(number):
        _, records = from_parquet(data, key=ledger.key(number))
        return Manifest(stamped, records, number)
    return None
