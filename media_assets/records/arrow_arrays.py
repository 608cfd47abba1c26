"""Arrays for pyarrow, made of Python values by their buffers.

To make an array of Python values, pyarrow imports pandas, if there: that takes 50 MB, and longer
than all files of a run.
"""

from array import array
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import accumulate
from typing import Any

ArrowArray = Any
"""A `pyarrow.Array`."""
ArrowType = Any
"""A `pyarrow.DataType`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = {4: "i", 8: "q"}


def array_of(kind: ArrowType, values: Sequence[Any]) -> ArrowArray:
    """Returns an array of values, None for nulls: texts, bytes, times, whole numbers, or codes."""
    arrow: Any = import_module("pyarrow")
    if arrow.types.is_dictionary(kind):
        codes: dict[object, int] = {}
        for value in values:
            if value is not None:
                codes.setdefault(value, len(codes))
        numbers = array_of(kind.index_type, [codes.get(value) for value in values])
        return arrow.DictionaryArray.from_arrays(numbers, array_of(kind.value_type, [*codes]))
    nulls = [_validity(values)] if None in values else [None]
    if arrow.types.is_string(kind) or arrow.types.is_binary(kind):
        parts = [value.encode() if isinstance(value, str) else value or b"" for value in values]
        ends = array("i", accumulate(map(len, parts), initial=0))
        buffers = [*nulls, ends, b"".join(parts)]
    else:
        if arrow.types.is_timestamp(kind):
            values = [value and (value - _EPOCH) // _MICROSECOND for value in values]
        buffers = [*nulls, array(_LENGTHS[kind.bit_width // 8], (value or 0 for value in values))]
    made = [None if buffer is None else arrow.py_buffer(buffer) for buffer in buffers]
    return arrow.Array.from_buffers(kind, len(values), made)


def _validity(values: Sequence[object]) -> bytes:
    """Returns a bit for each value, the first one lowest: whether it is there."""
    bits = "".join("0" if value is None else "1" for value in reversed(values))
    return int(bits, 2).to_bytes((len(values) + 7) // 8, "little")
