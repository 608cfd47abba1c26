"""What a column holds, and how a value column's values are kept as text in manifests."""

import json
import math
from enum import StrEnum
from typing import cast

from media_assets.errors import ValueTypeError

SMALLEST_INT, LARGEST_INT = -(2**63), 2**63 - 1
"""DuckDB's BIGINT, in which the catalog shows `int` columns."""


class ColumnType(StrEnum):
    """What one cell of a column is: an image with a file of its own, or a value."""

    IMAGE = "image"
    FLOAT = "float"
    INT = "int"
    STR = "str"
    BOOL = "bool"
    DICT = "dict"
    LIST = "list"


def encode_value(value: object, column_type: ColumnType) -> str | None:
    """Returns the text that a manifest keeps for a value; None stays None.

    >>> encode_value(0.25, ColumnType.FLOAT), encode_value({"a": 1}, ColumnType.DICT)
    ('0.25', '{"a": 1}')

    Raises:
        ValueTypeError: The value is not of the column's type, or has no text form: an `int`
            outside 64 bits, a `dict` or `list` that JSON cannot hold.
    """
    if value is None:
        return None
    value = _unwrap_numpy(value)
    match column_type:
        case ColumnType.FLOAT if isinstance(value, int | float) and not isinstance(value, bool):
            return _float_text(float(value))
        case ColumnType.INT if isinstance(value, int) and not isinstance(value, bool):
            if SMALLEST_INT <= value <= LARGEST_INT:
                return str(value)
        case ColumnType.STR if isinstance(value, str):
            return _checked_text(value, column_type)
        case ColumnType.BOOL if isinstance(value, bool):
            return "true" if value else "false"
        case ColumnType.DICT if isinstance(value, dict):
            return _json_text(cast("object", value), column_type)
        case ColumnType.LIST if isinstance(value, list | tuple):
            return _json_text(cast("object", value), column_type)
        case _:
            pass
    raise ValueTypeError(value, column_type)


def decode_value(text: str | None, column_type: ColumnType) -> object:
    """Returns the value that `encode_value` kept.

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
        case _:
            return text


def _unwrap_numpy(value: object) -> object:
    """Numbers as NumPy and Pillow's statistics return them count as Python's own."""
    is_scalar = type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0
    return getattr(value, "item", lambda: value)() if is_scalar else value


def _float_text(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def _json_text(value: object, column_type: ColumnType) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueTypeError(value, column_type, reason=str(error)) from error
    return _checked_text(text, column_type)


def _checked_text(text: str, column_type: ColumnType) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueTypeError(text, column_type, reason="it holds a lone surrogate") from error
    return text
