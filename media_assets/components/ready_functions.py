"""Row functions made from transforms and the options that they are called with."""

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast, get_type_hints

from PIL import Image
from pydantic import ConfigDict, ValidationError, create_model

from media_assets import split, transforms
from media_assets.code_versions import source_version
from media_assets.columns import RetryOn
from media_assets.errors import DeclarationError
from media_assets.pixels.animation import Animation
from media_assets.split import Splitter

if TYPE_CHECKING:
    Transform = str
else:
    Transform = Literal[tuple(transforms.__all__)]
"""The name of a transform."""


def ready_function(
    transform: str,
    options: Mapping[str, object],
    *,
    column: str,
    reads: str,
    passes_null: bool = False,
    animated: bool = False,
) -> Callable[..., object]:
    """Returns the row function that calls a transform of `media_assets.transforms`.

    Args:
        transform: The transform's name.
        options: Its arguments by name, without the first; lists are passed as tuples.
        column: The column, which names the function and appears in errors.
        reads: The column that it reads.
        passes_null: Whether a null cell of that column makes a null cell, and not an error.
        animated: Whether it is called with every frame of an image, and makes an animation.

    Raises:
        DeclarationError: An option is missing, unknown, or of the wrong type.
    """
    function = cast("Callable[..., object]", getattr(transforms, transform))
    hints = get_type_hints(function)
    arguments = _check_options(function, hints, options, column=column, transform=transform)
    taken, returned = hints[next(iter(inspect.signature(function).parameters))], hints["return"]
    if animated:
        if (taken, returned) != (Image.Image, Image.Image):
            raise DeclarationError(
                what=f"Column {column!r} has animated=True, and {transform} makes no image of an "
                "image.",
                accepted="A transform of images into images, which is called with every frame.",
                fix="Drop animated, or choose another transform, such as thumbnail.",
            )
        function = _of_all_frames(function)
        taken = returned = Animation
    if passes_null:
        taken, returned = taken | None, returned | None

    def apply(**cells: object) -> object:
        return None if cells[reads] is None else function(cells[reads], **arguments)

    parameter = inspect.Parameter(reads, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=taken)
    cast("Any", apply).__signature__ = inspect.Signature([parameter], return_annotation=returned)
    apply.__annotations__ = {reads: taken, "return": returned}
    apply.__name__ = apply.__qualname__ = column
    apply.__doc__ = (inspect.getdoc(function) or "").partition("\n")[0]
    return apply


def _of_all_frames(function: Callable[..., object]) -> Callable[..., object]:
    @wraps(function)
    def apply(animation: Animation, **arguments: object) -> Animation:
        return animation.map(lambda frame: cast("Image.Image", function(frame, **arguments)))

    return apply


def ready_version(transform: str, options: Mapping[str, object]) -> str:
    """Returns a code version that changes with the transform's code and with the options."""
    version = source_version(getattr(transforms, transform), column=transform)
    text = json.dumps(dict(options), sort_keys=True)
    return f"{transform}-{version}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _check_options(
    function: Callable[..., object],
    hints: Mapping[str, object],
    options: Mapping[str, object],
    *,
    column: str,
    transform: str,
) -> dict[str, object]:
    """Returns the options in the types of the transform's annotations."""
    _, *parameters = inspect.signature(function).parameters.values()
    fields = {
        p.name: (hints[p.name], ... if p.default is p.empty else p.default) for p in parameters
    }
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    model = create_model(transform, __config__=config, **cast("dict[str, Any]", fields))
    try:
        checked = model.model_validate(dict(options))
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DeclarationError(
            what=f"The options of column {column!r} do not fit {transform}: {'; '.join(problems)}.",
            accepted=f"The arguments of media_assets.transforms.{transform}: "
            f"{', '.join(map(str, parameters)) or 'none'}.",
            fix="Write them below options:, for example `size: [128, 128]`.",
        ) from error
    return {name: getattr(checked, name) for name in options}


def import_function(path: str) -> Callable[..., object]:
    """Returns a function by module and name: `"shop.functions.toned"`.

    Raises:
        DeclarationError: The module cannot be imported, or has no such function.
    """
    module, _, name = path.rpartition(".")
    try:
        found = getattr(import_module(module), name, None) if module else None
    except ModuleNotFoundError as error:
        found, problem = None, f": {error}"
    else:
        problem = ""
    if callable(found):
        return found
    raise DeclarationError(
        what=f"There is no function {path!r}{problem}.",
        accepted="A function by module and name, such as shop.functions.toned.",
        fix="Correct the path. The module must be in your project's package, or installed.",
    )


def import_errors(names: str | Sequence[str] | None) -> RetryOn | None:
    """Returns classes of errors by their names: `ConnectionError`, or with a module.

    Raises:
        DeclarationError: There is no such class.
    """
    if names is None:
        return None
    listed = [names] if isinstance(names, str) else names
    paths = [name if "." in name else f"builtins.{name}" for name in listed]
    return cast("RetryOn", [import_function(path) for path in paths])


def ready_splitter(name: str, options: Mapping[str, object], *, table: str) -> Splitter:
    """Returns a splitter of `media_assets.split` by its name.

    Raises:
        DeclarationError: An option is none of the splitter's, or cannot be used.
    """
    splitter: Callable[..., Splitter] = getattr(split, name)
    accepted = list(inspect.signature(splitter).parameters)
    if unknown := sorted(options.keys() - set(accepted)):
        raise DeclarationError(
            what=f"Derived table {table!r} has the option {unknown[0]!r} of split: {name}.",
            accepted=f"Options: {', '.join(accepted)}.",
            fix="Drop or correct it.",
        )
    return splitter(**options)
