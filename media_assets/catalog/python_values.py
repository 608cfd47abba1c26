"""The answers of DuckDB as the Python values that row functions returned."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import duckdb

if TYPE_CHECKING:
    import pandas as pd

Converter = Callable[[Any], object]
"""Takes a value that is not null."""
_TIME = "timestamp with time zone"


def rows_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """Returns the rows of the last query: JSON as dicts and lists, arrays as lists."""
    converters = [_converter(column[1]) for column in connection.description or ()]
    rows = cast("list[tuple[object, ...]]", connection.fetchall())
    if not any(converters):
        return rows
    return [
        tuple(_convert(value, made) for value, made in zip(row, converters, strict=True))
        for row in rows
    ]


def frame_of(connection: duckdb.DuckDBPyConnection) -> "pd.DataFrame":
    """Returns the rows of the last query as a DataFrame, whose cells are what `rows_of` has.

    Arrays are NumPy's, and numbers, texts and times are as pandas has them. Times are in the zone
    of the session, or in UTC if some are so old that pandas crashes at them in any other zone.
    """
    import pandas as pd  # noqa: PLC0415  slow to import

    kinds = [column[1] for column in connection.description or ()]
    frame = connection.df(date_as_object=True)
    for place, kind in enumerate(kinds):
        if kind.id == _TIME:
            frame.isetitem(place, _times_of(frame.iloc[:, place]))
            continue
        converter = _converter(kind)
        if converter is None and kind.id not in ("date", "blob"):
            continue
        if kind.id == "array":
            converter = None  # as NumPy's
        cells = cast("Iterable[object]", frame.iloc[:, place])
        made = [_convert(None if pd.isna(cell) is True else cell, converter) for cell in cells]  # pyright: ignore[reportArgumentType]
        series = pd.Series(made, index=frame.index, dtype=object)
        if kind.id == "blob":
            series = series.map(bytes, na_action="ignore")
        frame.isetitem(place, series)
    return frame


def _times_of(times: Any) -> Any:  # noqa: ANN401  a Series
    """Returns times as they are, or in UTC if one is too old for pandas in other zones."""
    import pandas as pd  # noqa: PLC0415  slow to import

    in_utc = times.dt.tz_convert("UTC")
    return in_utc if in_utc.min() < pd.Timestamp.min.tz_localize("UTC") else times


def _convert(value: object, converter: Converter | None) -> object:
    return value if value is None or converter is None else converter(value)


def _converter(kind: Any) -> Converter | None:  # noqa: ANN401  a `DuckDBPyType`
    """Returns what turns a value of a type into Python's; None where it is that already."""
    if str(kind) == "JSON":
        return json.loads
    match kind.id:
        case "list" | "array":
            return _items(_item_converter(kind.children[0][1]))
        case "struct":
            fields = {name: _converter(child) for name, child in kind.children}
            return _fields(fields) if any(fields.values()) else None
        case _:
            return None


def _item_converter(kind: Any) -> Converter | None:  # noqa: ANN401  a `DuckDBPyType`
    """Returns the same for an item of a list, which may have come as one of NumPy."""
    match kind.id:
        case "timestamp with time zone":
            return _in_utc
        case "date":
            return _as_date
        case _:
            return _converter(kind)


def _items(converter: Converter | None) -> Converter:
    def convert(value: Any) -> object:  # noqa: ANN401
        items = value.tolist() if hasattr(value, "tolist") else list(value)
        return items if converter is None else [_convert(item, converter) for item in items]

    return convert


def _fields(converters: Mapping[str, Converter | None]) -> Converter:
    def convert(value: Mapping[str, object]) -> object:
        return {name: _convert(value[name], made) for name, made in converters.items()}

    return convert


def _in_utc(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _as_date(value: Any) -> object:  # noqa: ANN401
    return value.date() if isinstance(value, datetime) else value
