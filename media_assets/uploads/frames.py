"""Rows of tables in memory: pandas DataFrames, Arrow tables, and what Arrow can read."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast

from media_assets.errors import RowDataError
from media_assets.records.database import connect

Line = Mapping[str, object]
ROWS_AT_ONCE = 10_000
"""Rows that are held in memory, and recorded by one entry of the upload log."""


def frame_reader(data: object) -> Callable[[], Iterator[Line]] | None:
    """Returns what begins to read the rows of a DataFrame or an Arrow table; None for all else.

    A named index of a pandas DataFrame counts as a column. What can be read only once, such as an
    Arrow `RecordBatchReader`, is read into memory here.

    Raises:
        RowDataError: Two columns have one name.
    """
    name = f"the {type(data).__name__}"
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        frame: Any = data
        named = [level for level in frame.index.names if level is not None]
        _refuse_twice(name, [*named, *frame.columns])
        return partial(_read_frame, frame.reset_index(named) if named else frame)
    if not hasattr(data, "__arrow_c_stream__"):
        return None
    import pyarrow as pa  # noqa: PLC0415  slow to import

    try:
        table: Any = cast("Any", pa.table(data))
    except (TypeError, pa.ArrowInvalid):  # a stream of something else, such as one column
        return None
    _refuse_twice(name, table.column_names)
    return partial(_read_arrow, table, name)


def _refuse_twice(where: str, names: Sequence[object]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise RowDataError(
            where=where,
            problem=f"two columns have the name {twice[0]!r}",
            accepted="Each column's name once; a named index counts as a column.",
            fix="Rename or drop one of them; nothing was recorded.",
        )


def _read_frame(frame: Any) -> Iterator[Line]:  # noqa: ANN401  a pandas DataFrame
    """Yields the rows with each value as it is; DuckDB would make text of mixed columns."""
    for start in range(0, len(frame), ROWS_AT_ONCE):
        part = frame.iloc[start : start + ROWS_AT_ONCE]
        present = part.notna().to_numpy()
        for line, has in zip(part.to_dict("records"), present, strict=True):
            values = (
                v if is_there else None for v, is_there in zip(line.values(), has, strict=True)
            )
            yield dict(zip(line, values, strict=True))


def _read_arrow(table: object, name: str) -> Iterator[Line]:
    import duckdb  # noqa: PLC0415  slow to import

    try:
        with connect(threads=1) as connection:
            connection.register("given rows", table)
            yield from fetch_lines(connection.execute('from "given rows"'))
    except duckdb.Error as error:
        raise RowDataError(
            where=name,
            problem=f"DuckDB says: {str(error).strip()}",
            accepted="Columns of types that DuckDB has.",
            fix="Cast or drop such columns; nothing was recorded.",
        ) from error


def fetch_lines(result: Any) -> Iterator[Line]:  # noqa: ANN401  DuckDB's connection
    """Yields the rows of a query by the columns' names."""
    names = [column[0] for column in result.description]
    while found := result.fetchmany(ROWS_AT_ONCE):
        yield from (dict(zip(names, values, strict=True)) for values in found)


def records_reader(records: Line | Sequence[object]) -> Callable[[], Iterator[Line]]:
    """Returns what begins to read a dict or a list of dicts.

    The reader raises RowDataError for what is no dict.
    """
    several = [records] if isinstance(records, Mapping) else records

    def read() -> Iterator[Line]:
        for number, record in enumerate(several, 1):
            if not isinstance(record, Mapping):
                raise RowDataError(
                    where="the records",
                    problem=f"number {number} is {record!r}",
                    accepted="A dict for each row, with the columns' names as keys.",
                    fix="Make them dicts, or name files alone; nothing was recorded.",
                )
            yield cast("Line", record)

    return read
