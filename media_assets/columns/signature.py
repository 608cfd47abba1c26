"""The signature of a row function: the columns and values that it takes, and its result."""

import inspect
import logging
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import dagster as dg

from media_assets.columns.annotations import (
    ACCEPTED,
    column_type_of,
    is_animation,
    is_nullable,
)
from media_assets.columns.asset_values import AssetValue, annotated_class
from media_assets.errors import DeclarationError
from media_assets.images.source_file import SourceFile
from media_assets.values import ColumnType

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_RESOURCE_MARK = typing.get_args(dg.ResourceParam[int])[1]


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a row function takes.

    Attributes:
        input_types: The type of each column that it reads, by name.
        resources: The Dagster resources that it takes.
        given: The other parameters that it takes: `row`, `partition_key`, `log`.
        ins: The outside assets whose values it takes, by parameter name.
        source_files: The parameters that receive the facts of the row's source file.
        animations: The parameters that receive all frames of an image; with `return`, if it returns
            frames.
    """

    input_types: Mapping[str, ColumnType]
    resources: tuple[str, ...]
    given: tuple[str, ...]
    ins: Mapping[str, AssetValue]
    source_files: tuple[str, ...]
    animations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Signature(Parameters):
    """What a row function takes and returns.

    Attributes:
        returns: The type of its column.
        is_nullable: Whether it may also return None, by its annotation.
        is_async: Whether it is an `async def`, or an object whose call is one.
    """

    returns: ColumnType
    is_nullable: bool
    is_async: bool


def read_signature(
    function: Callable[..., object],
    *,
    column: str,
    is_batch: bool,
    ins: Mapping[str, dg.AssetKey] | None = None,
) -> Signature:
    """Returns the signature of a row function; the annotations of a batch function are lists.

    A parameter annotated with a Dagster resource receives the resource of that name. Parameters
    with default values are left to the function. `row: str` (a list in a batch function) and
    `partition_key: str` receive these keys, `log: logging.Logger` the step's log. A parameter
    annotated with `SourceFile` receives what the row's source file says of itself. A parameter in
    `ins` receives the value of its asset, whatever its annotation.

    Raises:
        DeclarationError: An annotation is missing, cannot be read, or is none of these; the
            function is a generator; or `ins` names a parameter that it lacks.
    """
    of = f"column {column!r}"
    _refuse_other_kinds(function, of)
    hints = read_hints(function, of)
    taken = read_parameters(function, hints, of=of, is_batch=is_batch, ins=ins)
    return Signature(
        taken.input_types,
        taken.resources,
        taken.given,
        taken.ins,
        taken.source_files,
        taken.animations,
        _return_type(hints, column, is_batch=is_batch),
        is_nullable(hints.get("return"), is_batch=is_batch),
        _is_kind(function, inspect.iscoroutinefunction),
    )


def read_parameters(
    function: Callable[..., object],
    hints: Mapping[str, object],
    *,
    of: str,
    is_batch: bool = False,
    ins: Mapping[str, dg.AssetKey] | None = None,
) -> Parameters:
    """Returns what a row function takes, as `read_signature` does.

    Args:
        function: The function.
        hints: From `read_hints`.
        of: What it is the function of: "column 'flipped'".
        is_batch: Whether it takes lists.
        ins: The asset of each parameter that takes an outside asset's value.

    Raises:
        DeclarationError: A parameter cannot be understood, or none is a column.
    """
    inputs: dict[str, ColumnType] = {}
    resources: list[str] = []
    given: list[str] = []
    values: dict[str, AssetValue] = {}
    files: list[str] = []
    keys = dict(ins or {})
    for parameter in inspect.signature(function).parameters.values():
        annotation = hints.get(parameter.name)
        if _is_resource(annotation):
            resources.append(parameter.name)
        elif _is_given(parameter.name, annotation, is_batch=is_batch):
            given.append(parameter.name)
        elif annotation == (list[SourceFile] if is_batch else SourceFile):
            files.append(parameter.name)
        elif parameter.name in keys and parameter.kind in _BY_NAME:
            values[parameter.name] = AssetValue(
                keys.pop(parameter.name), annotated_class(annotation)
            )
        elif parameter.default is parameter.empty:
            inputs[parameter.name] = _input_type(parameter, annotation, of, is_batch=is_batch)
    if keys:
        raise _not_taken(of, keys, inspect.signature(function))
    if not inputs and not files:
        raise DeclarationError(
            what=f"The row function of {of} does not read a column.",
            accepted="A row function reads at least one column, by parameter names.",
            fix="Write it like `def flipped(source_image: Image.Image) -> Image.Image`.",
        )
    return Parameters(
        inputs,
        tuple(resources),
        tuple(given),
        values,
        tuple(files),
        frozenset(n for n, hint in hints.items() if is_animation(hint, is_batch=is_batch)),
    )


def _is_kind(function: Callable[..., object], is_kind: Callable[[object], bool]) -> bool:
    called = getattr(type(function), "__call__", function)  # noqa: B004  an object may be called
    return is_kind(function) or is_kind(called)


def _not_taken(
    of: str, keys: Mapping[str, dg.AssetKey], signature: inspect.Signature
) -> DeclarationError:
    name, owner = next(iter(keys)), of[0].upper() + of[1:]
    return DeclarationError(
        what=f"{owner} has an asset for {name!r} in ins=, but its function {signature} "
        "has no parameter of that name to pass it to.",
        accepted="Each name in ins= is a parameter that is not a resource, `row`, "
        "`partition_key` or `log`.",
        fix=f"Add the parameter {name!r}, or correct the name.",
    )


def _refuse_other_kinds(function: Callable[..., object], of: str) -> None:
    """Refuses a function whose call does not return a value directly."""
    kinds = {
        "an asynchronous generator": inspect.isasyncgenfunction,
        "a generator": inspect.isgeneratorfunction,
    }
    for kind, is_kind in kinds.items():
        if _is_kind(function, is_kind):
            raise DeclarationError(
                what=f"The row function of {of} is {kind}.",
                accepted="A function that is called with the cells of a row and returns one value.",
                fix="Write it with `def` or `async def`, and return the value: no `yield`.",
            )


def read_hints(function: Callable[..., object], of: str) -> dict[str, object]:
    """Returns the annotations of a function; `of` says what it is the function of.

    Raises:
        DeclarationError: They name what does not exist.
    """
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise DeclarationError(
            what=f"The annotations of {of} cannot be read: {error}.",
            accepted="Annotations name types that exist where the function is defined.",
            fix="Import the names that they use.",
        ) from error


def _return_type(hints: Mapping[str, object], column: str, *, is_batch: bool) -> ColumnType:
    found = column_type_of(hints.get("return"), is_batch=is_batch)
    if found is not None and found.kind == "ndarray" and found.length:
        return ColumnType.array_of(found.length)
    if found is not None and found.kind not in ("ndarray", "parts"):
        return found
    what = f"returns `{hints['return']}`" if "return" in hints else "has no return annotation"
    raise DeclarationError(
        what=f"The row function of column {column!r} {what}.",
        accepted=f"A row function returns {ACCEPTED}, or one of these or None; with batch_size=, a "
        "list of those, one for each row.",
        fix=f"Annotate it, for example `-> {_example(is_batch=is_batch)}`.",
    )


def _input_type(
    parameter: inspect.Parameter, annotation: object, of: str, *, is_batch: bool
) -> ColumnType:
    found = column_type_of(annotation, is_batch=is_batch)
    if found is not None and parameter.kind in _BY_NAME:
        return found
    raise DeclarationError(
        what=f"Parameter {str(parameter)!r} of {of} does not say what it reads.",
        accepted="Each parameter is named after a column and annotated with the column's type: "
        f"{ACCEPTED} (with batch_size=, a list of those); or it is named after a Dagster resource "
        "and annotated with its class; or it is `row: str`, `partition_key: str`, "
        "`log: logging.Logger` or `source: ma.SourceFile`.",
        fix=f"Write it like `source_image: {_example(is_batch=is_batch)}`.",
    )


def _example(*, is_batch: bool) -> str:
    return "list[Image.Image]" if is_batch else "Image.Image"


def _is_given(name: str, annotation: object, *, is_batch: bool) -> bool:
    match name:
        case "row":
            return column_type_of(annotation, is_batch=is_batch) is ColumnType.STR
        case "partition_key":
            return annotation is str
        case "log":
            return isinstance(annotation, type) and issubclass(annotation, logging.Logger)
        case _:
            return False


def _is_resource(annotation: object) -> bool:
    if typing.get_origin(annotation) is typing.Annotated:
        return _RESOURCE_MARK in typing.get_args(annotation)[1:]
    return isinstance(annotation, type) and issubclass(annotation, dg.ConfigurableResource)
