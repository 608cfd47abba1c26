"""Columns as values: what was uploaded, and functions of other columns."""

import hashlib
import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from PIL import Image

from media_assets.code_versions import source_version
from media_assets.destinations import parse_destination
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.images import Encoding, check_encoding
from media_assets.values import ColumnType

Declared = str | Callable[[], str | None]
"""A destination as a table declares it: text, or a callable that is asked when a run starts."""

SOURCE_CODE_VERSION = "upload"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_VALUE_TYPES: dict[object, ColumnType] = {
    float: ColumnType.FLOAT,
    int: ColumnType.INT,
    str: ColumnType.STR,
    bool: ColumnType.BOOL,
    dict: ColumnType.DICT,
    list: ColumnType.LIST,
}


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """The column of what was uploaded."""

    name: str
    destination: Declared | None = None
    description: str | None = None

    @property
    def type(self) -> ColumnType:
        """A source column always holds images."""
        return ColumnType.IMAGE

    @property
    def inputs(self) -> tuple[str, ...]:
        """A source column reads no other column."""
        return ()

    @property
    def code_version(self) -> str:
        """No code of a user takes part in a source column."""
        return SOURCE_CODE_VERSION


@dataclass(frozen=True, slots=True)
class ComputedColumn:
    """A column whose cells a row function computes from cells of other columns."""

    name: str
    function: Callable[..., object]
    inputs: tuple[str, ...]
    type: ColumnType
    code_version: str
    destination: Declared | None = None
    encoding: Encoding | None = None
    reads_at: tuple[int, int] | None = None
    description: str | None = None
    input_types: Mapping[str, ColumnType] = field(default_factory=dict[str, ColumnType])
    asset_options: Mapping[str, object] = field(default_factory=dict[str, object])


Column = SourceColumn | ComputedColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOptions:
    """What `MediaTable.computed_column` accepts, unchecked."""

    name: str | None = None
    destination: Declared | None = None
    format: str | None = None
    save_options: Mapping[str, object] | None = None
    code_version: str | None = None
    reads_at: tuple[int, int] | None = None
    description: str | None = None
    asset_options: Mapping[str, object] = field(default_factory=dict[str, object])


def declare_column(function: Callable[..., object], options: ColumnOptions) -> ComputedColumn:
    """Checks a row function and its options, and returns the column that they make.

    Raises:
        DeclarationError: A name, annotation, destination, format or option is not usable.
    """
    name = check_name(options.name or getattr(function, "__name__", ""), what="Column")
    hints = _type_hints(function, name)
    column_type = _return_type(hints, name)
    inputs = _input_types(function, hints, name)
    is_image = column_type is ColumnType.IMAGE
    file_options = (options.destination, options.format, options.save_options)
    if not is_image and any(option is not None for option in file_options):
        raise DeclarationError(
            f"Column {name!r} returns `{column_type}`, a value without a file, "
            "and names a destination, format or save options.",
            accepted="Those are for columns that return `Image.Image`.",
            fix="Drop them, or return an image.",
        )
    check_declared_destination(options.destination, column=name)
    encoding = check_encoding(options.format, options.save_options or {}) if is_image else None
    return ComputedColumn(
        name=name,
        function=function,
        inputs=tuple(inputs),
        type=column_type,
        code_version=_code_version(function, name, options),
        destination=options.destination,
        encoding=encoding,
        reads_at=_check_reads_at(options.reads_at, column=name),
        description=options.description or inspect.getdoc(function),
        input_types=inputs,
        asset_options=options.asset_options,
    )


def check_name(name: str, *, what: str) -> str:
    """Returns the name when Dagster, SQL and every store can hold it as it is."""
    if _NAME.fullmatch(name):
        return name
    raise DeclarationError(
        f"{what} name {name!r} cannot be used.",
        accepted="A name starts with a lower-case letter and goes on with lower-case letters, digits "
        "and underscores, 63 characters at most.",
        fix="Name it like `large_thumbnail` (a lambda needs name=).",
    )


def check_declared_destination(destination: Declared | None, *, column: str) -> None:
    """Refuses a destination that cannot be understood; a callable is asked only by a run."""
    if isinstance(destination, str):
        parse_destination(destination, source=f"column {column!r}")


def in_order(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Returns columns such that each stands after all columns that it reads.

    Raises:
        UnknownNameError: A row function has a parameter that names no column.
        DeclarationError: Columns read each other in a circle, or a parameter's annotation is not
            what its column holds.
    """
    by_name = {column.name: column for column in columns}
    for column in by_name.values():
        if isinstance(column, ComputedColumn):
            _check_inputs(column, by_name)
    try:
        names = tuple(TopologicalSorter({n: c.inputs for n, c in by_name.items()}).static_order())
    except CycleError as error:
        circle: Sequence[str] = error.args[1]
        raise DeclarationError(
            f"Columns read each other in a circle: {' -> '.join(reversed(circle))}.",
            accepted="A column may read the source column and columns that do not read it.",
            fix="Let one of them read something else.",
        ) from error
    # Declaration order among independent columns: what people see is the order they wrote.
    rank = {name: position for position, name in enumerate(by_name)}
    depth: dict[str, int] = {}
    for name in names:
        depth[name] = 1 + max((depth[i] for i in by_name[name].inputs), default=-1)
    return tuple(by_name[name] for name in sorted(names, key=lambda n: (depth[n], rank[n])))


def _check_inputs(column: ComputedColumn, by_name: Mapping[str, Column]) -> None:
    for name, expected in column.input_types.items():
        if name not in by_name:
            raise UnknownNameError(
                "column", name, known=by_name, where=f"parameter of row function {column.name!r}"
            )
        actual = by_name[name].type
        if actual is not expected:
            raise DeclarationError(
                f"Row function {column.name!r} annotates {name!r} as `{expected}`, "
                f"and column {name!r} holds `{actual}`.",
                accepted="A parameter's annotation is what its column holds.",
                fix=f"Annotate {name!r} as `{actual}`.",
            )


def _type_hints(function: Callable[..., object], column: str) -> dict[str, object]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError) as error:
        raise DeclarationError(
            f"The annotations of column {column!r} cannot be read: {error}.",
            accepted="Annotations name types that exist where the function is defined.",
            fix="Import what they name.",
        ) from error


def _return_type(hints: Mapping[str, object], column: str) -> ColumnType:
    if "return" in hints and (column_type := _column_type(hints["return"])) is not None:
        return column_type
    found = f"returns `{hints['return']}`" if "return" in hints else "has no return annotation"
    raise DeclarationError(
        f"The row function of column {column!r} {found}.",
        accepted="An image column returns `Image.Image`; a value column returns "
        "`float`, `int`, `str`, `bool`, `dict` or `list`.",
        fix="Annotate it, for example `-> Image.Image`.",
    )


def _input_types(
    function: Callable[..., object], hints: Mapping[str, object], column: str
) -> dict[str, ColumnType]:
    inputs: dict[str, ColumnType] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty:
            continue  # a setting of the function's own, not a column
        column_type = _column_type(hints.get(parameter.name))
        is_named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if column_type is None or not is_named:
            raise DeclarationError(
                f"Parameter {str(parameter)!r} of column {column!r} does not say what it reads.",
                accepted="Each parameter is named like a column and annotated with what the "
                "column holds: `Image.Image`, `float`, `int`, `str`, `bool`, `dict` or `list`.",
                fix="Write it like `source_image: Image.Image`.",
            )
        inputs[parameter.name] = column_type
    if not inputs:
        raise DeclarationError(
            f"The row function of column {column!r} reads no column.",
            accepted="A computed column reads at least one column, by parameter names.",
            fix="Write it like `def flipped(source_image: Image.Image) -> Image.Image`.",
        )
    return inputs


def _column_type(annotation: object) -> ColumnType | None:
    """Returns what an annotation stands for; `X | None` counts as X."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [a for a in typing.get_args(annotation) if a is not types.NoneType]
        return _column_type(members[0]) if len(members) == 1 else None
    annotation = typing.get_origin(annotation) or annotation
    if isinstance(annotation, type) and issubclass(annotation, Image.Image):
        return ColumnType.IMAGE
    return _VALUE_TYPES.get(annotation)


def _check_reads_at(reads_at: tuple[int, int] | None, *, column: str) -> tuple[int, int] | None:
    if reads_at is None or (len(reads_at) == 2 and all(side > 0 for side in reads_at)):  # noqa: PLR2004  a width and a height
        return reads_at
    raise DeclarationError(
        f"Column {column!r} has reads_at={reads_at!r}.",
        accepted="A width and a height in pixels, both above 0.",
        fix="Write it like reads_at=(256, 256).",
    )


def _code_version(function: Callable[..., object], column: str, options: ColumnOptions) -> str:
    """A column's files depend on its function and on how they are encoded: both count."""
    version = options.code_version or source_version(function, column=column)
    output = {
        "format": options.format and options.format.upper(),
        "save_options": dict(options.save_options or {}),
        "reads_at": options.reads_at,
    }
    output = {key: value for key, value in output.items() if value}
    if not output:
        return version
    text = json.dumps(output, sort_keys=True, default=repr)
    return f"{version}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"
