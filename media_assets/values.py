"""The types of columns, and the text of values in manifests."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, cast

from media_assets.errors import ValueTypeError

SMALLEST_INT, LARGEST_INT = -(2**63), 2**63 - 1
"""The range of DuckDB's BIGINT, in which the catalog shows `int` columns."""


class ColumnType(StrEnum):
    """The type of a column's cells: an image with its own file, or a value."""

    IMAGE = "image"
    FLOAT = "float"
    INT = "int"
    STR = "str"
    BOOL = "bool"
    DICT = "dict"
    LIST = "list"
    DATETIME = "datetime"
    DATE = "date"


def encode_value(value: object, column_type: ColumnType) -> str | None:
    """Returns the text of a value in a manifest; None stays None.

    Keys of a `dict` become text, as in JSON. NumPy numbers are treated like Python's.

    >>> encode_value(0.25, ColumnType.FLOAT), encode_value({"a": 1}, ColumnType.DICT)
    ('0.25', '{"a": 1}')

    Raises:
        ValueTypeError: The value is not of the column's type, or has no text form: an `int`
            outside 64 bits, a `dict` or `list` that JSON cannot represent, keys that become the
            same text, a lone surrogate.
    """
    if value is None:
        return None
    plain = _unwrap_numpy(value)
    kinds, text_of = _TEXTS.get(column_type, ((), str))
    is_bool_in_place = isinstance(plain, bool) is (column_type is ColumnType.BOOL)
    if not isinstance(plain, kinds) or not is_bool_in_place:
        raise ValueTypeError(value, column_type)
    try:
        text = text_of(plain)
        text.encode()
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueTypeError(value, column_type, reason=str(error)) from error
    return text


def decode_value(text: str | None, column_type: ColumnType) -> object:  # noqa: PLR0911  a kind each
    """Returns the value that `encode_value` encoded.

    >>> decode_value("0.25", ColumnType.FLOAT), decode_value("[1, 2]", ColumnType.LIST)
    (0.25, [1, 2])
    """
    if text is None:
        return None
    match column_type:
        case ColumnType.FLOAT:
            return float(text)
        case ColumnType.INT:
            return int(text)
        case ColumnType.BOOL:
            return text == "true"
        case ColumnType.DICT | ColumnType.LIST:
            return json.loads(text)
        case ColumnType.DATETIME:
            return datetime.fromisoformat(text)
        case ColumnType.DATE:
            return date.fromisoformat(text)
        case _:
            return text


def _unwrap_numpy(value: object) -> object:
    """Converts numbers of NumPy and of Pillow's statistics to Python's own."""
    is_scalar = type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0
    return getattr(value, "item", lambda: value)() if is_scalar else value


def _float_text(value: float) -> str:
    number = float(value)
    if math.isfinite(number):
        return repr(number)
    return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")


def _int_text(value: int) -> str:
    if not SMALLEST_INT <= value <= LARGEST_INT:
        problem = "it does not fit in 64 bits"
        raise OverflowError(problem)
    return int.__repr__(value)


def _bool_text(value: object) -> str:
    return "true" if value else "false"


def _datetime_text(value: datetime) -> str:
    """A time with an offset is kept in UTC, one without as it is."""
    return (value.astimezone(UTC) if value.tzinfo else value).isoformat()


def _date_text(value: date) -> str:
    if isinstance(value, datetime):
        problem = "it has a time of day"
        raise TypeError(problem)
    return value.isoformat()


def _json_text(value: object) -> str:
    return json.dumps(_in_json(value), ensure_ascii=False, allow_nan=False)


def _in_json(value: object, around: tuple[int, ...] = ()) -> object:
    """Returns a value as JSON's own types; `around` are the containers that hold it."""
    plain = _unwrap_numpy(value)
    if id(plain) in around:
        problem = "circular reference: it contains itself"
        raise ValueError(problem)
    around = (*around, id(plain))
    if isinstance(plain, dict):
        entries = cast("dict[object, object]", plain)
        return {text: _in_json(entries[key], around) for text, key in _keys(entries).items()}
    if isinstance(plain, list | tuple):
        return [_in_json(each, around) for each in cast("Iterable[object]", plain)]
    if plain is None or isinstance(plain, str | int | float):
        return plain
    problem = f"JSON has no {type(plain).__name__}"
    raise TypeError(problem)


def _keys(entries: Mapping[object, object]) -> dict[str, object]:
    """Returns a `dict` with its keys as texts, which must differ."""
    keys: dict[str, object] = {}
    for key in entries:
        text = _key_text(_unwrap_numpy(key))
        if text in keys:
            problem = f"its keys {keys[text]!r} and {key!r} both become {text!r} in JSON"
            raise ValueError(problem)
        keys[text] = key
    return keys


def _key_text(key: object) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or isinstance(key, int | float):
        return json.dumps(key, allow_nan=False)
    problem = f"JSON keys are text, but {key!r} is of type {type(key).__name__}"
    raise TypeError(problem)


_TEXTS: dict[ColumnType, tuple[tuple[type, ...], Callable[[Any], str]]] = {
    ColumnType.FLOAT: ((int, float), _float_text),
    ColumnType.INT: ((int,), _int_text),
    ColumnType.STR: ((str,), str.__str__),
    ColumnType.BOOL: ((bool,), _bool_text),
    ColumnType.DICT: ((dict,), _json_text),
    ColumnType.LIST: ((list, tuple), _json_text),
    ColumnType.DATETIME: ((datetime,), _datetime_text),
    ColumnType.DATE: ((date,), _date_text),
}
"""The values that a column accepts, and their text."""
