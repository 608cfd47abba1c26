"""Lists of numbers as bytes: eight that say what kind they are of, then the numbers themselves."""

import math
import sys
from array import array
from collections.abc import Sequence
from typing import Any, cast

from media_assets.column_types import ColumnType

FLOAT32, FLOAT64, INT64 = b"array<f4", b"array<f8", b"array<i8"
"""What such bytes begin with; NumPy's name of the kind is in it."""
TAG_BYTES = 8
_CODES = {FLOAT32: "f", FLOAT64: "d", INT64: "q"}
_NUMBER_BYTES = {FLOAT32: 4, FLOAT64: 8, INT64: 8}
_TOO_LARGE = "one of its numbers is too large for this type"


def tag_of(column_type: ColumnType) -> bytes:
    """Returns what the bytes of a type begin with: arrays hold 32 bits a number, lists 64."""
    if column_type.kind == "array":
        return FLOAT32
    return INT64 if column_type.item is ColumnType.INT else FLOAT64


def encode_numbers(value: object, column_type: ColumnType) -> bytes:
    """Returns a list or a one-dimensional array as bytes.

    Whole numbers count as fractions in a list, as they do in a `float` column; an array of NumPy,
    or of whatever turns into one, has to be of fractions, or of whole numbers for `list[int]`.

    Raises:
        TypeError: It is no list, or an item is no such number.
        ValueError: It is of another length or of more dimensions than one.
        OverflowError: A number does not fit.
    """
    tag = tag_of(column_type)
    if hasattr(value, "__array__"):
        found = _from_numpy(value, tag)
    elif isinstance(value, list | tuple):
        found = _from_list(cast("Sequence[object]", value), tag)
    else:
        problem = f"a {type(value).__name__} is not a list of numbers"
        raise TypeError(problem)
    count = len(found) // _NUMBER_BYTES[tag]
    if column_type.length not in (0, count):
        problem = f"it has {count} numbers, and {column_type.length} are wanted"
        raise ValueError(problem)
    return tag + found


def decode_numbers(data: bytes) -> list[float]:
    """Returns numbers as a list; a `ValueError` for bytes that `encode_numbers` did not make."""
    tag = _checked_tag(data)
    numbers: array[float] = array(_CODES[tag])
    numbers.frombytes(data[TAG_BYTES:])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def decode_ndarray(data: bytes) -> Any:  # noqa: ANN401  NumPy is imported by whoever asks for it
    """Returns numbers as a NumPy array that may be changed; raises like `decode_numbers`."""
    import numpy as np  # noqa: PLC0415  slow to import

    tag = _checked_tag(data)
    return np.frombuffer(data, f"<{tag[-2:].decode()}", offset=TAG_BYTES).copy()


def _checked_tag(data: bytes) -> bytes:
    tag = data[:TAG_BYTES]
    if tag not in _CODES or (len(data) - TAG_BYTES) % _NUMBER_BYTES[tag]:
        problem = "these bytes hold no numbers"
        raise ValueError(problem)
    return tag


def _from_list(items: Sequence[object], tag: bytes) -> bytes:
    plain = [_number(item, place, is_whole=tag == INT64) for place, item in enumerate(items)]
    numbers = array(_CODES[tag], plain)
    if sum(map(math.isinf, numbers)) > sum(map(math.isinf, plain)):
        raise OverflowError(_TOO_LARGE)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _number(item: object, place: int, *, is_whole: bool) -> float:
    plain: object = getattr(item, "item", lambda: item)()
    if isinstance(plain, int if is_whole else int | float) and not isinstance(plain, bool):
        return plain if is_whole else float(plain)
    wanted = "a whole number" if is_whole else "a number"
    problem = f"its item {place} is of the type {type(item).__name__}, and not {wanted}"
    raise TypeError(problem)


def _from_numpy(value: object, tag: bytes) -> bytes:
    import numpy as np  # noqa: PLC0415  slow to import

    given: Any = np.asarray(value)
    kinds, wanted = ("iu", "whole numbers") if tag == INT64 else ("f", "fractions, such as float32")
    if given.dtype.kind not in kinds:
        problem = f"it is an array of {given.dtype}, and not of {wanted}"
        raise TypeError(problem)
    if given.ndim != 1:
        problem = f"it is an array of the shape {given.shape}, and one dimension is wanted"
        raise ValueError(problem)
    with np.errstate(over="ignore"):
        made = given.astype(f"<{tag[-2:].decode()}")
    is_same = (made == given) if tag == INT64 else (np.isinf(made) == np.isinf(given))
    if not is_same.all():
        raise OverflowError(_TOO_LARGE)
    return made.tobytes()
