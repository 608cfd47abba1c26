"""The source of a function: whatever way it came to be, its own or none."""

import functools
import linecache
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from media_assets.code_versions import source_version
from media_assets.errors import DeclarationError
from media_assets.function_source import own_source
from media_assets_tests.conftest import PROJECT


def mirrored(image: int) -> int:
    return image + 1


def executed(source: str, path: str, name: str) -> Callable[..., object]:
    """A function of a text that claims to be a file, with the names of this module."""
    names = dict(globals())
    exec(compile(source, path, "exec"), names)  # noqa: S102  the test's own
    return names[name]


def decorate(function: Callable[..., int], *_: object) -> Callable[..., int]:
    @functools.wraps(function)
    def wrapper(image: int) -> int:
        return function(image)

    return wrapper


def of_decorator(
    inner: Callable[..., object],
) -> Callable[[object], Callable[..., object]]:
    return lambda _: inner


class Model:
    factor = 2

    def scaled(self, __image: int) -> int:  # noqa: PYI063
        return self.factor * __image

    def __call__(self, image: int) -> int:
        return image


@of_decorator(lambda image: image + 1)
def hidden(image: int) -> int:
    return image * 100


LAMBDAS = [
    lambda image: image
    + 1,
    lambda image: image + 2,
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (mirrored, "def mirrored(image: int) -> int:\n    return image + 1\n"),
        (functools.lru_cache(mirrored), "def mirrored(image: int) -> int:\n    return image + 1\n"),
        (decorate(decorate(mirrored)), "def mirrored(image: int) -> int:\n    return image + 1\n"),
        (
            Model().scaled,
            """def scaled(self, __image: int) -> int:  # noqa: PYI063
    return self.factor * __image
""",
        ),
        (hidden, "(lambda image: image + 1)\n"),
        (LAMBDAS[0], "(lambda image: image\n    + 1)\n"),
        (LAMBDAS[1], "(lambda image: image + 2)\n"),
    ],
    ids=["plain", "cached", "decorated", "method", "in a decorator", "two lines", "in a list"],
)
def test_a_function_has_its_own_text(function: Callable[..., object], text: str) -> None:
    assert own_source(function) == text


@pytest.mark.parametrize("name", ["<string>", "<stdin>", "<made by a library>"])
@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("text", ["lambda image: image", "def f(image): return image\n"])
def test_a_function_made_of_text_never_has_the_source_of_another(
    text: str, name: str, *, is_known: bool
) -> None:
    # Python 3.13 knows `python -c` as "<string>"; a notebook and attrs enter names of their own.
    if is_known:
        lines = ["def other(image, size): return 1\n"]
        linecache.cache[name] = (1, None, lines, name)
    try:
        names: dict[str, Callable[..., object]] = {}
        code = compile(text if text.startswith("def") else f"f = {text}", name, "exec")
        exec(code, names)  # noqa: S102  the test's own
        with pytest.raises(DeclarationError, match="source cannot be read"):
            source_version(names["f"], column="tiny")
    finally:
        linecache.cache.pop(name, None)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("\n" * 20 + "def mirrored(image: int): return 5\n", "nowhere.py"),
        ("def decorate(one): return one\n", __file__),
        ("\n" * 38 + "def decorate(one): return one\n", __file__),
        ("\n" * 21 + "decorate = lambda image: 5\n", __file__),
        ("\n" * 63 + "decorate = lambda image: 5\n", "nowhere.py"),
        ("\n" * 5000 + "def decorate(one): return one\n", __file__),
    ],
)
def test_a_text_that_claims_to_be_a_file_does_not_get_what_stands_in_it(
    source: str, path: str
) -> None:
    name = "mirrored" if "mirrored" in source else "decorate"
    with pytest.raises((OSError, SyntaxError)):
        own_source(executed(source, path, name))


@pytest.mark.parametrize(
    "function",
    [functools.update_wrapper(functools.partial(mirrored, 2), mirrored), Model(), len],
    ids=["a partial that names what it calls", "an object that can be called", "builtin"],
)
def test_what_has_more_than_a_source_asks_for_a_code_version(
    function: Callable[..., object],
) -> None:
    with pytest.raises(DeclarationError, match=r"computed_column\(code_version=\"1\"\)"):
        source_version(function, column="tiny")


SESSION = """
from media_assets.code_versions import source_version
def first(image): return image + 1

def second(image): return image + 2

shown = [source_version(f, column="c") for f in (first, second)]
print("versions:", *shown)
"""


@pytest.mark.parametrize("basic", ["", "1"])
def test_functions_typed_at_the_prompt_have_versions_of_their_own(basic: str) -> None:
    typed = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=SESSION,
        cwd=PROJECT,
        env={**os.environ, "PYTHON_BASIC_REPL": basic},
        capture_output=True,
        text=True,
        check=True,
    )

    (line,) = [line for line in typed.stdout.splitlines() if "versions:" in line]
    assert len(set(line.partition("versions: ")[2].split())) == 2


def test_a_python_command_is_not_taken_for_a_file_on_any_python() -> None:
    code = (
        "from media_assets.function_source import own_source\ndef f(x): return x\n"
        "try: own_source(f)\nexcept OSError as e: print(e)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert ran.stdout == "it is not what line 2 of '<string>' holds\n"
