"""A dataset: the rows of some columns as they were when it was made, read one by one."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex, cast
from urllib.parse import unquote

from media_assets.amounts import amount
from media_assets.images.decode import decode_image, open_image
from media_assets.images.limits import ImageLimits
from media_assets.images.written import decode_written
from media_assets.local_reading import LocalFile
from media_assets.media_types import medium_of
from media_assets.opened_files import open_recorded
from media_assets.reading import Reader
from media_assets.records.parquet import (
    ArrowTable,
    ColumnKind,
    RowGroups,
    Schema,
    values_of,
    write_parquet_parts,
)
from media_assets.values import ColumnType, Stored, decode_value

if TYPE_CHECKING:
    from PIL import Image

OF_FILE: Schema = {
    "fileurl": ColumnKind.TEXT,
    "digest": ColumnKind.TEXT,
    "size_bytes": ColumnKind.INT64,
    "format": ColumnKind.TEXT,
}
OF_VALUE: Schema = {"value": ColumnKind.TEXT, "value_bytes": ColumnKind.BYTES}
_LOCAL = "file:///"
_LEAST_MAX_BYTES = ImageLimits().max_bytes
_ADMITTED = ImageLimits(sys.maxsize, sys.maxsize, sys.maxsize)
"""A file with the recorded digest was within the limits when it was recorded."""


@dataclass(frozen=True, slots=True)
class DatasetColumn:
    """A column of a dataset.

    Attributes:
        type: What its cells are.
        is_computed: Whether its files were written by this package, not uploaded.
    """

    type: ColumnType
    is_computed: bool

    @property
    def schema(self) -> Schema:
        """What is kept of each cell."""
        return OF_FILE if self.type.is_medium else OF_VALUE


class RecordedFile(NamedTuple):
    """A file as it was recorded; an older version of the package recorded only the first two."""

    fileurl: str
    digest: str
    size_bytes: int | None
    format: str | None


def schema_of(columns: Mapping[str, DatasetColumn]) -> Schema:
    """Returns the columns of the table that holds a dataset's cells."""
    cells = {
        f"{name}.{part}": kind for name, of in columns.items() for part, kind in of.schema.items()
    }
    return {"row": ColumnKind.TEXT, **cells}


class MediaDataset:
    """The rows of some columns as they were when it was made; files are read one by one.

    `dataset[0]` is a dict of the first row's cells by column: a Pillow image, upright, a `Video`,
    `Audio` or `Document`, or a value. A remote video, ... is copied to this machine; the copy is
    deleted with that object. Rows are sorted by name. It never changes: for later rows, make
    another one.

    It pickles without its files, so the workers of a PyTorch `DataLoader` and of `multiprocessing`
    can share it. Remote files are read through the cache.

    Attributes:
        table: The table's name.
        columns: The type of each column.
        left_out: How many rows were left out, by reason.
    """

    def __init__(
        self,
        table: str,
        columns: Mapping[str, DatasetColumn],
        cells: ArrowTable,
        reader: Reader,
        *,
        left_out: Mapping[str, int],
    ) -> None:
        self.table, self.left_out = table, left_out
        self._columns, self._reader = columns, reader
        self._keep(cells)

    @property
    def columns(self) -> Mapping[str, str]:
        """The type of each column, such as `image` or `float`."""
        return {name: column.type.value for name, column in self._columns.items()}

    @property
    def rows(self) -> Sequence[str]:
        """The names of all rows, in order."""
        return values_of(self._cells, "row")

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._cells)

    def __getitem__(self, position: SupportsIndex) -> dict[str, object]:
        """Returns the cells of a row by column; negative positions count from the end.

        Raises:
            IndexError: There is no such row.
            StoredFileMissingError: A file is gone.
            StoredFileRefusedError: A file cannot be read.
            CorruptFileError: A file has changed.
            SourceError: The web address of an upload does not give a file.
            StoreFaultError: A storage fails.
        """
        place = index(position)
        if not -len(self) <= place < len(self):
            problem = f"position {place} of a dataset of {amount(len(self), 'row')}"
            raise IndexError(problem)
        return {name: self._cell(name, place % len(self)) for name in self._columns}

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Yields the cells of each row; only one row is in memory at a time."""
        return (self[place] for place in range(len(self)))

    def row(self, place: int) -> str:
        """Returns the name of a row."""
        return self._value_at("row", place)

    def file(self, name: str, place: int) -> RecordedFile | None:
        """Returns the file of a cell, or None for null."""
        known = [self._value_at(f"{name}.{part}", place) for part in OF_FILE]
        return None if known[0] is None else RecordedFile(*known)

    def read(self, file: RecordedFile) -> bytes:
        """Returns the bytes of a file, through the cache; raises what reading a row raises."""
        data = _read_at_once(file)
        if data is not None:
            return data
        max_bytes = max(file.size_bytes or 0, _LEAST_MAX_BYTES)
        return self._reader.read_recorded(file.fileurl, file.digest, max_bytes=max_bytes)

    def local(self, file: RecordedFile, copy: Path) -> LocalFile:
        """Returns a local file with the bytes of a file of any size.

        Args:
            file: The file.
            copy: Where a copy of a remote file would be, in an existing folder.

        Raises:
            MediaAssetsError: As for reading a row.
        """
        return self._reader.keep_recorded(file.fileurl, file.digest, copy)

    def value(self, name: str, place: int) -> object:
        """Returns the value of a cell."""
        stored: Stored = self._value_at(f"{name}.value_bytes", place)
        if stored is None:
            stored = self._value_at(f"{name}.value", place)
        return decode_value(stored, self._columns[name].type)

    def to_hugging_face(self) -> Any:  # noqa: ANN401  the package is optional
        """Returns the same rows as a `datasets.Dataset`, with their names as `row`.

        Images are of the feature `Image`, videos of `Video`, audio of `Audio`, documents of `Pdf`,
        values of the matching Arrow types; a `dict`, or a `list` of anything, is JSON. The files'
        bytes are copied to the cache of `datasets`.

        Raises:
            PackageMissingError: The package `datasets` is not installed.
            datasets.exceptions.DatasetGenerationError: A file cannot be read; the cause says why.
        """
        from media_assets.exports.hugging_face import to_hugging_face  # noqa: PLC0415  optional

        return to_hugging_face(self)

    def _cell(self, name: str, place: int) -> object:
        column = self._columns[name]
        if not column.type.is_medium:
            return self.value(name, place)
        file = self.file(name, place)
        if file is None:
            return None
        if column.type is ColumnType.IMAGE:
            return self._image(file, is_computed=column.is_computed)
        medium = medium_of(column.type)
        return open_recorded(self._reader, medium, file.fileurl, file.digest, file.format)

    def _image(self, file: RecordedFile, *, is_computed: bool) -> "Image.Image":
        data = self.read(file)
        if is_computed:
            return decode_written(data, file.format, _ADMITTED)
        return decode_image(open_image(data, _ADMITTED, keeps_truncated=True))

    def _keep(self, cells: ArrowTable) -> None:
        self._cells = cells.combine_chunks()
        self._parts = {name: self._cells.column(name) for name in schema_of(self._columns)}

    def _value_at(self, part: str, place: int) -> Any:  # noqa: ANN401  pyarrow has no types
        return self._parts[part][place].as_py()

    def __getstate__(self) -> dict[str, object]:
        """Returns its cells compressed, as the catalog keeps them."""
        state = {name: value for name, value in vars(self).items() if name != "_parts"}
        data = write_parquet_parts({}, schema_of(self._columns), [self._cells])
        return {**state, "_cells": data}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        data = cast("bytes", state["_cells"])
        self._keep(RowGroups(data, key="a dataset").read_all())

    def __repr__(self) -> str:
        """The table, the number of rows, the columns, and what was left out."""
        lines = [f"MediaDataset of {self.table}: {amount(len(self), 'row')}"]
        lines += [f"  {name}: {kind}" for name, kind in self.columns.items()]
        if self.left_out:
            lines.append(f"  left out: {describe_left_out(self.left_out)}")
        return "\n".join(lines)


def _read_at_once(file: RecordedFile) -> bytes | None:
    """Returns the bytes of a file on this machine; None unless they are the recorded ones.

    `Reader` would return the same, and say what is wrong with a file. But it takes as long as half
    of a thumbnail's pixels.
    """
    if file.size_bytes is None or not file.fileurl.startswith(_LOCAL):
        return None
    path = unquote(file.fileurl.removeprefix(_LOCAL))
    try:
        # Without blocking, in case it has become a pipe that has no writer.
        descriptor = os.open(f"/{path}", os.O_RDONLY | os.O_NONBLOCK)
        try:
            data = os.read(descriptor, file.size_bytes)
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return None
    return data if sha256(data).hexdigest() == file.digest else None


def describe_left_out(left_out: Mapping[str, int]) -> str:
    """Returns how many rows were left out and why: "2 rows with an error, 1 row with a null"."""
    return ", ".join(f"{amount(count, 'row')} {reason}" for reason, count in left_out.items())
