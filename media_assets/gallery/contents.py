"""The contents of a gallery: a table's rows with files, values and errors, from the catalog."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from media_assets.catalog import Answer, Catalog
from media_assets.media_types import all_facts
from media_assets.records.database import quote_name
from media_assets.values import ColumnType

if TYPE_CHECKING:
    from media_assets.thumbnails import PicturedFile

_FILE = """
    row, "column", fileurl, digest, coalesce(size_bytes, 0), coalesce(width, 0),
    coalesce(height, 0), coalesce(format, ''), coalesce(frames, 1)
"""
_FILES = 'from media_assets.files where "table" = ?'
_ERRORS = """
    select row, "column", error_class, coalesce(error_message, '') from media_assets.errors
    where "table" = ?
"""
_NUMBERS_SHOWN = 6
_LONGEST_VALUE = 500
"""Characters. A column of full embeddings would make a page of a hundred rows too slow to load."""


@dataclass(frozen=True, slots=True)
class File:
    """A cell with a file: where it is, and the facts about it.

    Attributes:
        fileurl: Where it is.
        digest: SHA-256 of its bytes, in hex.
        size_bytes: Its size.
        width: Pixels; 0 if it has no pictures.
        height: Pixels.
        format: Its format.
        frames: How many pictures an image has.
        medium: What it is.
        facts: The other facts of its kind, by name, as far as they are known.
        link: Where it is below the gallery's own folder, if it is there.
        note: A line below its picture.
    """

    fileurl: str
    digest: str
    size_bytes: int
    width: int
    height: int
    format: str
    frames: int = 1
    medium: ColumnType = ColumnType.IMAGE
    facts: Mapping[str, object] = field(default_factory=dict[str, object])
    link: str | None = None
    note: str = ""

    @property
    def pictured(self) -> "PicturedFile":
        """The file for its thumbnail."""
        from media_assets.thumbnails import PicturedFile  # noqa: PLC0415  slow: Pillow

        return PicturedFile(
            self.fileurl,
            self.digest,
            self.medium,
            self.format,
            self.size_bytes,
            self.width,
            self.height,
            self.frames,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """An error cell: the exception's class and message."""

    error_class: str
    message: str


Cell = File | Failure | str | None
"""One row's cell in a column: a file, an error, a value as text, or nothing (yet)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells by column, and why some of them are stale."""

    name: str
    partition: str
    cells: Mapping[str, Cell]
    stale: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def has_error(self) -> bool:
        """Whether any of its cells has an error."""
        return any(isinstance(cell, Failure) for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Contents:
    """A table's current contents, or others to be shown like them.

    Attributes:
        table: The table's name.
        columns: Its materialized columns, in order.
        rows: Its rows, in order.
        title: What the page is called, if not after the table.
        notes: Lines below the title.
        are_triples: Whether every three columns belong together, side by side even on a phone.
    """

    table: str
    columns: Mapping[str, ColumnType]
    rows: Sequence[Row]
    title: str = ""
    notes: Sequence[str] = ()
    are_triples: bool = False

    @property
    def files(self) -> Iterable[File]:
        """Every file in every row."""
        return (cell for row in self.rows for cell in row.cells.values() if isinstance(cell, File))


def read_contents(catalog: Catalog, table: str) -> Contents:
    """Reads a table; a table without records has no columns and no rows."""
    if table not in catalog.tables():
        return Contents(table, {}, ())
    columns = {name: header.type for name, header in catalog.columns(table).items()}
    others = list(all_facts())
    of_values, of_files, of_errors = catalog.answers(
        [
            (_values_query(table, columns), ()),
            (f"select {_FILE}, {', '.join(map(quote_name, others))} {_FILES}", [table]),
            (_ERRORS, [table]),
        ]
    )
    cells = _values(of_values, columns)
    partitions = {row: partition for row, (partition, _) in cells.items()}
    found = {row: dict(values) for row, (_, values) in cells.items()}
    for row, column, *facts in _lines(of_files):
        if row in found:
            plain, more = facts[: -len(others)], facts[-len(others) :]
            known = {n: fact for n, fact in zip(others, more, strict=True) if fact is not None}
            found[row][column] = File(*plain, medium=columns[column], facts=known)
    for row, column, *failure in _lines(of_errors):
        if row in found:
            found[row][column] = Failure(*failure)
    rows = [Row(name, partitions[name], found[name]) for name in sorted(found)]
    return Contents(table, columns, rows)


def _values_query(table: str, columns: Mapping[str, ColumnType]) -> str:
    """Returns the query of the partition and the values of each row, as text."""
    values = (_text(quote_name(n), kind) for n, kind in columns.items() if not kind.is_medium)
    return f"select {', '.join(['row', 'partition', *values])} from {quote_name(table)}"  # noqa: S608  quoted


def _values(
    answer: Answer, columns: Mapping[str, ColumnType]
) -> dict[str, tuple[str, dict[str, Cell]]]:
    """Returns the partition and the values of each row."""
    names = [name for name, kind in columns.items() if not kind.is_medium]
    return {
        row: (
            partition,
            {
                name: _format(text, columns[name])
                for name, text in zip(names, values, strict=True)
                if isinstance(text, str)
            },
        )
        for row, partition, *values in _lines(answer)
    }


def _text(cell: str, kind: ColumnType) -> str:
    """Returns a value's text in SQL: bytes by their size, and of many numbers the first."""
    if kind is ColumnType.BYTES:
        return f"octet_length({cell}) || if(octet_length({cell}) = 1, ' byte', ' bytes')"
    if not kind.is_binary:
        return f"cast({cell} as varchar)"
    first = f"array_to_string(list_slice({cell}::double[], 1, {_NUMBERS_SHOWN}), ', ')"
    cut = f"'[' || {first} || ', … ' || len({cell}) || ' numbers]'"
    return f"case when len({cell}) > {_NUMBERS_SHOWN} then {cut} else cast({cell} as varchar) end"


def _format(text: str, kind: ColumnType) -> str:
    if kind is ColumnType.FLOAT:
        return f"{float(text):.6g}"
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _lines(answer: Answer) -> Iterable[tuple[Any, ...]]:
    return cast("Iterable[tuple[Any, ...]]", answer.rows)
