"""Data with a line per row: CSV, Parquet and JSON files, tables in memory, and records."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from media_assets.errors import RowDataError
from media_assets.records.database import connect, quote_text
from media_assets.uploads.frames import (
    ROWS_AT_ONCE,
    Line,
    fetch_lines,
    frame_reader,
    records_reader,
)

_READERS = {
    ".csv": "read_csv({}, all_varchar = true, header = true, allow_quoted_nulls = false)",
    ".tsv": "read_csv({}, all_varchar = true, header = true, allow_quoted_nulls = false, "
    r"delim = '\t')",
    ".parquet": "read_parquet({})",
    ".jsonl": "read_json_objects({})",
    ".ndjson": "read_json_objects({})",
    ".json": "read_json_objects({})",
}
DATA_ENDINGS = tuple(_READERS)
"""The endings of the names of files that are read as data."""

_OF_TEXT, _OF_JSON = (".csv", ".tsv"), (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class RowData:
    """Rows that can be read more than once, some at a time.

    Attributes:
        name: What it is, for messages.
        folder: What paths in it are relative to.
        is_text: Whether every value is text, as in a CSV file.
        read: Begins to read, and yields a mapping of column to value for each row.
    """

    name: str
    folder: Path
    is_text: bool
    read: Callable[[], Iterator[Line]]

    @classmethod
    def of(cls, data: object, *, folder: Path | None = None) -> "RowData":
        """Opens data.

        Args:
            data: A path of a CSV, TSV, Parquet or JSON file, a DataFrame, an Arrow table, or
                records: a mapping, a sequence of them, or a function that begins to yield them.
            folder: What paths in it are relative to; by default the folder of the file, else the
                working directory.

        Raises:
            RowDataError: It is none of these, or there is no such file.
        """
        if isinstance(data, str | os.PathLike):
            path = Path(cast("str", data)).expanduser()
            return _of_file(path, folder)
        where = folder or Path.cwd()
        if read := frame_reader(data):
            return cls(f"the {type(data).__name__}", where, is_text=False, read=read)
        if callable(data):
            return cls("the records", where, is_text=False, read=cast("Any", data))
        if isinstance(data, Mapping | Sequence):
            read = records_reader(cast("Mapping[str, object] | Sequence[object]", data))
            return cls("the records", where, is_text=False, read=read)
        raise RowDataError(
            where=f"a value of type {type(data).__name__}",
            problem="it is not a table",
            accepted="A path, a DataFrame, an Arrow table, or a list of dicts.",
            fix="Make one of these of it; nothing was recorded.",
        )

    def chunks(self) -> Iterator[list[Line]]:
        """Yields the rows, some thousand at a time.

        Raises:
            RowDataError: They cannot be read.
        """
        lines = self.read()
        while chunk := list(islice(lines, ROWS_AT_ONCE)):
            yield chunk


def _of_file(path: Path, folder: Path | None) -> RowData:
    kind = path.suffix.lower()
    problem = None
    if kind not in _READERS:
        problem = f"its name ends in {kind!r}" if kind else "its name has no ending"
    elif not path.is_file():
        problem = "there is no such file"
    if problem:
        raise RowDataError(
            where=f"file {str(path)!r}",
            problem=problem,
            accepted=f"Files whose names end in {', '.join(_READERS)}.",
            fix="Correct the path; nothing was recorded.",
        )
    query = f"from {_READERS[kind].format(quote_text(str(path)))}"
    read = _query_reader(path.name, query, is_json=kind in _OF_JSON)
    return RowData(repr(path.name), folder or path.absolute().parent, kind in _OF_TEXT, read)


def _query_reader(name: str, query: str, *, is_json: bool) -> Callable[[], Iterator[Line]]:
    def read() -> Iterator[Line]:
        import duckdb  # noqa: PLC0415  slow to import

        try:
            with connect(threads=1) as connection:
                lines = fetch_lines(connection.execute(query))
                yield from (_objects(name, lines) if is_json else lines)
        except duckdb.Error as error:
            raise RowDataError(
                where=f"file {name!r}",
                problem=f"DuckDB says: {str(error).strip()}",
                accepted="CSV with a line of names first, Parquet, or a JSON object per line.",
                fix="Mend the file; nothing was recorded.",
            ) from error

    return read


def _objects(name: str, lines: Iterable[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        found = json.loads(cast("str", line["json"]))
        if not isinstance(found, dict):
            raise RowDataError(
                where=f"file {name!r}",
                problem=f"object {number} is {found!r}",
                accepted="A JSON object per row, with the columns' names as keys.",
                fix="Mend the file; nothing was recorded.",
            )
        yield cast("Line", found)
