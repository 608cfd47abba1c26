"""Columns of bytes that hold numbers, turned into columns of lists without a loop in Python."""

from importlib import import_module
from typing import Any

from media_assets.arrays import TAG_BYTES

ArrowArray = Any
"""A `pyarrow.Array`, or a chunked one."""
Ndarray = Any
"""A NumPy array; it is imported by the first query that reads numbers."""


def numbers_in(values: ArrowArray, *, tag: bytes, length: int) -> ArrowArray:
    """Returns a list of numbers for each value of a column of bytes.

    Args:
        values: The bytes, as `media_assets.arrays` makes them.
        tag: What they begin with; null stands for those that do not.
        length: How many numbers each has; 0 for any number.
    """
    import numpy as np  # noqa: PLC0415  slow to import

    kind = np.dtype(f"<{tag[-2:].decode()}")
    data, starts, sizes, is_there = _buffers(values)
    counts = (sizes - TAG_BYTES) // kind.itemsize
    is_right = is_there & (sizes == TAG_BYTES + (length or counts) * kind.itemsize) & (counts >= 0)
    first_bytes = data[starts[is_right, None] + np.arange(TAG_BYTES)]
    is_right[is_right] = (first_bytes == np.frombuffer(tag, "u1")).all(axis=1)
    if sizes[~is_right].any():
        ends = starts + sizes
        parts = [data[start:end] for start, end in zip(starts[is_right], ends[is_right])]  # noqa: B905
        data = np.concatenate([data[:0], *parts])
    counts = np.where(is_right, counts, 0)
    words, of_tag = data.view(kind), TAG_BYTES // kind.itemsize
    if length:
        numbers = np.zeros((len(counts), length), kind)
        numbers[is_right] = words.reshape(-1, of_tag + length)[:, of_tag:]
        return _lists(numbers.reshape(-1), is_right, None, length)
    is_number = np.ones(len(words), bool)
    ends = np.concatenate([[0], np.cumsum(counts[is_right] + of_tag)])
    is_number[ends[:-1]] = False  # a tag is as wide as these numbers
    return _lists(words[is_number], is_right, np.concatenate([[0], np.cumsum(counts)]), 0)


def _buffers(values: ArrowArray) -> tuple[Ndarray, Ndarray, Ndarray, Ndarray]:
    """Returns all bytes, where each value begins in them, its size, and whether there is one."""
    import numpy as np  # noqa: PLC0415  slow to import

    arrow: Any = import_module("pyarrow")
    whole = arrow.concat_arrays(getattr(values, "chunks", [values]))
    validity, offsets, content = whole.cast(arrow.large_binary()).buffers()
    first, count = whole.offset, len(whole)
    places = np.frombuffer(offsets, "<i8")[first : first + count + 1]
    data = np.frombuffer(content or b"", "u1")[places[0] : places[-1]]
    is_there = np.ones(count, bool)
    if validity is not None:
        bits = np.unpackbits(np.frombuffer(validity, "u1"), bitorder="little")
        is_there = bits[first : first + count].astype(bool)
    return data, places[:-1] - places[0], np.diff(places), is_there


def _lists(numbers: Ndarray, is_there: Ndarray, offsets: Ndarray | None, length: int) -> ArrowArray:
    """Returns lists of these numbers, all of one length where there are no offsets."""
    import numpy as np  # noqa: PLC0415  slow to import

    arrow: Any = import_module("pyarrow")
    kinds = {"f4": arrow.float32(), "f8": arrow.float64(), "i8": arrow.int64()}
    kind = kinds[numbers.dtype.str[1:]]
    items = arrow.Array.from_buffers(kind, len(numbers), [None, arrow.py_buffer(numbers)])
    buffers = [arrow.py_buffer(np.packbits(is_there, bitorder="little"))]
    if offsets is not None:
        buffers.append(arrow.py_buffer(offsets.astype("<i4")))
    of_lists = arrow.list_(kind, length) if offsets is None else arrow.list_(kind)
    return arrow.Array.from_buffers(of_lists, len(is_there), buffers, children=[items])
