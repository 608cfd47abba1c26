"""Texts of others, as they are shown."""

import datetime as dt
import inspect
import types
import typing
from collections.abc import Mapping
from pathlib import Path

import pytest

import media_assets
from media_assets import errors
from media_assets.masking import make_printable, mask_secrets

CANARY = "canary4signature"
SIGNED = f"https://me:{CANARY}@host/a/photo.jpg?X-Amz-Signature={CANARY}&X-Amz-Date=1"
PACKAGE = Path(media_assets.__file__).parent
CLASSES = sorted(name for name in vars(errors) if name.endswith("Error"))


@pytest.mark.parametrize("name", CLASSES)
def test_no_error_shows_the_signature_of_an_address(name: str) -> None:
    kind = getattr(errors, name)

    error = kind(**_arguments(kind))

    assert CANARY not in f"{error} {error!r} {error.args} {error.what} {error.fix}"


def _arguments(kind: type) -> dict[str, object]:
    """An address for each argument that can hold one."""
    hints = typing.get_type_hints(kind.__init__)
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    return {p.name: _value(hints.get(p.name)) for p in parameters if p.kind is not p.VAR_KEYWORD}


def _value(annotation: object) -> object:
    """A value of an annotation: of several types the first one, a text where one is allowed."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _value(str if str in inner else inner[0])
    if origin is typing.Literal:
        return inner[0]
    if origin is tuple:
        return tuple(_value(each) for each in inner if each is not Ellipsis)
    if isinstance(origin, type):
        return {SIGNED: SIGNED} if issubclass(origin, Mapping) else [_value(inner[0])]
    if origin is typing.Literal:
        return inner[0]
    return _PLAIN.get(annotation, SIGNED)


_PLAIN: dict[object, object] = {
    int: 7,
    float: 7.0,
    dt.datetime: dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    dt.timedelta: dt.timedelta(seconds=1),
    Path: Path("folder"),
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain?sig=1", "plain?sig=***"),
        ("a@b and c=d", "a@b and c=d"),
        ("https://host/a.jpg", "https://host/a.jpg"),
        ("HTTPS://host/a.jpg?x=1#f", "HTTPS://host/a.jpg?***"),
        (
            "two: 'https://h/a?x=1' and \"https://h/b?x=2\"",
            "two: 'https://h/a?***' and \"https://h/b?***\"",
        ),
        ("<https://h/a?x=1>, https://h/b?x=2.", "<https://h/a?***>, https://h/b?***."),
        ("postgresql://me:secret@host/db", "postgresql://***@host/db"),
        ("https://cdn/@scope/x@2.jpg", "https://cdn/@scope/x@2.jpg"),
        ("az://container@account/a.jpg", "az://container@account/a.jpg"),
        ("s3://bucket/me@home?.jpg", "s3://bucket/me@home?.jpg"),
        ("/c/b?sv=1&sig=abc&se=2", "/c/b?sv=1&sig=***&se=2"),
        ("AccountName=a;AccountKey=abc==;x", "AccountName=a;AccountKey=***;x"),
    ],
)
def test_an_address_in_a_text_shows_no_secret(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown
    assert mask_secrets(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]0;x\x07",
        "\x9b2J",
        "a\rb",
        "a\nb",
        "\x7f",
        "\u202egpj.exe",
        "\u2066a",
        "\ud800",
        "\x00",
    ],
)
def test_a_control_character_is_escaped(text: str) -> None:
    shown = make_printable(text)

    assert shown.isprintable()
    assert shown.encode("utf-8", "surrogatepass") != text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("text", ["ä日本 🎉", "a\u200db", "e\u0301", "\u00a0x", ""])
def test_letters_of_all_scripts_stay_as_they_are(text: str) -> None:
    assert make_printable(text) == text


def test_verbs_print_in_one_place_alone() -> None:
    places = {
        path.name
        for path in (PACKAGE / "cli").glob("*.py")
        for word in ("click.echo(", "click.secho(", "print(", ".stdout.write(", ".stderr.write(")
        if word in path.read_text(encoding="utf-8")
    }

    assert places <= {"output.py"}
