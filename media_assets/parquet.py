"""The catalog's files: Parquet with a header, version and checksums verified on reading.

This is the one place that meets pyarrow, which has no types of its own.
"""

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from media_assets.errors import ManifestFormatError

FORMAT_VERSION = 1

_METADATA_KEY = b"media_assets"
_arrow = cast("Any", pa)
_compute = cast("Any", pc)
_parquet = cast("Any", pq)

ArrowTable = Any
"""A `pyarrow.Table`."""

ArrowSchema = Any
"""A `pyarrow.Schema`."""

TEXT = _arrow.string()
CODE = _arrow.dictionary(_arrow.int32(), _arrow.string())
"""A text that few rows differ in."""
INT32, INT64 = _arrow.int32(), _arrow.int64()
TIME = _arrow.timestamp("us", tz="UTC")


def schema_of(columns: Mapping[str, object]) -> ArrowSchema:
    """Returns a schema from the types above, by name."""
    return _arrow.schema(list(columns.items()))


def table_of(schema: ArrowSchema, columns: Mapping[str, Iterable[object]]) -> ArrowTable:
    """Returns a table of Python values; columns that are not given are not in it."""
    return _arrow.table(
        [_arrow.array(list(values), schema.field(name).type) for name, values in columns.items()],
        schema=_arrow.schema([schema.field(name) for name in columns]),
    )


def joined(schema: ArrowSchema, tables: Sequence[ArrowTable]) -> ArrowTable:
    """Returns the rows of all tables, none of which may be there."""
    return _arrow.concat_tables([schema.empty_table(), *(table.cast(schema) for table in tables)])


def rows_named(table: ArrowTable, rows: Iterable[str]) -> ArrowTable:
    """Returns the rows of a table whose `row` is one of these."""
    wanted = _arrow.array(list(rows), TEXT)
    return table.filter(_compute.is_in(table.column("row"), wanted))


def distinct_texts(table: ArrowTable, column: str) -> list[str]:
    """Returns the distinct values of a column."""
    return _compute.unique(table.column(column)).to_pylist()


def write_parquet(header: Mapping[str, object], table: ArrowTable) -> bytes:
    """Returns a table as a file whose metadata holds the header and the format version."""
    metadata = {_METADATA_KEY: json.dumps({"format_version": FORMAT_VERSION, **header})}
    sink = _arrow.BufferOutputStream()
    _parquet.write_table(
        table.replace_schema_metadata(metadata), sink, compression="zstd", write_page_checksum=True
    )
    return sink.getvalue().to_pybytes()


def read_parquet(data: bytes, *, key: str) -> tuple[dict[str, object], ArrowTable]:
    """Returns the header and the content of a file made by `write_parquet`.

    Raises:
        ManifestFormatError: The file is damaged, or of a format version that is not supported;
            `key` is named in the text.
    """
    with naming_damage(key):
        file = _parquet.ParquetFile(_arrow.BufferReader(data), page_checksum_verification=True)
        header = _header(file)
    _check_format_version(header.get("format_version"), key=key)
    with naming_damage(key):
        return header, file.read()


def read_parquet_header(data: bytes, *, key: str) -> dict[str, object]:
    """Returns the header alone.

    Raises:
        ManifestFormatError: As `read_parquet` says.
    """
    with naming_damage(key):
        header = _header(_parquet.ParquetFile(_arrow.BufferReader(data)))
    _check_format_version(header.get("format_version"), key=key)
    return header


@contextmanager
def naming_damage(key: str) -> Generator[None]:
    """Raises `ManifestFormatError` with the file's name, whatever its damage makes others say."""
    try:
        yield
    except (_arrow.ArrowException, OSError, LookupError, ValueError, TypeError) as error:
        raise ManifestFormatError(found="unreadable", supported=FORMAT_VERSION, key=key) from error


def _header(file: Any) -> dict[str, object]:  # noqa: ANN401  a `pyarrow.parquet.ParquetFile`
    metadata: Mapping[bytes, bytes] = file.schema_arrow.metadata or {}
    return dict(json.loads(metadata[_METADATA_KEY]))


def _check_format_version(found: object, *, key: str) -> None:
    """Refuses a file that a newer version wrote, before anything is made of its content."""
    if not isinstance(found, int) or not 1 <= found <= FORMAT_VERSION:
        raise ManifestFormatError(found=found, supported=FORMAT_VERSION, key=key)
