"""The code version of a row function: a digest of its source that ignores layout."""

import ast
import hashlib
import io
import tokenize
from collections.abc import Callable, Iterator
from types import CodeType

from media_assets.errors import DeclarationError
from media_assets.function_source import own_source
from media_assets.interactive import is_interactive

_LAYOUT = {tokenize.NEWLINE: "\n", tokenize.INDENT: "{", tokenize.DEDENT: "}"}
_IGNORED = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER}
_DIGITS = 16

_Position = tuple[int, int]


def source_version(function: Callable[..., object], *, column: str) -> str:
    """Returns a digest of a function's tokens, without comments, layout, docstring and decorators.

    Functions that it calls are not covered: set a version of your own when those change. A function
    typed at Python's prompt may have no source to read; its version is a digest of the compiled
    code, which differs between versions of Python.

    Raises:
        DeclarationError: The function has no source to read (a builtin, a partial, code typed
            into a shell), so the column needs `code_version=`.
    """
    try:
        source = own_source(function)
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError) as error:
        if is_interactive(function) and isinstance(
            code := getattr(function, "__code__", None), CodeType
        ):
            return _digest(repr(_compiled(code)))
        raise DeclarationError(
            what=f"Column {column!r} has a row function whose source cannot be read: {error}.",
            accepted="A code version is a digest of the function's source, or your own text.",
            fix='Give the column one: computed_column(code_version="1").',
        ) from error
    return _digest(" ".join(_tokens(source, tree)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _compiled(code: CodeType) -> tuple[object, ...]:
    """The compiled code of a function, without file name and line numbers."""
    constants = [_compiled(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars


def _tokens(source: str, tree: ast.Module) -> Iterator[str]:
    """Yields token texts; f-strings are whole, as in Python 3.11, so that all versions agree."""
    lines = list(io.StringIO(source))
    first, docstring = _extent(tree, lines)
    is_docstring = False
    string_start: _Position | None = None
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in _IGNORED or token.start < first:
            continue
        if is_docstring or token.start == docstring:
            is_docstring = token.type != tokenize.NEWLINE and token.string != ";"
            continue
        kind = tokenize.tok_name[token.type]
        if kind.endswith("STRING_START"):
            string_start = string_start or token.start
            depth += 1
        elif kind.endswith("STRING_END"):
            depth -= 1
            if depth == 0 and string_start is not None:
                yield _slice(lines, string_start, token.end)
                string_start = None
        elif depth == 0:
            yield _LAYOUT.get(token.type, token.string)


def _extent(tree: ast.Module, lines: list[str]) -> tuple[_Position, _Position | None]:
    """Returns where the `def` starts, and where its docstring starts."""
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return (0, 0), None
    first = (function.lineno, 0)
    if ast.get_docstring(function, clean=False) is None:
        return first, None
    head = function.body[0]
    before = lines[head.lineno - 1].encode()[: head.col_offset]  # `ast` counts bytes
    return first, (head.lineno, len(before.decode()))


def _slice(lines: list[str], start: _Position, end: _Position) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    first, last = lines[start[0] - 1][start[1] :], lines[end[0] - 1][: end[1]]
    return "".join([first, *lines[start[0] : end[0] - 1], last])
