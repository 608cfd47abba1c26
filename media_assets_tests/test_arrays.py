"""Lists of numbers as bytes: all come back, and what a type cannot hold is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from media_assets.arrays import TAG_BYTES, decode_ndarray, decode_numbers, encode_numbers
from media_assets.column_types import ColumnType

FLOATS, INTS, THREE = ColumnType("list[float]"), ColumnType("list[int]"), ColumnType("float[3]")


@given(st.lists(st.floats(allow_nan=False)))
def test_every_list_of_fractions_comes_back(numbers: list[float]) -> None:
    data = encode_numbers(numbers, FLOATS)

    assert decode_numbers(data) == numbers
    assert decode_ndarray(data).tolist() == numbers
    assert len(data) == TAG_BYTES + 8 * len(numbers)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_every_list_of_whole_numbers_comes_back(numbers: list[int]) -> None:
    assert decode_numbers(encode_numbers(numbers, INTS)) == numbers


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4", ">f8"])
def test_arrays_of_any_fractions_are_kept_with_32_bits(kind: str) -> None:
    data = encode_numbers(np.array([0.5, -2, np.inf], kind), THREE)

    assert data == encode_numbers([0.5, -2, math.inf], THREE)
    assert decode_ndarray(data).dtype == np.float32
    assert len(data) == TAG_BYTES + 4 * 3


def test_an_array_that_is_a_view_is_kept_as_it_is_seen() -> None:
    assert decode_numbers(encode_numbers(np.arange(6.0)[::-2], THREE)) == [5, 3, 1]


def test_an_array_that_was_read_may_be_changed() -> None:
    found = decode_ndarray(encode_numbers([1, 2, 3], THREE))

    found[0] = 7

    assert found.tolist() == [7, 2, 3]


def test_numbers_of_numpy_in_a_list_count_as_pythons_own() -> None:
    assert decode_numbers(encode_numbers([np.float32(0.5), np.int64(3), 1], THREE)) == [0.5, 3, 1]


@pytest.mark.parametrize(
    ("value", "column_type", "said"),
    [
        ([1.0, 2.0], THREE, "it has 2 numbers, and 3 are wanted"),
        (np.zeros(4), THREE, "it has 4 numbers, and 3 are wanted"),
        (np.zeros((3, 1)), THREE, r"of the shape \(3, 1\), and one dimension is wanted"),
        (np.zeros(3, "i4"), THREE, "it is an array of int32, and not of fractions"),
        (np.zeros(3, bool), THREE, "it is an array of bool, and not of fractions"),
        (np.zeros(3, complex), THREE, "it is an array of complex128, and not of fractions"),
        (np.array(["a", "b", "c"]), THREE, "it is an array of <U1, and not of fractions"),
        (np.zeros(3), INTS, "it is an array of float64, and not of whole numbers"),
        ([1, True, 2], THREE, "its item 1 is of the type bool, and not a number"),
        ([1, None, 2], THREE, "its item 1 is of the type NoneType, and not a number"),
        ([1.5], INTS, "its item 0 is of the type float, and not a whole number"),
        ([[1.0]], FLOATS, "its item 0 is of the type list, and not a number"),
        ("abc", FLOATS, "a str is not a list of numbers"),
        ({1.0}, FLOATS, "a set is not a list of numbers"),
        ([1e39, 0, 0], THREE, "too large"),
        (np.array([1e39, 0, 0]), THREE, "too large"),
        ([2**63], INTS, "int too (big|large)"),
        (np.array([2**63], "u8"), INTS, "too large"),
    ],
)
def test_what_a_type_does_not_hold_is_refused_with_the_reason(
    value: object, column_type: ColumnType, said: str
) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError), match=said):
        encode_numbers(value, column_type)


@pytest.mark.parametrize("data", [b"", b"array<f4abc", b"array<f2ab", b"any bytes at all"])
def test_other_bytes_are_refused_as_numbers(data: bytes) -> None:
    with pytest.raises(ValueError, match="hold no numbers"):
        decode_numbers(data)
