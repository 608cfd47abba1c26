"""Values as text: all are restored, and values that a column cannot hold are refused."""

import datetime as dt
import json
import math
from decimal import Decimal
from enum import Enum, IntEnum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.column_types import SQL_TYPES
from media_assets.errors import ValueTypeError
from media_assets.values import (
    LARGEST_INT,
    SMALLEST_INT,
    ColumnType,
    decode_value,
    encode_value,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda children: st.lists(children) | st.dictionaries(TEXTS, children),
    max_leaves=10,
)
VALUE_TYPES = [ColumnType(name) for name in SQL_TYPES if name != "image"] + [
    ColumnType("list[float]"),
    ColumnType("list[str]"),
    ColumnType("float[3]"),
    ColumnType("{'x': float}"),
]


class Colour(str, Enum):  # noqa: UP042  the older way, which reads differently as text
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("column_type", VALUE_TYPES)
def test_none_is_none_in_every_column(column_type: ColumnType) -> None:
    assert encode_value(None, column_type) is None
    assert decode_value(None, column_type) is None


@given(st.floats())
def test_every_float_comes_back(value: float) -> None:
    decoded = decode_value(encode_value(value, ColumnType.FLOAT), ColumnType.FLOAT)

    assert isinstance(decoded, float)
    assert decoded == value or (math.isnan(decoded) and math.isnan(value))


@given(st.integers(SMALLEST_INT, LARGEST_INT))
def test_every_integer_of_64_bits_comes_back(value: int) -> None:
    assert decode_value(encode_value(value, ColumnType.INT), ColumnType.INT) == value


@given(TEXTS)
def test_every_text_comes_back(value: str) -> None:
    assert decode_value(encode_value(value, ColumnType.STR), ColumnType.STR) == value


@pytest.mark.parametrize("value", [True, False])
def test_both_booleans_come_back(value: bool) -> None:  # noqa: FBT001  the value itself
    assert decode_value(encode_value(value, ColumnType.BOOL), ColumnType.BOOL) is value


@settings(max_examples=30)
@given(st.dictionaries(TEXTS, JSON))
def test_every_json_object_comes_back(value: dict[str, object]) -> None:
    assert decode_value(encode_value(value, ColumnType.DICT), ColumnType.DICT) == value


@settings(max_examples=30)
@given(st.lists(JSON))
def test_every_json_array_comes_back(value: list[object]) -> None:
    assert decode_value(encode_value(value, ColumnType.LIST), ColumnType.LIST) == value


def test_a_whole_number_is_a_float_in_a_float_column() -> None:
    assert encode_value(3, ColumnType.FLOAT) == "3.0"


def test_a_tuple_is_a_list() -> None:
    assert encode_value((1, (2, 3)), ColumnType.LIST) == "[1, [2, 3]]"


def test_keys_become_text_as_json_has_them() -> None:
    assert encode_value({1: "a", None: "b"}, ColumnType.DICT) == '{"1": "a", "null": "b"}'


def test_members_of_an_enum_count_by_their_value() -> None:
    assert encode_value(Colour.RED, ColumnType.STR) == "red"
    assert encode_value(Level.HIGH, ColumnType.INT) == "3"


@pytest.mark.parametrize(
    ("value", "column_type", "text"),
    [
        (np.float32(0.5), ColumnType.FLOAT, "0.5"),
        (np.float64("nan"), ColumnType.FLOAT, "nan"),
        (np.float64("-inf"), ColumnType.FLOAT, "-inf"),
        (np.int64(7), ColumnType.FLOAT, "7.0"),
        (np.uint8(255), ColumnType.INT, "255"),
        (np.bool_(True), ColumnType.BOOL, "true"),  # noqa: FBT003  NumPy's own
        (np.str_("ü"), ColumnType.STR, "ü"),
        (np.array(2.5), ColumnType.FLOAT, "2.5"),
        ({"mean": np.float32(0.5), "n": [np.int64(3)]}, ColumnType.DICT, '{"mean": 0.5, "n": [3]}'),
        ([np.bool_(False)], ColumnType.LIST, "[false]"),  # noqa: FBT003  NumPy's own
        ({np.int64(1): np.array(2)}, ColumnType.DICT, '{"1": 2}'),
        ({np.str_("a"): (np.uint8(1),)}, ColumnType.DICT, '{"a": [1]}'),
    ],
)
def test_numbers_of_numpy_count_as_pythons_own(
    value: object, column_type: ColumnType, text: str
) -> None:
    assert encode_value(value, column_type) == text


@pytest.mark.parametrize(
    ("value", "column_type"),
    [
        ("0.5", ColumnType.FLOAT),
        (True, ColumnType.FLOAT),
        (10**400, ColumnType.FLOAT),
        (1 + 2j, ColumnType.FLOAT),
        (0.5, ColumnType.INT),
        (False, ColumnType.INT),
        (LARGEST_INT + 1, ColumnType.INT),
        (SMALLEST_INT - 1, ColumnType.INT),
        (np.uint64(2**64 - 1), ColumnType.INT),
        (b"bytes", ColumnType.STR),
        (1, ColumnType.STR),
        ("\ud800", ColumnType.STR),
        (1, ColumnType.BOOL),
        ("true", ColumnType.BOOL),
        ([("a", 1)], ColumnType.DICT),
        ({"a": {1, 2}}, ColumnType.DICT),
        ({("a", "b"): 1}, ColumnType.DICT),
        ({"a": float("nan")}, ColumnType.DICT),
        ({"a": np.float32("inf")}, ColumnType.DICT),
        ({"\udfff": 1}, ColumnType.DICT),
        ({1: "a", "1": "b"}, ColumnType.DICT),
        ([{"deep": {None: 1, "null": 2}}], ColumnType.LIST),
        ({True: 1, "true": 2}, ColumnType.DICT),
        ({np.int64(1): 1, "1": 2}, ColumnType.DICT),
        ({1.5: 1, "1.5": 2}, ColumnType.DICT),
        ({float("nan"): 1}, ColumnType.DICT),
        ({b"a": 1}, ColumnType.DICT),
        ({"a": {"b": {1}}}, ColumnType.DICT),
        ({"at": dt.datetime(2026, 11, 22, tzinfo=dt.UTC)}, ColumnType.DICT),
        ([Decimal("1.5")], ColumnType.LIST),
        (Decimal("1.5"), ColumnType.FLOAT),
        (np.datetime64("2026-11-22"), ColumnType.STR),
        ([10**5000], ColumnType.LIST),
        (Unshowable(), ColumnType.STR),
        ({1, 2}, ColumnType.LIST),
        ("abc", ColumnType.LIST),
        (np.array([1, 2]), ColumnType.LIST),
        ([object()], ColumnType.LIST),
        ("file:///a.jpg", ColumnType.IMAGE),
    ],
)
def test_a_value_that_the_column_cannot_hold_is_refused(
    value: object, column_type: ColumnType
) -> None:
    with pytest.raises(ValueTypeError, match=f"A `{column_type}` column got ") as caught:
        encode_value(value, column_type)

    assert isinstance(caught.value, TypeError)


def test_a_number_too_long_to_be_shown_is_refused_as_any_other() -> None:
    with pytest.raises(ValueTypeError, match="its repr raised"):
        encode_value(10**5000, ColumnType.INT)


def test_keys_that_become_one_text_are_named() -> None:
    with pytest.raises(ValueTypeError, match="keys 1 and '1' both become '1' in JSON"):
        encode_value({1: "a", "1": "b"}, ColumnType.DICT)


def test_a_value_may_occur_twice_in_a_container() -> None:
    twice = [1]

    assert encode_value({"a": twice, "b": [twice]}, ColumnType.DICT) == '{"a": [1], "b": [[1]]}'


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(ValueTypeError, match="circular reference"):
        encode_value(endless, ColumnType.LIST)


def test_the_error_says_why_and_shows_only_the_beginning_of_a_long_value() -> None:
    value = {"a": "x" * 1_000, "b": {1}}

    with pytest.raises(ValueTypeError, match="JSON has no set") as caught:
        encode_value(value, ColumnType.DICT)

    assert len(str(caught.value)) < 600


def test_json_is_kept_readable() -> None:
    text = encode_value({"stadt": "Zürich"}, ColumnType.DICT)

    assert text == json.dumps({"stadt": "Zürich"}, ensure_ascii=False)
