"""A column as loaded by a downstream asset or a notebook; files are opened one by one."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assets.addresses import split_address
from media_assets.errors import UnknownNameError
from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets.images.limits import limits_of_file
from media_assets.media_types import medium_of
from media_assets.opened_files import open_recorded
from media_assets.reading import Reader
from media_assets.records.manifests import Manifest, Record
from media_assets.spellings import find_spelling
from media_assets.values import ColumnType, decode_value

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = (
    "fileurl",
    "value",
    "digest",
    "size_bytes",
    "width",
    "height",
    "frames",
    "format",
    "error_class",
    "error_message",
)


class MediaColumn:
    """The rows of one column, in one or more partitions; files are fetched only when requested.

    Rows of later partitions replace rows of the same name in earlier ones.

    Attributes:
        type: What its cells hold, such as `image` or `float`.
    """

    def __init__(self, manifests: list[Manifest], reader: Reader) -> None:
        self._reader = reader
        self._manifests = manifests
        self.type = manifests[-1].header.type if manifests else ColumnType.IMAGE

    def __repr__(self) -> str:
        """Names the column, as in `<column photos/thumbnail>`."""
        if not self._manifests:
            return "<column without rows>"
        header = self._manifests[-1].header
        return f"<column {header.table}/{header.column}>"

    @cached_property
    def _records(self) -> dict[str, Record]:
        return {row: record for m in self._manifests for row, record in m.records.items()}

    @property
    def rows(self) -> list[str]:
        """The names of all rows, sorted, including error rows."""
        return sorted(self._records)

    @property
    def fileurl(self) -> Mapping[str, str]:
        """The fileurl of each row that has a file."""
        return {row: r.fileurl for row in self.rows if (r := self._records[row]).fileurl}

    @property
    def published(self) -> Mapping[str, str]:
        """The fileurl of each row's published copy, which stays the same if its file changes."""
        return {row: r.published for row in self.rows if (r := self._records[row]).published}

    @property
    def value(self) -> Mapping[str, object]:
        """The value of each row of a value column; error rows are left out."""
        return {
            row: self._value(record)
            for row in self.rows
            if (record := self._records[row]).error_class is None and record.fileurl is None
        }

    def _value(self, record: Record) -> object:
        """Returns a cell's value; null, as in SQL, where it was kept for another type."""
        try:
            return decode_value(record.stored, self.type)
        except (TypeError, ValueError):
            return None

    @property
    def localpath(self) -> Mapping[str, Path]:
        """The path of each row's file that is on this machine or has a copy in the cache.

        A copy may be deleted at any time before it is opened; once open, it stays readable.
        """
        return LocalPaths(self._reader, {r: self._records[r] for r in self.fileurl})

    @property
    def errortype(self) -> Mapping[str, str]:
        """The class of each error row's exception."""
        return {
            row: error_class
            for row in self.rows
            if (error_class := self._records[row].error_class) is not None
        }

    @property
    def errormsg(self) -> Mapping[str, str]:
        """The message of each error row."""
        return {
            row: record.error_message or ""
            for row in self.rows
            if (record := self._records[row]).error_class is not None
        }

    def open(self, row: str) -> Any:  # noqa: ANN401  as the column holds
        """Opens one file: an image decoded and upright, any other as a `Video`, `Document`, ...

        The row's name may be in either Unicode form. A remote video is copied to this machine; the
        copy is deleted when what was opened, and what was made from it, is no longer used.

        Raises:
            UnknownNameError: There is no such row, or it has no file.
            CorruptFileError: The stored bytes are not those that were recorded.
        """
        medium = medium_of(self.type)
        if medium.is_decoded:
            data = self.read(row)
            limits = _limits(self._record_of(row))
            return decode_image(open_image(data, limits, keeps_truncated=True))
        record = self._record_of(row)
        fileurl = record.fileurl or ""
        return open_recorded(self._reader, medium, fileurl, record.digest, record.format)

    def read(self, row: str) -> bytes:
        """Fetches one file's bytes; raises like `open`."""
        record = self._record_of(row)
        return self._reader.read_recorded(
            record.fileurl or "", record.digest, max_bytes=_limits(record).max_bytes
        )

    def _record_of(self, row: str) -> Record:
        record = self._records.get(find_spelling(row, self._records) or row)
        if record is None or record.fileurl is None:
            raise UnknownNameError(kind="row", name=row, known=self.fileurl, where="with a file")
        return record

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yields each row that has a file, with what `open` returns; one file at a time."""
        for row in self.fileurl:
            yield row, self.open(row)

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one line per row: its partition, the cell, and the file's facts or the error.

        The cell, under the column's name, is a value, or the fileurl of a file.
        """
        import pandas as pd  # noqa: PLC0415  slow to import

        name = self._manifests[-1].header.column if self._manifests else "value"
        partitions = {row: m.header.partition for m in self._manifests for row in m.records}
        is_file = self.type.is_medium
        lines: list[dict[str, object]] = []
        for row in self.rows:
            record = self._records[row]
            value = self._value(record)
            lines.append(
                {
                    **{shown: getattr(record, shown) for shown in _SHOWN},
                    "value": value,
                    "row": row,
                    "partition": partitions[row],
                    name: record.fileurl if is_file else value,
                }
            )
        columns = dict.fromkeys(["row", "partition", name, *_SHOWN])
        return pd.DataFrame(lines, columns=pd.Index(list(columns)))

    def __len__(self) -> int:
        """How many rows there are, including error rows."""
        return len(self._records)

    def __iter__(self) -> Iterator[str]:
        """Iterates over the rows' names."""
        return iter(self.rows)


def _limits(record: Record) -> ImageLimits:
    return limits_of_file((record.width, record.height), record.size_bytes, record.frames)


class LocalPaths(Mapping[str, Path]):
    """Paths of files by row; copies in the cache are verified when their path is requested."""

    def __init__(self, reader: Reader, records: Mapping[str, Record]) -> None:
        self._reader, self._records = reader, records

    def __getitem__(self, row: str) -> Path:
        """Returns the path of a row's file; raises `KeyError` if it is not on this machine."""
        record = self._records[row]
        path = self._reader.kept(record.fileurl or "", record.digest)
        if path is None:
            raise KeyError(row)
        return path

    def __iter__(self) -> Iterator[str]:
        """Iterates over the rows whose files are on this machine."""
        return (row for row, record in self._records.items() if self._is_here(record))

    def __len__(self) -> int:
        """How many of the files are on this machine."""
        return sum(map(self._is_here, self._records.values()))

    def __repr__(self) -> str:
        """The paths, as a dict shows them."""
        return repr({row: path for row in self if (path := self.get(row)) is not None})

    def _is_here(self, record: Record) -> bool:
        if self._reader.path(split_address(record.fileurl or "")[0]) is not None:
            return True
        copies = self._reader.cache
        return copies is not None and record.digest is not None and copies.has(record.digest)
