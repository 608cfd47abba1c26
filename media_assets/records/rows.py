"""Any number of rows, compressed in memory as on disk, and read a thousand at a time."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from media_assets.records.parquet import (
    ROWS_AT_ONCE,
    ArrowReader,
    ArrowTable,
    ColumnKind,
    RowGroups,
    Schema,
    join_tables,
    naming_damage,
    rows_at,
    tables_of,
    values_of,
    write_parquet_parts,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")


class Rows(Mapping[str, Row], Generic[Row]):
    """The rows of a file by name, in the order of their names.

    Look-ups in that order read each group once; one out of order reads its group again.

    Attributes:
        file: The file, whose rows are sorted by name.
    """

    def __init__(self, file: RowGroups, kind: type[Row]) -> None:
        """Reads the names, and all of an older file without a checksum, to detect damage now.

        Args:
            file: The file.
            kind: The type of a row: a dataclass with columns of the file as fields, the name first.

        Raises:
            ManifestFormatError: The file is damaged, or its rows are not sorted.
        """
        self.file = file
        self._kind: Callable[..., Row] = kind
        self._fields = [field.name for field in fields(kind)]
        self._firsts: list[str] = []
        self._length = 0
        last = ""
        for group in range(len(file)):
            if not file.is_whole:
                file.read(group)
            (names,) = file.values(group, "row")
            with naming_damage(file.key):
                _check_sorted(names, after=last if group else None)
            self._firsts.append(names[0] if names else "")
            self._length += len(names)
            last = names[-1] if names else last
        self._read: tuple[int, dict[str, Row]] = -1, {}

    def __getitem__(self, row: str) -> Row:
        group = bisect_right(self._firsts, row) - 1
        if group < 0:
            raise KeyError(row)
        if group != self._read[0]:
            found = zip(*self.file.values(group, *self._fields), strict=True)
            self._read = group, {values[0]: self._kind(*values) for values in found}
        return self._read[1][row]

    def __iter__(self) -> Iterator[str]:
        """Yields the names of all rows, sorted."""
        for (row,) in self.select("row"):
            yield row

    def __len__(self) -> int:
        return self._length

    def keys(self) -> KeysView[str]:
        """Returns all names as a set-like view."""
        return dict.fromkeys(self).keys()

    def select(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yields some columns of all rows, sorted by name, without reading the others."""
        for group in range(len(self.file)):
            yield from zip(*self.file.values(group, *columns), strict=True)


def _check_sorted(names: Sequence[str], *, after: str | None) -> None:
    """Raises an error for names that are unsorted, repeated or missing."""
    if None in names or any(a >= b for a, b in pairwise(names)):
        raise ValueError(names)
    if names and after is not None and after >= names[0]:
        raise ValueError(names[0])


def file_of(found: ArrowReader, schema: Schema) -> RowGroups:
    """Returns the result of a query, sorted by row, as a file in memory, a row group per batch."""
    shown = {name: schema[name] for name in found.schema.names}
    codes = [name for name, kind in shown.items() if kind is ColumnKind.CODE]
    as_found = {**shown, **dict.fromkeys(codes, ColumnKind.TEXT)}
    data = write_parquet_parts({}, as_found, tables_of(found))
    return RowGroups(data, key="memory", codes=codes)


def rows_of_all(
    parts: Sequence[RowGroups], schema: Schema, *, without: Iterable[str]
) -> Iterator[ArrowTable]:
    """Yields the rows of several files by name, a thousand at a time.

    Args:
        parts: The files; if several have a row, the last one counts.
        schema: Their columns.
        without: Names of rows to leave out.
    """
    groups = [(part, group) for part in parts for group in range(len(part))]
    number_of = {
        row: number
        for number, (part, group) in enumerate(groups)
        for row in part.values(group, "row")[0]
    }
    left_out = frozenset(without)
    names = sorted(row for row in number_of if row not in left_out)
    for start in range(0, len(names), ROWS_AT_ONCE):
        wanted = names[start : start + ROWS_AT_ONCE]
        tables: list[ArrowTable] = []
        place_of: dict[str, int] = {}
        first = 0
        for number in sorted({number_of[row] for row in wanted}):
            part, group = groups[number]
            tables.append(part.read(group))
            rows = enumerate(values_of(tables[-1], "row"), first)
            place_of |= {row: place for place, row in rows if number_of[row] == number}
            first += len(tables[-1])
        yield rows_at(join_tables(schema, tables), [place_of[row] for row in wanted])
