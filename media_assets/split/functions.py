"""Splitters from a function of one's own, which yields the parts of a row."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any, Self, cast

from PIL import Image

from media_assets.code_versions import source_version
from media_assets.columns import check_name, encode_row_value, types_to_read
from media_assets.columns.signature import read_hints, read_parameters
from media_assets.errors import DeclarationError, PartError, PartsMissingError
from media_assets.media_types import medium_of
from media_assets.split.part_keys import check_part_key
from media_assets.split.part_schema import Schema, read_schema
from media_assets.split.splitter import Part, Splitter, check_count, version_of
from media_assets.values import ColumnType

_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class FunctionSplitter(Splitter):
    """Splits rows by a function; made by `splitter_of`.

    Attributes:
        function: As the user wrote it.
        schema: What it yields.
    """

    function: Callable[..., object]
    schema: Schema = field(hash=False)

    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        """Yields the parts in the order of the function.

        Raises:
            PartError: What the function yields is no part.
            BaseException: Whatever the function raises.
        """
        given = cast("Mapping[str, object]", source)
        made = self.function(**given)
        if not isinstance(made, Iterable) or isinstance(made, str | bytes):
            raise PartsMissingError(type(made).__name__)
        parts = iter(cast("Iterable[object]", made))
        try:
            # `map` holds no part while the one who gets it works on it: it may be a large image.
            yield from map(partial(self._part, skip, max_parts, set[str]()), count(), parts)
        finally:
            getattr(parts, "close", lambda: None)()

    def _part(
        self,
        skip: Callable[[str], bool],
        max_parts: int,
        keys: set[str],
        position: int,
        made: object,
    ) -> Part:
        check_count(position + 1, max_parts, parts="parts", fewer="fewer of them")
        checked = self._checked(position, made, keys)
        return replace(checked, value=None) if skip(checked.key) else checked

    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        """Returns a part by its key; the function is called again for it."""
        del fields
        parts = self.split(source, lambda key: key != part_key, 2**63)
        return next((part.value for part in parts if part.key == part_key), None)

    def reading(self, types: Mapping[str, ColumnType]) -> Self:
        """Returns the splitter of a table whose columns hold these types.

        Raises:
            UnknownNameError: The function reads a column that the table does not have.
            DeclarationError: It reads one as another type, or an index value has its name.
        """
        found = types_to_read(self.name, self.input_types, types)
        for name in [self.column, *self.fields]:
            if name in types:
                raise DeclarationError(
                    what=f"`{self.schema.parts.__name__}.{name}` of derived table {self.name!r} "
                    "has the name of a column of its parent.",
                    accepted="The parent's columns can be read in a derived table, so its own have "
                    "other names.",
                    fix="Give the field another name.",
                )
        return replace(self, input_types=found)

    def _checked(self, position: int, made: object, keys: set[str]) -> Part:
        """Returns a part, after checking what the function yielded."""
        schema = self.schema
        if not isinstance(made, schema.parts):
            raise PartError(
                position,
                problem=f"is of the type {type(made).__name__}",
                accepted=f"The function yields `{schema.parts.__name__}`, as it is annotated.",
                fix="Yield that, or correct the annotation.",
            )
        named: Mapping[str, object] = cast("Any", made)._asdict()
        key = check_part_key(named.get("key", f"{position:06d}"), position, keys)
        fields = {name: named[name] for name in schema.values}
        for name, value in schema.values.items():
            try:
                encode_row_value(value, fields[name])
            except ValueError as error:
                fix = "Convert it in the function, or annotate the field as what it is."
                accepted = f"`{schema.parts.__name__}.{name}` is annotated as `{value.type}`."
                problem = f"has an unusable {name!r} ({error})"
                raise PartError(position, problem=problem, accepted=accepted, fix=fix) from error
        medium = named[schema.medium]
        if not _can_write(medium, schema.type):
            raise PartError(
                position,
                problem=f"has a {schema.medium!r} of the type {type(medium).__name__}",
                accepted=f"It is annotated as `{schema.type}`.",
                fix="Yield an image of Pillow, a handle, or the `Path` of a file, as it fits; and "
                "no part where there is none.",
            )
        return Part(key, fields, medium)


def splitter_of(
    function: Callable[..., object], *, name: str | None = None, code_version: str | None = None
) -> FunctionSplitter:
    """Returns the splitter that a function stands for.

    Its parameters are columns of the parent, as those of a row function. It is annotated with
    `Iterator[Face]`, or a list or the like, where `Face` is a `NamedTuple`: its one field of a
    medium is the derived table's source column, and its other fields are index values. The key of
    a part is its position, from 0 in six digits, or the field `key: str`.

    Args:
        function: It yields the parts of a row, or returns them in a list.
        name: The derived table's; by default the function's.
        code_version: Changes when rows are to be split again; by default a digest of the function.

    Raises:
        DeclarationError: A name or an annotation cannot be used.
    """
    name = check_name(name or getattr(function, "__name__", ""), what="Derived table")
    of = f"derived table {name!r}"
    if not callable(function):
        raise DeclarationError(
            what=f"The splitter of {of} is {function!r}.",
            accepted="A splitter such as `ma.split.frames(fps=1)`, or a function yielding parts.",
            fix="Pass one of these, or use `derived_table` as a decorator.",
        )
    if any(is_kind(function) for is_kind in _ASYNCHRONOUS):
        raise DeclarationError(
            what=f"The function of {of} is asynchronous.",
            accepted="A function that yields the parts of a row, or returns them in a list.",
            fix="Write it with `def`, and leave calls of services to the table's columns.",
        )
    hints = read_hints(function, of)
    taken = read_parameters(function, hints, of=of)
    if taken.source_files or taken.animations:
        raise DeclarationError(
            what=f"The function of {of} takes a `ma.SourceFile` or a `ma.Animation`.",
            accepted="A function of what the parent's columns hold; of an image, the first frame.",
            fix="Read these in a column of the parent, and let the function take that.",
        )
    schema = read_schema(hints.get("return"), of)
    media = [kind for kind in taken.input_types.values() if kind.is_medium]
    values = {field: [value.type, value.is_nullable] for field, value in schema.values.items()}
    own = code_version or source_version(function, column=name)
    fields = [schema.medium, schema.type, values, schema.has_keys]
    version = version_of("function", _VERSION, own, fields)
    return FunctionSplitter(
        name=name,
        reads=media[0] if media else schema.type,
        makes=schema.type,
        column=schema.medium,
        fields=schema.annotations,
        code_version=version,
        part_version=version,
        description=(inspect.getdoc(function) or f"parts that `{name}` yields").partition("\n")[0],
        input_types=taken.input_types,
        resources=taken.resources,
        given=taken.given,
        function=function,
        schema=schema,
    )


_ASYNCHRONOUS = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)


def _can_write(medium: object, kind: ColumnType) -> bool:
    if kind is ColumnType.IMAGE:
        return isinstance(medium, Image.Image)
    return medium_of(kind).can_write(medium)
