"""The catalog's files: Parquet with a header, version and checksums that are verified on reading.

Only this module uses pyarrow, which has no types. It takes a tenth of a second to import, so the
first file does that.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import cache
from importlib import import_module
from io import BytesIO
from itertools import groupby
from typing import Any, BinaryIO

from media_assets.images.allocator import ARROW_POOL, SYSTEM_POOL
from media_assets.records import file_headers
from media_assets.records.arrow_arrays import array_of
from media_assets.records.database import quote_name
from media_assets.records.file_headers import (
    CHECKSUM,
    METADATA_KEY,
    ROWS,
    add_checksum,
    header_text,
    read_whole_header,
)

_SINCE_VERSION_2 = frozenset({"facts", "value_bytes", "content", "values"})
"""Columns that files of version 1 may lack; they are read as nulls."""
ADDED_LATER = frozenset({"object_options", "published"})
"""Columns that files of any version may lack."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ArrowTable = Any
"""A `pyarrow.Table`."""
ArrowReader = Any
"""A `pyarrow.RecordBatchReader`."""


class ColumnKind(Enum):
    """The type of a column in a file."""

    TEXT = auto()
    CODE = auto()
    """A text with few distinct values."""
    INT32 = auto()
    INT64 = auto()
    TIME = auto()
    BYTES = auto()


ROWS_AT_ONCE = 1_000
"""Rows held uncompressed, which take many times their memory in DuckDB and in Python."""

SQL_TYPES = {
    ColumnKind.TEXT: "varchar",
    ColumnKind.CODE: "varchar",
    ColumnKind.INT32: "integer",
    ColumnKind.INT64: "bigint",
    ColumnKind.TIME: "timestamptz",
    ColumnKind.BYTES: "blob",
}
"""DuckDB's types of the columns."""

_FEW_RUNS = 50
"""Fewer parts of a table are joined without `pyarrow.compute`, many faster with it."""

Schema = Mapping[str, ColumnKind]
"""The columns of a file, in order."""


def no_rows(schema: Schema) -> str:
    """Returns a query with these columns and no rows; a pyarrow table would import pyarrow."""
    empty = (f"null::{SQL_TYPES[kind]} as {quote_name(name)}" for name, kind in schema.items())
    return f"select {', '.join(empty)} limit 0"


def table_of(schema: Schema, columns: Mapping[str, Iterable[object]]) -> ArrowTable:
    """Returns a table of Python values, with only the given columns."""
    shown = {name: schema[name] for name in columns}
    kinds = [field.type for field in _arrow_schema(shown)]
    lists = [list(values) for values in columns.values()]
    parts = (
        [
            array_of(kind, values[n : n + ROWS_AT_ONCE])
            for kind, values in zip(kinds, lists, strict=True)
        ]
        for n in range(0, len(lists[0]), ROWS_AT_ONCE)
    )
    return join_tables(shown, [_arrow().Table.from_arrays(part, list(shown)) for part in parts])


def join_tables(schema: Schema, tables: Sequence[ArrowTable]) -> ArrowTable:
    """Returns the rows of all tables, possibly none."""
    shown = _arrow_schema(schema)
    if not tables:
        return _arrow().Table.from_batches([], shown)
    return _arrow().concat_tables([_cast(table, shown) for table in tables])


def in_groups(schema: Schema, tables: Iterable[ArrowTable], rows: int) -> Iterator[ArrowTable]:
    """Joins tables to ones of at least this many rows, and finally the rest."""
    group: list[ArrowTable] = []
    for table in tables:
        group.append(table)
        if sum(map(len, group)) >= rows:
            yield join_tables(schema, group)
            group.clear()
    if group:
        yield join_tables(schema, group)


def tables_of(reader: ArrowReader) -> Iterator[ArrowTable]:
    """Yields the batches of a reader as tables."""
    for batch in reader:
        yield _arrow().Table.from_batches([batch])


def rows_named(table: ArrowTable, rows: Iterable[str]) -> ArrowTable:
    """Returns the rows of a table whose `row` is one of these."""
    wanted = _arrow().array(list(rows), _arrow().string())
    return table.filter(_compute().is_in(table.column("row"), wanted))


def rows_at(table: ArrowTable, positions: Sequence[int]) -> ArrowTable:
    """Returns the rows of a table at these positions, in their order."""
    runs = list(_runs(positions))
    if len(runs) <= _FEW_RUNS:
        parts = [table.slice(first, length) for first, length in runs]
        return _arrow().concat_tables(parts).combine_chunks()
    return table.take(array_of(_arrow().int32(), positions))


def _runs(positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yields the first of numbers that follow one another, and how many they are.

    Example:
        >>> list(_runs([5, 6, 0, 7, 8]))
        [(5, 2), (0, 1), (7, 2)]
    """
    for _, run in groupby(enumerate(positions), lambda each: each[1] - each[0]):
        (_, first), *others = run
        yield first, 1 + len(others)


def values_of(table: ArrowTable, column: str) -> list[Any]:
    """Returns the values of a column; rows with equal codes share one object."""
    values: list[Any] = []
    for chunk in table.column(column).chunks:
        if _arrow().types.is_dictionary(chunk.type):
            codes = [*chunk.dictionary.to_pylist(), None]
            values += [codes[-1 if place is None else place] for place in chunk.indices.to_pylist()]
        elif _arrow().types.is_timestamp(chunk.type):
            # To return times, pyarrow would import pandas.
            since = chunk.view(_arrow().int64()).to_pylist()
            values += [None if n is None else _EPOCH + timedelta(microseconds=n) for n in since]
        else:
            values += chunk.to_pylist()
    return values


def distinct_texts(table: ArrowTable, column: str) -> list[str]:
    """Returns the distinct values of a column."""
    return _compute().unique(table.column(column)).to_pylist()


def write_parquet(header: Mapping[str, object], table: ArrowTable) -> bytes:
    """Returns a table as a file with the header and the format version in its metadata."""
    return _write(header, table.schema, [table])


def write_parquet_parts(
    header: Mapping[str, object], schema: Schema, tables: Iterable[ArrowTable]
) -> bytes:
    """Returns tables as one file, a row group each, with one table in memory at a time."""
    shown = _arrow_schema(schema)
    return _write(header, shown, (_cast(table, shown) for table in tables))


class RowGroups:
    """A file made by `write_parquet`, kept compressed in memory and read one row group at a time.

    Attributes:
        key: Its name.
        header: Its header.
        is_whole: Whether it has a checksum, so that no part of it can be damaged.
    """

    def __init__(
        self,
        data: bytes | BinaryIO,
        *,
        key: str,
        schema: Schema | None = None,
        codes: Sequence[str] = (),
    ) -> None:
        """Reads the header and compares the checksum; row groups are read when needed.

        Args:
            data: The file.
            key: Its name.
            schema: The required columns, which are the ones read; by default all columns are read.
                Columns that a file of an older version lacks are read as nulls.
            codes: Columns of texts in the file that are read as codes.

        Raises:
            ManifestFormatError: The file is damaged, is another kind of file, or its format version
                is not supported; the text names `key`.
        """
        self.key = key
        self._schema = schema
        self._absent: Schema = {}
        with naming_damage(key):
            self.header = read_whole_header(data, key=key)
            self.is_whole = self.header.pop(CHECKSUM, None) is not None
            source = _arrow().BufferReader(data) if isinstance(data, bytes) else data
            options = {"page_checksum_verification": True, "read_dictionary": list(codes)}
            self._file = _arrow().parquet.ParquetFile(source, **options)
            rows = self._file.metadata.num_rows
            if self.header.pop(ROWS, rows) != rows:
                raise ValueError(rows)
            found = self._file.schema_arrow
            may_lack = ADDED_LATER
            if self.header["format_version"] == 1:
                may_lack |= _SINCE_VERSION_2
            there = [name for name in schema or () if name in found.names or name not in may_lack]
            kinds = {} if schema is None else {name: schema[name] for name in there}
            if _arrow().schema(map(found.field, there)) != _arrow_schema(kinds):
                raise TypeError(found)
            self._absent = {} if schema is None else {n: schema[n] for n in schema.keys() - kinds}

    def __len__(self) -> int:
        return self._file.num_row_groups

    def read(self, group: int) -> ArrowTable:
        """Returns one group.

        Raises:
            ManifestFormatError: It is damaged.
        """
        return self._read(group, self._schema)

    def read_all(self) -> ArrowTable:
        """Returns all groups; raises like `read`."""
        with naming_damage(self.key):
            table = self._file.read(columns=self._present(self._schema), use_threads=False)
            return self._whole(table, self._schema, self._file.metadata.num_rows)

    def values(self, group: int, *columns: str) -> list[list[Any]]:
        """Returns the values of some columns of one group; raises like `read`."""
        table = self._read(group, columns)
        with naming_damage(self.key):
            return [values_of(table, column) for column in columns]

    def _read(self, group: int, columns: Iterable[str] | None) -> ArrowTable:
        with naming_damage(self.key):
            present = self._present(columns)
            table = self._file.read_row_group(group, columns=present, use_threads=False)
            return self._whole(table, columns, self._file.metadata.row_group(group).num_rows)

    def _present(self, columns: Iterable[str] | None) -> list[str] | None:
        """Returns the columns to read: all, or those asked for that the file has."""
        return None if columns is None else [n for n in columns if n not in self._absent]

    def _whole(self, table: ArrowTable, columns: Iterable[str] | None, rows: int) -> ArrowTable:
        """Returns a table with nulls added for the columns that the file does not have."""
        if len(table) != rows:
            raise ValueError(len(table))
        names = list(columns or ())
        for name in names:
            if name in self._absent:
                (kind,) = _arrow_schema({name: self._absent[name]})
                table = table.append_column(kind, _arrow().nulls(rows, kind.type))
        return table.select(names) if self._absent and names else table


def naming_damage(key: str) -> AbstractContextManager[None]:
    """Turns errors of a damaged file into a `DamagedRecordError` that names it."""
    return file_headers.naming_damage(key, _arrow().ArrowException)


@cache
def _arrow() -> Any:  # noqa: ANN401  pyarrow has no types
    import_module("pyarrow.parquet")
    arrow = import_module("pyarrow")
    if os.environ.get(ARROW_POOL, SYSTEM_POOL) == SYSTEM_POOL:  # the user's choice wins
        # The default pool is no faster here, and keeps 40 MB after a file of 10 MB.
        arrow.set_memory_pool(arrow.system_memory_pool())
    return arrow


@cache
def _compute() -> Any:  # noqa: ANN401  pyarrow has no types
    """Returns the functions on arrays, which take 10 MB; small tables are written without."""
    return import_module("pyarrow.compute")


def _cast(table: ArrowTable, shown: Any) -> ArrowTable:  # noqa: ANN401  a `pyarrow.Schema`
    """Returns a table with these types; `cast` would import `pyarrow.compute` in any case."""
    return table if table.schema.equals(shown) else table.cast(shown)


def _arrow_schema(schema: Schema) -> Any:  # noqa: ANN401  a `pyarrow.Schema`
    arrow = _arrow()
    types = {
        ColumnKind.TEXT: arrow.string(),
        ColumnKind.CODE: arrow.dictionary(arrow.int32(), arrow.string()),
        ColumnKind.INT32: arrow.int32(),
        ColumnKind.INT64: arrow.int64(),
        ColumnKind.TIME: arrow.timestamp("us", tz="UTC"),
        ColumnKind.BYTES: arrow.binary(),
    }
    return arrow.schema([(name, types[kind]) for name, kind in schema.items()])


def _write(header: Mapping[str, object], schema: Any, tables: Iterable[ArrowTable]) -> bytes:  # noqa: ANN401  a `pyarrow.Schema`
    sink = BytesIO()  # grows in place, and gives its bytes without a copy
    options = {"compression": "zstd", "write_page_checksum": True}
    rows = 0
    with _arrow().parquet.ParquetWriter(sink, schema, **options) as writer:
        for table in tables:
            writer.write_table(table)
            rows += len(table)
        writer.add_key_value_metadata({METADATA_KEY: header_text(header, rows)})
    add_checksum(sink, header, rows)
    return sink.getvalue()
