"""The parts of a row, as a column of its own table reads them: lazily, in key order."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any, overload

from media_assets.errors import InputFailedError
from media_assets.images.decode import decode_image, open_image
from media_assets.images.limits import limits_of_file
from media_assets.media_types import medium_of
from media_assets.reading import Reader
from media_assets.records.manifests import Record
from media_assets.temporary_folder import TemporaryFolder
from media_assets.values import ColumnType, decode_value


@dataclass(frozen=True, slots=True)
class PartCells:
    """The cells of the parts of one row, as they were recorded.

    Attributes:
        types: What each column of the parts holds.
        cells: The cells of each part by column, by the row of the part, sorted.
    """

    types: Mapping[str, ColumnType]
    cells: Mapping[str, Mapping[str, Record]] = field(
        default_factory=dict[str, Mapping[str, Record]]
    )

    @property
    def digest(self) -> str:
        """A digest of all that a function can read of the parts, as 64 hex digits."""
        digest = hashlib.sha256()
        for row, cells in self.cells.items():
            digest.update(f"{row}\n".encode())
            for name, record in sorted(cells.items()):
                digest.update(f"{name} {record.digest or record.error_class}\n".encode())
        return digest.hexdigest()


class Part:
    """One part of a row: its columns are attributes, which are read when they are asked for.

    A medium is an image, or a handle that is closed after the call.
    """

    def __init__(self, row: str, cells: Mapping[str, Record], parts: "Parts") -> None:
        self.row = row
        self._cells, self._parts = cells, parts

    @property
    def key(self) -> str:
        """What its row is named after its parent's, such as `000012000`."""
        return self.row.rpartition("/")[2]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  as the column holds
        """Returns the value or the medium of a column.

        Raises:
            AttributeError: The parts have no such column, or one that reads what is made here.
            InputFailedError: The cell has an error, or was never made.
        """
        if name.startswith("_") or name not in self._parts.types:
            known = ", ".join(self._parts.types)
            problem = f"part {self.row!r} has no column {name!r} to read here; it has {known}"
            raise AttributeError(problem)
        record = self._cells.get(name)
        if record is None:
            raise InputFailedError(name)
        if record.error_class is not None:
            raise InputFailedError.behind(name, record.error_message)
        return self._parts.read(name, record)

    def __repr__(self) -> str:
        """Its row and the names of its columns."""
        return f"Part({self.row!r}, {', '.join(self._parts.types)})"


class Parts(Sequence[Part]):
    """The parts of a row: the live rows of a derived table that are made from it, in key order.

    A row function of the parents' table takes them by a parameter that is named after the derived
    table and annotated with this class.

    Attributes:
        types: What each column of the parts holds.
    """

    def __init__(self, cells: PartCells, reader: Reader) -> None:
        """Reads nothing yet."""
        self.types = cells.types
        self._cells, self._reader = cells.cells, reader
        self._rows = list(cells.cells)
        self._open = ExitStack()

    @overload
    def __getitem__(self, index: int) -> Part: ...

    @overload
    def __getitem__(self, index: slice) -> list[Part]: ...

    def __getitem__(self, index: int | slice) -> Part | list[Part]:
        """Returns a part by its position, or several."""
        if isinstance(index, slice):
            return [self._part(row) for row in self._rows[index]]
        return self._part(self._rows[index])

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Part]:
        """Iterates over the parts."""
        return map(self._part, self._rows)

    def __repr__(self) -> str:
        """Their number and columns."""
        return f"Parts({len(self)}, {', '.join(self.types)})"

    def read(self, column: str, record: Record) -> Any:  # noqa: ANN401  as the column holds
        """Returns the value or the medium of a cell.

        Raises:
            CorruptFileError: The stored bytes are not those that were recorded.
        """
        kind = self.types[column]
        if record.fileurl is None or not kind.is_medium:
            return decode_value(record.stored, kind)
        medium = medium_of(kind)
        if medium.is_decoded:
            limits = limits_of_file((record.width, record.height), record.size_bytes, record.frames)
            data = self._reader.read_recorded(
                record.fileurl, record.digest, max_bytes=limits.max_bytes
            )
            return decode_image(open_image(data, limits))
        folder = self._open.enter_context(TemporaryFolder())
        copy = folder.path / f"file{medium.extension(record.format or '')}"
        handle = medium.open(self._reader.keep_recorded(record.fileurl, record.digest, copy).path)
        return self._open.enter_context(closing(handle))

    def close(self) -> None:
        """Closes the handles that were read."""
        self._open.close()

    def _part(self, row: str) -> Part:
        return Part(row, self._cells[row], self)
