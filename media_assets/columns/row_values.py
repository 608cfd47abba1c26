"""Row values: their declaration, and the text that the upload log keeps for one."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from media_assets.columns.annotations import column_type_of, is_nullable
from media_assets.columns.declare import check_name
from media_assets.errors import (
    DeclarationError,
    RowValueError,
    UnknownNameError,
    ValueTypeError,
    show_value,
)
from media_assets.row_value import OR_NULL, RowValue, declared_types
from media_assets.values import ColumnType, as_argument, decode_value, encode_value

_TAKEN = ("source",)
"""A column of data by which rows are inserted; `row` is no column's name anyway."""

_NOT_GIVEN = ("bytes", "ndarray", "parts")
"""What no text stands for, which is all that the upload log holds."""


def value_type_of(annotation: object) -> ColumnType | None:
    """Returns what an annotation of a row value stands for; None if no row value can hold it.

    >>> value_type_of(int | None), value_type_of(bytes)
    ('int', None)
    """
    kind = column_type_of(annotation)
    is_given = kind is not None and not kind.is_medium and kind.kind not in _NOT_GIVEN
    return kind if is_given else None


def declare_values(values: Mapping[str, object], *, table: str, source: str) -> dict[str, RowValue]:
    """Returns the row values of a table by name, in the order of their declaration.

    Args:
        values: A type for each name: `str`, `datetime | None`, ...
        table: The table's name.
        source: The name of its source column.

    Raises:
        DeclarationError: A name cannot be used, or a type is none that a value has.
    """
    found: dict[str, RowValue] = {}
    for name, annotation in values.items():
        kind = value_type_of(annotation)
        if kind is None:
            raise DeclarationError(
                what=f"Table {table!r} has values={{{name!r}: {annotation!r}}}.",
                accepted="A type for each name: str, int, float, bool, datetime, date, dict, list, "
                "a `TypedDict`, or a list of one of them; or one of these `| None`.",
                fix=f"Write it like values={{{name!r}: str}}.",
            )
        if name == source or name in _TAKEN:
            raise DeclarationError(
                what=f"Table {table!r} has a row value {name!r}.",
                accepted="Any column's name but the source column's, and `source`, by which data "
                "names the file of a row.",
                fix="Give the value another name.",
            )
        found[check_name(name, what="Row value")] = RowValue(name, kind, is_nullable(annotation))
    return found


def value_types(named: Mapping[str, str], *, table: str) -> dict[str, object]:
    """Returns the types that texts name, as in YAML.

    >>> value_types({"label": "str | None"}, table="photos")
    {'label': str | None}

    Raises:
        DeclarationError: A text names none that a row value can have.
    """
    types: dict[str, object] = {}
    for name, text in named.items():
        kind = _BY_NAME.get(text.removesuffix(OR_NULL).strip())
        if kind is None:
            raise DeclarationError(
                what=f"Table {table!r} has a row value {name!r} of type {text!r}.",
                accepted=f"{', '.join(_BY_NAME)}, or one of them with `{OR_NULL.strip()}`.",
                fix=f"Write it like `{name}: str`.",
            )
        types[name] = kind | None if text.endswith(OR_NULL) else kind
    return types


def encode_values(
    values: Mapping[str, RowValue], given: Mapping[str, object], *, table: str, row: str
) -> dict[str, str | None]:
    """Returns the values that are given for a row as the upload log keeps them.

    Raises:
        UnknownNameError: There is no such row value.
        RowValueError: One is not of its type, or is null where that is not declared.
    """
    return encode_by_row(values, {row: given}, table=table)[row]


def encode_by_row(
    values: Mapping[str, RowValue], given: Mapping[str, Mapping[str, object]], *, table: str
) -> dict[str, dict[str, str | None]]:
    """Returns the values that are given for rows as the upload log keeps them.

    Raises:
        UnknownNameError: There is no such row value.
        RowValueError: Some are not of their types, or null where that is not declared.
    """
    for name in dict.fromkeys(name for of_row in given.values() for name in of_row):
        if name not in values:
            where = f"in table {table!r}"
            raise UnknownNameError(kind="row value", name=name, known=values, where=where)
    problems: list[tuple[str, str, str]] = []
    encoded: dict[str, dict[str, str | None]] = {row: {} for row in given}
    for row, of_row in given.items():
        for name, value in of_row.items():
            try:
                encoded[row][name] = encode_row_value(values[name], value)
            except ValueError as error:
                problems.append((row, name, str(error)))
    if problems:
        raise RowValueError(table, problems, values=declared_types(values))
    return encoded


def encode_row_value(value: RowValue, given: object) -> str | None:
    """Returns the text that the upload log keeps for a value; None for null.

    Whole numbers count as `int`, `Decimal` as `float`, and midnight without a time zone as `date`,
    which is what DataFrames make of them; a time, which has a time zone, or a date may be text in
    ISO 8601. A fraction of 2**53 or more is no `int`: it may be another one, rounded by a DataFrame
    because a value of its column is missing.

    >>> encode_row_value(RowValue("stars", ColumnType.INT), 4.0)
    '4'

    Raises:
        ValueError: It is not of the type, or null where that is not declared.
    """
    if given is None:
        if value.is_nullable:
            return None
        problem = "is null"
        raise ValueError(problem)
    if value.type is ColumnType.INT and isinstance(given, float) and abs(given) >= _ROUNDED:
        problem = f"{given:.17g} {_AS_FLOAT}"
        raise ValueError(problem)
    try:
        return _text(_as_declared(value.type, given), value.type)
    except (ValueTypeError, ValueError) as error:
        problem = f"{show_value(given)} is not of type {_named(value.type)}"
        raise ValueError(problem) from error


def parse_value(value: RowValue, text: str | None) -> object:
    """Returns the value that a text stands for, as in a CSV file; None stays None.

    >>> parse_value(RowValue("stars", ColumnType.INT), "4")
    4

    Raises:
        ValueError: It stands for none of the type.
    """
    if text is None:
        return None
    try:
        parse = _PARSERS.get(value.type.kind)
        return parse(text) if parse else decode_value(text, value.type)
    except (TypeError, ValueError, KeyError) as error:
        problem = f"{show_value(text)} is not of type {_named(value.type)}"
        raise ValueError(problem) from error


def _as_declared(kind: ColumnType, given: object) -> object:
    match kind, given:
        case ColumnType.INT, float() if given.is_integer():
            return int(given)
        case ColumnType.FLOAT, Decimal():
            return float(given)
        case ColumnType.DATETIME, str():
            return datetime.fromisoformat(given)
        case ColumnType.DATE, str():
            return date.fromisoformat(given)
        case ColumnType.DATE, datetime(tzinfo=None) if given.time() == time():
            return given.date()
        case _:
            return given


def _named(kind: ColumnType) -> str:
    return "datetime with a time zone" if kind is ColumnType.DATETIME else kind


def _text(value: object, kind: ColumnType) -> str | None:
    """Returns a value as text, which is all that the upload log holds: numbers as JSON."""
    stored = encode_value(value, kind)
    if not isinstance(stored, bytes):
        return stored
    return json.dumps(as_argument(decode_value(stored, kind), ColumnType.LIST), allow_nan=False)


_BY_NAME: dict[str, type] = {
    kind.__name__: kind for kind in (str, int, float, bool, datetime, date, dict, list)
}
_ROUNDED = 2.0**53
_AS_FLOAT = "came as a float, which rounds such a number: give it as int, in pandas as Int64"
_BOOLS = {"true": True, "false": False, "1": True, "0": False}
_PARSERS: dict[str, Callable[[str], object]] = {
    "bool": lambda text: _BOOLS[text.strip().lower()],
}
"""The parsers of types that people write in another way than they are kept."""
