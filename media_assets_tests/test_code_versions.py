"""Code versions: they depend on what a function does, not on how it is written."""

import functools
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.code_versions import source_version
from media_assets.errors import DeclarationError

PLAIN = """
def flipped(image, size=(3, 4)):
    if image:
        return image.transpose(0)
    return f"{size[0]:>{size[1]}}" + 'end'
"""
SAME = {
    "comments": """
# before
def flipped(image, size=(3, 4)):  # beside
    # inside
    if image:  # again

        return image.transpose(0)
        # at the end of a block
    return f"{size[0]:>{size[1]}}" + 'end'
    # after
""",
    "layout": """
def flipped(
    image,
    size = ( 3,4 )
):

        if image :
                return image \\
                    .transpose(0)


        return (f"{size[0]:>{size[1]}}"   +   'end')
""".replace("return (f", "return f").replace("'end')", "'end'"),
    "a docstring": """
def flipped(image, size=(3, 4)):
    \"\"\"The image, mirrored.

    In two lines.
    \"\"\"
    if image:
        return image.transpose(0)
    return f"{size[0]:>{size[1]}}" + 'end'
""",
    "a docstring with a comment behind it": """
def flipped(image, size=(3, 4)):
    "Größe, gespiegelt."  # noqa
    if image:
        return image.transpose(0)
    return f"{size[0]:>{size[1]}}" + 'end'
""",
    "decorators": """
@str.format
@(lambda function: function)
def flipped(image, size=(3, 4)):
    if image:
        return image.transpose(0)
    return f"{size[0]:>{size[1]}}" + 'end'
""".replace("@str.format\n", "@staticmethod\n"),
    "indentation": """
if True:
    def flipped(image, size=(3, 4)):
        if image:
            return image.transpose(0)
        return f"{size[0]:>{size[1]}}" + 'end'
""",
}
OTHER = {
    "a name": PLAIN.replace("transpose", "rotate"),
    "a number": PLAIN.replace("(0)", "(1)"),
    "an operator": PLAIN.replace("+ 'end'", "* 'end'"),
    "a text": PLAIN.replace("'end'", "'END'"),
    "blanks in a text": PLAIN.replace("'end'", "'end '"),
    "an f-string's text": PLAIN.replace('f"{size', 'f"-{size'),
    "an f-string's expression": PLAIN.replace("{size[0]", "{size[2]"),
    "an f-string's format": PLAIN.replace(":>", ":<"),
    "a default": PLAIN.replace("(3, 4)", "(3, 5)"),
    "a parameter": PLAIN.replace("image, size", "image, width, size"),
    "an annotation": PLAIN.replace("image, size", "image: str, size"),
    "a block's extent": PLAIN.replace("    return f", "        return f"),
    "a negation": PLAIN.replace("if image", "if not image"),
}


@pytest.fixture
def version_of(tmp_path: Path) -> Callable[[str], str]:
    """Returns the version of the function `flipped` in a source text."""

    def version(source: str) -> str:
        path = tmp_path / f"{uuid4().hex}.py"
        path.write_text(source)
        names: dict[str, Callable[..., object]] = {}
        exec(compile(source, str(path), "exec"), names)  # noqa: S102  the test's own source
        return source_version(names["flipped"], column="flipped")

    return version


@pytest.mark.parametrize("source", SAME.values(), ids=SAME.keys())
def test_the_same_is_true_of_coroutines(version_of: Callable[[str], str], source: str) -> None:
    plain, other = (s.replace("def flipped", "async def flipped") for s in (PLAIN, source))

    assert version_of(other) == version_of(plain) != version_of(PLAIN)


@pytest.mark.parametrize("source", SAME.values(), ids=SAME.keys())
def test_comments_and_docstrings_do_not_change_the_version(
    source: str, version_of: Callable[[str], str]
) -> None:
    assert version_of(source) == version_of(PLAIN)


@pytest.mark.parametrize("source", OTHER.values(), ids=OTHER.keys())
def test_changed_behaviour_changes_the_version(
    source: str, version_of: Callable[[str], str]
) -> None:
    assert version_of(source) != version_of(PLAIN)


def test_the_version_is_the_same_everywhere_and_for_ever(
    version_of: Callable[[str], str],
) -> None:
    assert version_of(PLAIN) == "fe4447d4ce3c5292"


def test_code_behind_a_docstring_on_its_line_counts(version_of: Callable[[str], str]) -> None:
    first = version_of('def flipped(x): """Über Größe."""; return x\n')
    second = version_of('def flipped(x): """Other."""; return x\n')
    third = version_of('def flipped(x): """Über Größe."""; return -x\n')

    assert first == second
    assert first != third


def test_a_nested_functions_docstring_is_not_the_functions(
    version_of: Callable[[str], str],
) -> None:
    source = "def flipped(x):\n    def inner():\n        'text'\n    return inner.__doc__\n"

    assert version_of(source) != version_of(source.replace("text", "other"))


@pytest.mark.parametrize("separator", ["\x0c", "\x1c", "\u2028"])
def test_f_strings_count_after_characters_that_look_like_line_ends(
    separator: str, version_of: Callable[[str], str]
) -> None:
    source = f"def flipped(x):\n    y = '{separator}'\n    return f'''{{x}}\nfirst\n'''\n"

    assert version_of(source) != version_of(source.replace("first", "second"))


def test_a_lambda_has_the_version_of_its_expression() -> None:
    first = lambda image: image + 1  # noqa: E731
    same = (lambda image: image  # noqa: E731
            + 1)  # fmt: skip
    other = lambda image: image - 1  # noqa: E731

    versions = [source_version(function, column="c") for function in (first, same, other)]

    assert versions[0] == versions[1] != versions[2]


def test_a_wrapper_has_the_version_of_the_wrapped_function() -> None:
    def plain(image: int) -> int:
        return image + 1

    @functools.wraps(plain)
    def wrapped(image: int) -> int:
        return plain(image)

    assert source_version(wrapped, column="c") == source_version(plain, column="c")


@pytest.mark.parametrize(
    "function",
    [len, str.upper, functools.partial(print, end=""), eval("lambda x: x")],  # noqa: S307
    ids=["builtin", "method", "partial", "typed in"],
)
def test_a_function_without_source_asks_for_a_code_version(
    function: Callable[..., object],
) -> None:
    with pytest.raises(DeclarationError, match=r"'tiny'.*computed_column\(code_version=\"1\"\)"):
        source_version(function, column="tiny")
