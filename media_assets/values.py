"""Values of cells, and the text or bytes that manifests keep of them."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from media_assets.amounts import amount
from media_assets.arrays import decode_ndarray, decode_numbers, encode_numbers
from media_assets.column_types import ColumnType
from media_assets.errors import ValueTypeError

SMALLEST_INT, LARGEST_INT = -(2**63), 2**63 - 1
"""The range of DuckDB's BIGINT, in which the catalog shows `int` columns."""

_NUMBERS_SHOWN = 6

Stored = str | bytes | None
"""What a manifest keeps of a value: a text, bytes, or nothing of None."""


def encode_value(value: object, column_type: ColumnType) -> Stored:
    """Returns what a manifest keeps of a value; None stays None.

    Keys of a `dict` become text, as JSON has them. Numbers of NumPy count as Python's own. A time
    is kept in UTC. A key that a `TypedDict` may lack is kept as None.

    >>> encode_value(0.25, ColumnType.FLOAT), encode_value({"a": 1}, ColumnType.DICT)
    ('0.25', '{"a": 1}')

    Raises:
        ValueTypeError: The value is not of the column's type, or has no form to be kept in: an
            `int` outside 64 bits, a `dict` or `list` that JSON cannot hold, keys that become one
            text, a lone surrogate, a time without a time zone, an array of another length.
    """
    if value is None:
        return None
    plain = _unwrap_numpy(value)
    try:
        if column_type.is_binary:
            return _to_bytes(plain, column_type)
        text = _to_text(plain, column_type)
        text.encode()
    except ValueTypeError:
        raise ValueTypeError(value, column_type, accepted=_accepted(column_type)) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        accepted = _accepted(column_type)
        raise ValueTypeError(value, column_type, reason=str(error), accepted=accepted) from error
    return text


def decode_value(stored: Stored, column_type: ColumnType) -> object:
    """Returns the value that `encode_value` kept; numbers of an array as a NumPy array.

    Lists that an older version of the package kept as JSON are read as well.

    >>> decode_value("0.25", ColumnType.FLOAT), decode_value("[1, 2]", ColumnType.LIST)
    (0.25, [1, 2])

    Raises:
        ValueError: It is of a value of another type.
    """
    if stored is None:
        return None
    if isinstance(stored, bytes):
        if column_type is ColumnType.BYTES:
            return stored
        is_array = column_type.kind in ("array", "ndarray")
        return decode_ndarray(stored) if is_array else decode_numbers(stored)
    if column_type.kind in ("array", "ndarray"):
        return decode_ndarray(encode_numbers(json.loads(stored), column_type))
    if column_type.kind in ("dict", "list", "struct"):
        return _from_json(json.loads(stored), column_type)
    return _FROM_TEXT.get(column_type.kind, str)(stored)


def decode_argument(stored: Stored, asked: ColumnType) -> object:
    """Returns a value as the parameter of a row function asks for it."""
    return as_argument(decode_value(stored, asked), asked)


def as_argument(value: object, asked: ColumnType) -> object:
    """Returns an array as a list or a list as an array, as a parameter asks; all else as it is."""
    if asked.kind == "ndarray" and isinstance(value, list):
        import numpy as np  # noqa: PLC0415  slow to import

        return np.asarray(cast("list[float]", value))
    is_unwanted_array = asked.kind != "ndarray" and type(value).__module__ == "numpy"
    return getattr(value, "tolist", lambda: value)() if is_unwanted_array else value


def shown_stored(stored: Stored, column_type: ColumnType) -> str:
    """Returns what is kept of a value as people are shown it: bytes by their size, numbers cut."""
    if isinstance(stored, bytes):
        return str(shorten_value(decode_value(stored, column_type)))
    return stored or ""


def shorten_value(value: object) -> object:
    """Returns a value as people are shown it: bytes by their size, lists of many numbers cut.

    >>> shorten_value(b"abc"), shorten_value([0.5, 1.5] * 4)
    ('3 bytes', '[0.5, 1.5, 0.5, 1.5, 0.5, 1.5, … 8 numbers]')
    """
    if isinstance(value, bytes | bytearray):
        return amount(len(value), "byte")
    plain: object = getattr(value, "tolist", lambda: value)()
    if not isinstance(plain, list | tuple):
        return value
    items = cast("list[object]", plain)
    if len(items) <= _NUMBERS_SHOWN or not all(isinstance(each, float | int) for each in items):
        return value
    first = ", ".join(f"{number:.6g}" for number in cast("list[float]", items[:_NUMBERS_SHOWN]))
    return f"[{first}, … {amount(len(items), 'number')}]"


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


def _datetime_text(value: datetime) -> str:
    if value.utcoffset() is None:
        problem = "it has no time zone: add one, such as `.replace(tzinfo=UTC)`"
        raise ValueError(problem)
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _date_text(value: date) -> str:
    if isinstance(value, datetime):
        problem = "it has a time of day: take its `.date()`"
        raise TypeError(problem)
    return value.isoformat()


_TEXTS: dict[str, tuple[tuple[type, ...], Callable[[Any], str]]] = {
    "float": ((int, float), _float_text),
    "int": ((int,), _int_text),
    "str": ((str,), str.__str__),
    "bool": ((bool,), _bool_text),
    "dict": ((dict,), _json_text),
    "list": ((list, tuple), _json_text),
    "datetime": ((datetime,), _datetime_text),
    "date": ((date,), _date_text),
}
"""Which values a column takes, and their text."""
_FROM_TEXT: dict[str, Callable[[str], object]] = {
    "float": float,
    "int": int,
    "bool": lambda text: text == "true",
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}
"""Values by their text; all others are their text."""


def _to_text(value: object, column_type: ColumnType) -> str:
    if column_type.kind == "struct" or column_type.item is not None:
        return json.dumps(_typed(value, column_type), ensure_ascii=False, allow_nan=False)
    kinds, text_of = _TEXTS.get(column_type.kind, ((), str))
    is_bool_in_place = isinstance(value, bool) is (column_type.kind == "bool")
    if not isinstance(value, kinds) or not is_bool_in_place:
        raise ValueTypeError(value, column_type)
    return text_of(value)


def _to_bytes(value: object, column_type: ColumnType) -> bytes:
    if column_type is not ColumnType.BYTES:
        return encode_numbers(value, column_type)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(cast("bytes", value))
    raise ValueTypeError(value, column_type)


def _typed(value: object, column_type: ColumnType, place: str = "it") -> object:
    """Returns a value within a list or struct as one of JSON, checked all the way down."""
    plain = _unwrap_numpy(value)
    if plain is None and column_type.is_nullable:
        return None
    item, fields = column_type.item, column_type.fields
    if item is not None and isinstance(plain, list | tuple):
        items = enumerate(cast("Iterable[object]", plain))
        return [_typed(each, item, f"{place}[{number}]") for number, each in items]
    if fields and isinstance(plain, dict):
        given = cast("Mapping[object, object]", plain)
        if unknown := [key for key in given if key not in fields]:
            problem = f"{place} has the key {unknown[0]!r}, and only {', '.join(fields)} are known"
            raise ValueError(problem)
        return {
            name: _typed(given.get(name), kind, f"{place}[{name!r}]")
            for name, kind in fields.items()
        }
    if item is not None or fields:
        problem = f"{place} is of the type {type(plain).__name__}, and not `{column_type}`"
        raise TypeError(problem)
    try:
        text = _to_text(plain, column_type)
    except (ValueTypeError, ValueError, OverflowError) as error:
        reason = f": {error}" if not isinstance(error, ValueTypeError) else ""
        problem = f"{place} is of the type {type(plain).__name__}, and not `{column_type}`{reason}"
        raise TypeError(problem) from error
    return text if column_type.kind in ("str", "datetime", "date") else _of_text(text)


def _of_text(text: str) -> object:
    """Returns what a number, a bool, a list or a dict is in JSON, by its text."""
    return json.loads({"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(text, text))


def _from_json(plain: object, column_type: ColumnType) -> object:
    """Returns what JSON holds as the values that they are of; as it is where it is another type."""
    if isinstance(plain, list) and column_type.item is not None:
        return [_from_json(each, column_type.item) for each in cast("list[object]", plain)]
    if isinstance(plain, dict) and column_type.fields:
        given = cast("dict[str, object]", plain)
        return {name: _from_json(given.get(name), k) for name, k in column_type.fields.items()}
    if isinstance(plain, str) and column_type.kind in ("datetime", "date"):
        return decode_value(plain, column_type)
    if isinstance(plain, int) and column_type.kind == "float":
        return float(plain)
    return cast("object", plain)


_ACCEPTED = {
    "image": "An image of Pillow.",
    "float": "A number.",
    "int": "A whole number of 64 bits.",
    "str": "A text.",
    "bool": "True or False.",
    "dict": "A dict of what JSON holds.",
    "list": "A list of what JSON holds.",
    "datetime": "A datetime with a time zone.",
    "date": "A date without a time of day.",
    "bytes": "Bytes.",
    "struct": "A dict with these keys and values of these types.",
}


def _accepted(column_type: ColumnType) -> str:
    """Returns what a column takes, as a sentence; None counts as well."""
    if column_type.kind == "array":
        return (
            f"A list of {column_type.length} numbers, or a one-dimensional NumPy array of that "
            "length, of float16, float32 or float64."
        )
    if column_type.item is not None:
        also = ", or a one-dimensional NumPy array" if column_type.is_binary else ""
        return f"A list whose items are `{column_type.item}`{also}."
    return _ACCEPTED[column_type.kind]
