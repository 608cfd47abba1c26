"""The types of columns that annotations stand for."""

import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from PIL import Image

from media_assets.errors import DeclarationError
from media_assets.media_types import medium_of_class
from media_assets.pixels.animation import Animation
from media_assets.values import ColumnType

_TYPES: dict[object, ColumnType] = {
    float: ColumnType.FLOAT,
    int: ColumnType.INT,
    str: ColumnType.STR,
    bool: ColumnType.BOOL,
    dict: ColumnType.DICT,
    list: ColumnType.LIST,
    datetime: ColumnType.DATETIME,
    date: ColumnType.DATE,
    bytes: ColumnType.BYTES,
}
_NOT_IN_JSON = (Image.Image, bytes, bytearray, memoryview, set, frozenset, complex)
"""What no `dict` or `list` of a column can hold; all else may still be refused row by row."""
_IN_TYPED = ("float", "int", "str", "bool", "datetime", "date", "struct")
"""What items of a typed list are; lists of all else hold what JSON holds, unchecked."""

_PARTS = ("media_assets.parts", "Parts")
"""The class that a function reads parts of its row as; it is not imported to know."""

ACCEPTED = (
    "`Image.Image` or another medium, `float`, `int`, `str`, `bool`, `datetime`, `date`, "
    "`bytes`, a `TypedDict`, a `dict` or `list` of what JSON holds, or "
    "`Annotated[list[float], ma.Length(512)]`"
)
"""What a column may hold, for messages."""
_LONGEST = 100_000
"""DuckDB's longest array."""


@dataclass(frozen=True, slots=True)
class Length:
    """Says how many numbers an array has: `Annotated[list[float], ma.Length(512)]`.

    A column of such arrays is DuckDB's `FLOAT[512]`. Each number has 32 bits.
    """

    numbers: int

    def __post_init__(self) -> None:
        """Refuses a length that no array has, by a `DeclarationError`."""
        if isinstance(self.numbers, bool) or not 1 <= self.numbers <= _LONGEST:
            raise DeclarationError(
                what=f"Length({self.numbers!r}) is the length of no array.",
                accepted=f"A whole number from 1 to {_LONGEST:,}.",
                fix="Write it like Annotated[list[float], ma.Length(512)].",
            )


def column_type_of(annotation: object, *, is_batch: bool = False) -> ColumnType | None:
    """Returns what an annotation stands for, None where that is no type of a column.

    `X | None` counts as X. With `is_batch` it is a list of X.
    """
    if is_batch:
        arguments = typing.get_args(annotation)
        is_list = typing.get_origin(annotation) is list and len(arguments) == 1
        return column_type_of(arguments[0]) if is_list else None
    annotation, _ = _without_none(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return _annotated(annotation)
    origin = _class_of(annotation)
    origin = Image.Image if origin is Animation else origin
    if origin is not None and (medium := medium_of_class(origin)) is not None:
        return medium.type
    if origin is not None and (asked := _only_asked(origin)) is not None:
        return asked
    if any(map(_is_beyond_json, typing.get_args(annotation))):
        return None
    return _within(annotation, ()) if _is_checked(annotation) else _TYPES.get(origin)


def is_animation(annotation: object, *, is_batch: bool = False) -> bool:
    """Whether an annotation is `Animation`, also with None; with `is_batch` a list of it."""
    if is_batch:
        annotation = (*typing.get_args(annotation), None)[0]
    return _without_none(annotation)[0] is Animation


def is_nullable(annotation: object, *, is_batch: bool = False) -> bool:
    """Whether an annotation is `X | None`; with `is_batch` whether it is a list of those."""
    if is_batch:
        annotation = (*typing.get_args(annotation), None)[0]
    return _without_none(annotation)[1]


def type_to_read(column_type: ColumnType, asked: ColumnType) -> ColumnType | None:
    """Returns how a parameter gets what a column holds, None where its annotation does not fit.

    A `dict` or `list` of anything takes each of its kind, also the other way round; arrays and
    lists of numbers are read as either, and as NumPy arrays.

    >>> type_to_read(ColumnType("list[str]"), ColumnType.LIST)
    'list[str]'
    """
    if asked is column_type or (asked is ColumnType.DICT and column_type.kind == "struct"):
        return column_type
    if column_type is ColumnType.DICT and asked.kind == "struct":
        return asked
    has_numbers = column_type.kind == "array" or column_type in ("list[float]", "list[int]")
    if asked.kind == "ndarray":
        is_fit = has_numbers and asked.length in (0, column_type.length)
        return asked if is_fit else None
    is_any_list = asked is ColumnType.LIST and column_type.kind in ("list", "array")
    if is_any_list or (asked == "list[float]" and has_numbers):
        return column_type
    return asked if column_type is ColumnType.LIST and asked.kind == "list" else None


def _without_none(annotation: object) -> tuple[object, bool]:
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return annotation, False
    given = typing.get_args(annotation)
    members = [member for member in given if member is not types.NoneType]
    is_plain = len(members) == 1
    return (members[0] if is_plain else annotation), is_plain and len(given) > 1


def _annotated(annotation: object) -> ColumnType | None:
    """Returns an array where a length is given; other remarks mean nothing here."""
    of, *remarks = typing.get_args(annotation)
    lengths = [remark for remark in remarks if isinstance(remark, Length)]
    if not lengths:
        return column_type_of(of)
    origin = _class_of(of)
    if origin is not None and _is_ndarray(origin):
        return ColumnType(f"ndarray[{lengths[-1].numbers}]")
    return ColumnType.array_of(lengths[-1].numbers) if of == list[float] else None


def _class_of(annotation: object) -> type[object] | None:
    """Returns the class of an annotation, without what it is a list or dict of."""
    origin: object = typing.get_origin(annotation) or annotation
    return cast("type[object]", origin) if isinstance(origin, type) else None


def _only_asked(origin: type) -> ColumnType | None:
    """Returns what only a parameter is: NumPy's array, or the parts of the row."""
    if (origin.__module__, origin.__name__) == _PARTS:
        return ColumnType.PARTS
    return ColumnType("ndarray") if _is_ndarray(origin) else None


def _is_ndarray(origin: type) -> bool:
    """Whether a class is NumPy's array; NumPy is not imported to know."""
    return origin.__module__ == "numpy" and origin.__name__ == "ndarray"


def _is_checked(annotation: object) -> bool:
    """Whether all that a value can hold is known: it is a `TypedDict`, or a list of such types."""
    return typing.is_typeddict(annotation) or _typed_list(annotation, ()) is not None


def _typed_list(annotation: object, around: tuple[object, ...]) -> ColumnType | None:
    """Returns a list of which all that it can hold is known; None for others."""
    if typing.get_origin(annotation) is not list:
        return None
    item = _within(typing.get_args(annotation)[0], around)
    is_typed = item is not None and (item.kind in _IN_TYPED or item.item is not None)
    return ColumnType.list_of(item) if item is not None and is_typed else None


def _struct(kind: type, around: tuple[object, ...]) -> ColumnType | None:
    """Returns what a `TypedDict` stands for; None where it holds what no column can, or itself."""
    hints = typing.get_type_hints(kind)
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    fields: dict[str, ColumnType] = {}
    for name, hint in hints.items():
        found = _within(hint, (*around, kind))
        if found is None:
            return None
        fields[name] = found if name in required else found.or_none
    are_apart = len({name.lower() for name in fields}) == len(fields)  # as DuckDB has it
    return ColumnType.struct_of(fields) if fields and are_apart and kind not in around else None


def _within(annotation: object, around: tuple[object, ...]) -> ColumnType | None:
    """Returns what an annotation within a list or a `TypedDict` stands for."""
    annotation, is_optional = _without_none(annotation)
    origin = _class_of(annotation)
    if origin is None or origin in around:
        return None
    found = _typed_list(annotation, around)
    if found is None and typing.is_typeddict(origin):
        found = _struct(origin, around)
    if found is None and not _is_beyond_json(annotation):
        found = _TYPES.get(origin)
    return found.or_none if found is not None and is_optional else found


def _is_beyond_json(annotation: object) -> bool:
    """Whether an annotation names, or one within it, something that JSON has not."""
    origin = _class_of(annotation)
    if origin is not None and issubclass(origin, _NOT_IN_JSON):
        return True
    return any(map(_is_beyond_json, typing.get_args(annotation)))
