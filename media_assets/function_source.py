"""The source of a function: its own or none, in every version of Python."""

import ast
import functools
import inspect
import linecache
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import CodeType

_NAMES_OF_MANY = {"<string>", "<stdin>"}
"""What is typed, `eval` and `python -c` call their code: a name that says not whose it is."""


def own_source(function: Callable[..., object]) -> str:
    """Returns the text of a function, with its decorators; of a lambda, the expression alone.

    Python reads what stands at a function's line in the file of its name. That may be another's:
    other code has that name too, or the line begins with something else. So the two are compared.

    Raises:
        OSError: There is no source, or what stands there is another's.
        SyntaxError: What stands there is not Python.
        TypeError: Python never has the source of such an object, for example of a builtin.
    """
    inner = _unwrapped(function)
    code = getattr(inner, "__code__", None)
    if not isinstance(code, CodeType):
        return textwrap.dedent(inspect.getsource(inner))
    text = None
    if code.co_filename not in _NAMES_OF_MANY:
        lines = _lines(code, getattr(inner, "__globals__", {}))
        if code.co_name == "<lambda>":
            text = _lambdas(code, "".join(lines))
        elif lines or code.co_filename.startswith("<"):
            text = _definition(code, textwrap.dedent(inspect.getsource(inner)))
    if not text:
        problem = f"it is not what line {code.co_firstlineno} of {code.co_filename!r} holds"
        raise OSError(problem)
    return text


def _unwrapped(function: Callable[..., object]) -> Callable[..., object]:
    """The innermost function; what a partial binds is in no source."""

    def is_partial(found: object) -> bool:
        return isinstance(found, functools.partial)

    inner = inspect.unwrap(function, stop=is_partial)
    if is_partial(inner):
        problem = "a partial holds values that are in no source"
        raise TypeError(problem)
    return inner


def _lines(code: CodeType, names: dict[str, object]) -> list[str]:
    """The file of some code as it is now; if it is gone, its module as its loader knows it."""
    linecache.checkcache(code.co_filename)  # the module may have been edited, and loaded again
    lines = linecache.getlines(code.co_filename)
    if not lines and Path(str(names.get("__file__"))).name == Path(code.co_filename).name:
        return linecache.getlines(code.co_filename, names)
    return lines


def _lambdas(code: CodeType, text: str) -> str:
    """The lambdas with these parameters that begin on a line; if many do, they stand together."""
    found = (
        f"({ast.get_source_segment(text, node)})\n"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Lambda)
        and node.lineno == code.co_firstlineno
        and _has_parameters(code, node.args)
    )
    return "".join(sorted(found))


def _definition(code: CodeType, text: str) -> str | None:
    """The text, if it defines a function of this name with these parameters."""
    found = ast.parse(text).body[0]
    is_own = (
        isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef)
        and found.name == code.co_name
        and _has_parameters(code, found.args)
    )
    return text if is_own else None


def _has_parameters(code: CodeType, written: ast.arguments) -> bool:
    """Whether code has the parameters that are written; a class puts its own before `__name`."""
    named = [*written.posonlyargs, *written.args, *written.kwonlyargs]
    named += [each for each in (written.vararg, written.kwarg) if each]
    varying = (inspect.CO_VARARGS, inspect.CO_VARKEYWORDS)
    count = code.co_argcount + code.co_kwonlyargcount
    count += sum(bool(code.co_flags & flag) for flag in varying)
    return len(named) == count and all(
        real.endswith(each.arg) for real, each in zip(code.co_varnames, named, strict=False)
    )
