"""Rows of tables in memory, of every library's own kind."""

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from media_assets.errors import RowDataError
from media_assets.uploads.row_data import RowData

LINES = [{"row": "a", "stars": 1}, {"row": "b", "stars": None}]
TABLE = pa.Table.from_pylist(LINES)


class Stream:
    """A table of a library that we do not know, such as Polars."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return TABLE.__arrow_c_stream__(requested_schema)


def read(data: object) -> list[Any]:
    return [line for chunk in RowData.of(data).chunks() for line in chunk]


@pytest.mark.parametrize(
    "data",
    [
        LINES,
        tuple(LINES),
        pd.DataFrame(LINES),
        pd.DataFrame(LINES).astype({"stars": "Int64"}),
        pd.DataFrame(LINES).set_index("row"),
        TABLE,
        TABLE.to_batches()[0],
        TABLE.to_reader(),
        Stream(),
        duckdb.from_arrow(TABLE),
    ],
    ids=lambda data: type(data).__name__,
)
def test_a_table_of_any_kind_gives_its_rows_and_gives_them_again(data: object) -> None:
    opened = RowData.of(data)

    assert [list(opened.chunks()), list(opened.chunks())] == [[LINES], [LINES]]


def test_a_dict_is_one_row() -> None:
    assert read(LINES[0]) == LINES[:1]


def test_a_column_of_a_dataframe_keeps_the_type_of_each_value() -> None:
    box = np.array([1.0, 2.0])
    frame = pd.DataFrame({"label": ["cat", 5, None, np.nan], "box": [box, [3.0], None, pd.NaT]})

    labels = [line["label"] for line in read(frame)]
    boxes = [line["box"] for line in read(frame)]

    assert labels == ["cat", 5, None, None], "DuckDB would make '5' of 5"
    assert boxes == [box, [3.0], None, None]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: pd.DataFrame([["a", "b"]], columns=pd.Index(["row", "row"])),
            "two columns .* 'row'",
        ),
        (lambda: pd.DataFrame({"row": ["a"]}, index=pd.Index(["b"], name="row")), "two columns"),
        (lambda: pa.table([pa.array([1])] * 2, names=["row", "row"]), "two columns .* 'row'"),
        (lambda: pa.table({"x": pa.array([1.5], pa.float16())}), "DuckDB says"),
        (lambda: pd.Series(["a"]), "of type Series .* it is not a table"),
        (lambda: pa.chunked_array([["a"]]), "of type ChunkedArray .* it is not a table"),
        (lambda: 5, "of type int .* it is not a table"),
        (lambda: [*LINES, "a.jpg"], "number 3 is 'a.jpg'"),
    ],
)
def test_objects_that_hold_no_rows_are_refused_with_the_reason(
    make: Callable[[], object], text: str
) -> None:
    with pytest.raises(RowDataError, match=text):
        read(make())
