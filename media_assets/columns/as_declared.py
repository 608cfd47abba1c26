"""What a function was when it was declared, by which a process that imports it anew is judged."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FunctionType

from media_assets.code_versions import source_version
from media_assets.errors import CodeDiffersError, DeclarationError

_PLAIN = (str, int, float, bool, bytes, type(None))


@dataclass(frozen=True, slots=True)
class AsDeclared:
    """A function's source, and the plain values of the globals that it reads.

    Attributes:
        source: The digest of its source; None if it has none.
        values: The globals, by name, as a text of each value.
        process: Where it was declared.
    """

    source: str | None
    values: Mapping[str, str] = field(repr=False)
    process: int

    @classmethod
    def of(cls, function: Callable[..., object]) -> "AsDeclared":
        """Describes a function of this process."""
        return cls(_source(function), _values(function), os.getpid())

    def expected_of(self, function: Callable[..., object]) -> "Expected":
        """Returns what a process has to find that imports the function's module now.

        Of the globals, those that were set after the function was declared: all others are what
        its module makes of them, there as here.
        """
        now = _values(function) if self.process == os.getpid() else {}
        changed = {name: text for name, text in now.items() if self.values.get(name, text) != text}
        return Expected(self.source, changed)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a function has to be, wherever it is called."""

    source: str | None
    values: Mapping[str, str] = field(repr=False)

    def check(self, function: Callable[..., object], *, column: str) -> None:
        """Checks what this process imported.

        Raises:
            CodeDiffersError: It is not what the caller expects.
        """
        if self.source and (_source(function) or self.source) != self.source:
            raise CodeDiffersError(column, function.__module__)
        found = _values(function) if self.values else {}
        for name, text in self.values.items():
            if found.get(name) != text:
                raise CodeDiffersError(column, function.__module__, name=name)


def _source(function: Callable[..., object]) -> str | None:
    return _source_of(function) if isinstance(function, FunctionType) else None


@cache
def _source_of(function: FunctionType) -> str | None:
    try:
        return source_version(function, column="")
    except DeclarationError:
        return None


def _values(function: Callable[..., object]) -> dict[str, str]:
    code, known = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    names = set(_names(code)) if isinstance(code, CodeType) else set[str]()
    return {name: repr(known[name]) for name in names if type(known.get(name, known)) in _PLAIN}


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
