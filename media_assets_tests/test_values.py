"""Values as text: all are restored, and values that a column cannot hold are refused."""

import datetime as dt
import json
import math
from decimal import Decimal
from enum import Enum, IntEnum

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from media_assets.column_types import SQL_TYPES
from media_assets.errors import ValueTypeError
from media_assets.values import (
    LARGEST_INT,
    SMALLEST_INT,
    ColumnType,
    decode_argument,
    decode_value,
    encode_value,
    shorten_value,
    shown_stored,
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


BOX = ColumnType("{'x': float, 'label': str | None}")
FOUND = ColumnType("{'boxes': list[{'x': float}], 'at': datetime, 'day': date | None}")
BERLIN = dt.timezone(dt.timedelta(hours=2))


@given(st.datetimes(min_value=dt.datetime(2, 1, 1), max_value=dt.datetime(9998, 1, 1)))  # noqa: DTZ001
def test_every_time_comes_back_in_utc(value: dt.datetime) -> None:
    there = value.replace(tzinfo=BERLIN)

    found = decode_value(encode_value(there, ColumnType.DATETIME), ColumnType.DATETIME)

    assert isinstance(found, dt.datetime)
    assert (found, found.utcoffset()) == (there, dt.timedelta())


@given(st.dates())
def test_every_date_comes_back(value: dt.date) -> None:
    assert decode_value(encode_value(value, ColumnType.DATE), ColumnType.DATE) == value


@given(st.binary())
def test_all_bytes_come_back_as_they_are(value: bytes) -> None:
    stored = encode_value(value, ColumnType.BYTES)

    assert (stored, decode_value(stored, ColumnType.BYTES)) == (value, value)
    assert encode_value(bytearray(value), ColumnType.BYTES) == value
    assert encode_value(memoryview(value), ColumnType.BYTES) == value


def test_a_struct_comes_back_with_times_and_all_its_keys() -> None:
    at = dt.datetime(2026, 11, 22, 13, 30, tzinfo=BERLIN)
    value = {"boxes": [{"x": 1}, {"x": np.float32(0.5)}], "at": at}

    found = decode_value(encode_value(value, FOUND), FOUND)

    assert found == {"boxes": [{"x": 1.0}, {"x": 0.5}], "at": at, "day": None}


@pytest.mark.parametrize(
    ("value", "column_type", "said"),
    [
        (dt.datetime(2026, 1, 1), ColumnType.DATETIME, "it has no time zone"),  # noqa: DTZ001
        (dt.date(2026, 1, 1), ColumnType.DATETIME, "A datetime with a time zone, or None"),
        (
            dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-2))),
            ColumnType.DATETIME,
            "out of range",
        ),
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), ColumnType.DATE, "it has a time of day"),
        ("2026-01-01", ColumnType.DATE, "A date without a time of day, or None"),
        ("text", ColumnType.BYTES, "Bytes, or None"),
        ([1.0, 2.0], ColumnType("float[3]"), "it has 2 numbers, and 3 are wanted. A list of 3 num"),
        ([1.0, "a"], ColumnType("list[float]"), "item 1 is of the type str.*items are `float`"),
        (["a", 1], ColumnType("list[str]"), r"it\[1\] is of the type int, and not `str`"),
        ({"x": "a"}, BOX, r"it\['x'\] is of the type str, and not `float`"),
        ({"x": 1, "y": 2}, BOX, "it has the key 'y', and only x, label are known"),
        ({}, BOX, r"it\['x'\] is of the type NoneType, and not `float`"),
        ({"x": math.nan}, BOX, "not JSON compliant"),
        ({"boxes": [{"x": None}]}, FOUND, r"it\['boxes'\]\[0\]\['x'\] is of the type NoneType"),
        ({"boxes": [], "at": dt.datetime(2026, 1, 1)}, FOUND, "it has no time zone"),  # noqa: DTZ001
        ([], BOX, "it is of the type list"),
    ],
)
def test_the_error_says_where_a_value_is_of_another_type_and_what_is_taken(
    value: object, column_type: ColumnType, said: str
) -> None:
    with pytest.raises(ValueTypeError, match=said):
        encode_value(value, column_type)


def test_lists_that_were_kept_as_json_are_read_as_typed_ones() -> None:
    assert decode_value("[1, 2.5]", ColumnType("list[float]")) == [1.0, 2.5]
    assert decode_value("[1, 2]", ColumnType("list[int]")) == [1, 2]


def test_an_argument_has_the_form_that_its_parameter_asks_for() -> None:
    stored = encode_value([1, 2, 3], ColumnType("float[3]"))

    as_list = decode_argument(stored, ColumnType("float[3]"))
    as_array = decode_argument(stored, ColumnType("ndarray"))

    assert (as_list, type(as_list)) == ([1.0, 2.0, 3.0], list)
    assert isinstance(as_array, np.ndarray)
    assert as_array.tolist() == as_list


@pytest.mark.parametrize("stored", [b"array<f4" + bytes(8), b"bytes"])
def test_bytes_of_another_type_are_not_text(stored: bytes) -> None:
    if stored == b"bytes":
        with pytest.raises(ValueError, match="hold no numbers"):
            decode_value(stored, ColumnType.STR)
    else:
        assert decode_value(stored, ColumnType("list[float]")) == [0.0, 0.0]


def test_people_are_shown_the_size_of_bytes_and_the_first_of_many_numbers() -> None:
    vector = ColumnType("float[512]")

    assert shown_stored(encode_value(b"abc", ColumnType.BYTES), ColumnType.BYTES) == "3 bytes"
    assert shown_stored(encode_value([0.1] * 512, vector), vector) == (
        "[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, … 512 numbers]"
    )
    assert shown_stored("[1, 2]", ColumnType.LIST) == "[1, 2]"
    assert shorten_value(["a"] * 9) == ["a"] * 9
