"""What a splitting function yields: a `NamedTuple`, whose annotations are the schema."""

import typing
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from media_assets.columns import RowValue, check_name, value_type_of
from media_assets.columns.annotations import column_type_of, is_nullable
from media_assets.columns.signature import read_hints
from media_assets.errors import DeclarationError
from media_assets.values import ColumnType

_MANY = (Iterator, Iterable, Generator, Sequence, Collection, list)
_KEY, _PARENT = "key", "parent"
_FIX = (
    "Write `class Face(NamedTuple)` with `face: ma.Image` and `score: float`, and annotate the "
    "function with `-> Iterator[Face]`."
)


@dataclass(frozen=True, slots=True)
class Schema:
    """What each part of a splitting function has.

    Attributes:
        parts: The `NamedTuple`.
        medium: The name of its one field with a medium.
        type: The kind of that medium.
        values: Its index values, by name.
        annotations: Their annotations, as in `values=` of a table.
        has_keys: Whether it has a field `key`.
    """

    parts: type[tuple[object, ...]]
    medium: str
    type: ColumnType
    values: Mapping[str, RowValue]
    annotations: Mapping[str, object]
    has_keys: bool


def read_schema(annotation: object, of: str) -> Schema:
    """Returns the schema that the annotation of a function's result stands for.

    Args:
        annotation: Such as `Iterator[Face]`.
        of: What it is the function of: "derived table 'faces'".

    Raises:
        DeclarationError: It is none, or a field cannot be used.
    """
    parts = _parts_of(annotation)
    if parts is None:
        shown = "has no return annotation" if annotation is None else f"returns `{annotation}`"
        raise DeclarationError(
            what=f"The function of {of} {shown}.",
            accepted="It returns an iterator, or a list, of a `NamedTuple` whose fields are the "
            "medium of a part and its index values.",
            fix=_FIX,
        )
    hints = read_hints(parts, f"`{parts.__name__}` of {of}")
    media = {name: kind for name in hints if (kind := _medium_of(hints[name])) is not None}
    if len(media) != 1:
        found = " and ".join(repr(name) for name in media) or "none"
        raise DeclarationError(
            what=f"`{parts.__name__}` of {of} has {len(media)} fields of a medium: {found}.",
            accepted="Exactly one field holds the medium of a part: it is the derived table's "
            "source column.",
            fix="Let the table's computed columns make further media." if media else _FIX,
        )
    ((medium, kind),) = media.items()
    if is_nullable(hints[medium]):
        raise DeclarationError(
            what=f"`{parts.__name__}.{medium}` of {of} may be None.",
            accepted="Each part has its medium.",
            fix="Drop `| None`, and yield no part where there is no medium.",
        )
    check_name(medium, what="Column")
    if _KEY in hints and hints[_KEY] is not str:
        raise DeclarationError(
            what=f"`{parts.__name__}.key` of {of} is `{hints[_KEY]}`.",
            accepted="The key of a part, if there is one, is a `str`.",
            fix="Annotate it as `key: str`, or give the field another name.",
        )
    annotations = {name: hint for name, hint in hints.items() if name not in (medium, _KEY)}
    values = {name: _value(parts, name, hint, of) for name, hint in annotations.items()}
    if _PARENT in hints:
        raise DeclarationError(
            what=f"`{parts.__name__}` of {of} has a field {_PARENT!r}.",
            accepted="Any names but `parent`, which is the row that was split.",
            fix="Give the field another name.",
        )
    return Schema(parts, medium, kind, values, annotations, _KEY in hints)


def _parts_of(annotation: object) -> type[tuple[object, ...]] | None:
    """Returns the `NamedTuple` of which an annotation says that there are many."""
    if typing.get_origin(annotation) not in _MANY:
        return None
    item: object = next(iter(typing.get_args(annotation)), None)
    if not isinstance(item, type) or "_fields" not in vars(item):
        return None
    return cast("type[tuple[object, ...]]", item)


def _medium_of(hint: object) -> ColumnType | None:
    kind = column_type_of(hint)
    return kind if kind is not None and kind.is_medium else None


def _value(parts: type, name: str, hint: object, of: str) -> RowValue:
    kind = value_type_of(hint)
    if kind is None:
        raise DeclarationError(
            what=f"`{parts.__name__}.{name}` of {of} is `{hint}`.",
            accepted="Besides its medium, a part has values: str, int, float, bool, datetime, "
            "date, dict, list, a `TypedDict`, or a list of one of them; or one of these `| None`.",
            fix="Annotate it as one of these.",
        )
    return RowValue(check_name(name, what="Index value"), kind, is_nullable(hint))
