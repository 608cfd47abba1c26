"""Output of verbs: lines and tables for people, CSV or JSON for programs.

Nothing else writes to standard output; lines on standard error are written by `standard_error`.

For people, secrets in addresses are masked, and control characters in names and messages are
escaped, since they could move the cursor or hide other text. Programs get every character
unchanged.
"""

import io
import json
import math
import sys
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeVar, cast

import click

from media_assets.masking import make_printable, mask_secrets
from media_assets.values import shorten_value

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from media_assets.catalog import Answer

Format = Literal["table", "csv", "json"]
Command = TypeVar("Command", bound=Callable[..., object])

_WIDTH_OF_FILES = 240
_IN_CSV = '",\r\n'
"""Characters for which a CSV cell is quoted."""


def format_option(command: Command) -> Command:
    """Adds `--format` to a verb."""
    formats = click.Choice(["table", "csv", "json"])
    return click.option(
        "--format", "output_format", type=formats, default="table", help="The output format."
    )(command)


def say(text: str) -> None:
    """Prints a line for people on standard output; `tell` is for standard error."""
    _write(make_printable(mask_secrets(text), keep="\n\t") + "\n")


def print_url(url: str) -> None:
    """Prints a presigned URL unmasked, because its signature is the result."""
    _write(make_printable(url) + "\n")


def console() -> "Console":
    """Returns a console as wide as the terminal, or wide enough for fileurls if there is none."""
    from rich.console import Console  # noqa: PLC0415  slow to import

    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)


def print_rows(
    answer: "Answer", output_format: Format, *, title: str | None = None, is_masked: bool = True
) -> None:
    """Prints rows.

    Args:
        answer: The rows.
        output_format: The format.
        title: The line above a table; CSV and JSON have none.
        is_masked: Whether secrets in addresses are masked.
    """
    clean: Callable[[str], str] = mask_secrets if is_masked else str
    shown: Callable[[object], object] = shorten_value if output_format == "table" else _same
    rows = [[_plain(shown(value), clean) for value in row] for row in answer.rows]
    if output_format == "csv":
        lines = [answer.columns, *rows]
        text = "".join(f"{','.join(map(_csv_cell, line))}\n" for line in lines)
        # Control characters are escaped only on a terminal, which would obey them.
        _write(make_printable(text, keep="\n\t") if sys.stdout.isatty() else text, is_utf8=True)
    elif output_format == "json":
        records = [dict(zip(answer.columns, map(_in_json, row), strict=True)) for row in rows]
        text = json.dumps(records, ensure_ascii=False, indent=2, allow_nan=False)
        _write(_escape_in_json(text) + "\n", is_utf8=True)
    else:
        console().print(_table(answer.columns, rows, title))


def set_up_streams() -> None:
    """Escapes characters that the output's encoding lacks, so that printing never fails."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _write(text: str, *, is_utf8: bool = False) -> None:
    """Writes a text unchanged; `click.echo` would remove what looks like colors."""
    stream = sys.stdout
    if is_utf8 and isinstance(stream, io.TextIOWrapper):
        # Programs get UTF-8 in every locale.
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "backslashreplace"))
        stream.buffer.flush()
    else:
        stream.write(text)
        stream.flush()


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]], title: str | None) -> "Table":
    from rich.table import Table  # noqa: PLC0415  slow to import
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=Text(make_printable(title)) if title else None, title_justify="left")
    for name in columns:
        table.add_column(Text(make_printable(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(make_printable(_format(value))) for value in row))
    return table


def _same(value: object) -> object:
    return value


def _format(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124  NaN
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return value if isinstance(value, str) else _text(value)


def _plain(value: object, clean: Callable[[str], str]) -> object:
    """Returns a value of DuckDB as a JSON value, a Decimal, or a float that JSON lacks."""
    if value is None or isinstance(value, bool | int | float | Decimal):
        return value
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value).items()
        return {str(_plain(key, clean)): _plain(each, clean) for key, each in entries}
    if isinstance(value, list | tuple | set):
        return [_plain(each, clean) for each in cast("Iterable[object]", value)]
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return clean(value.isoformat() if isinstance(value, date | time) else str(value))


def _in_json(value: object) -> object:
    """Returns a JSON value; infinities and decimals that JSON would change become texts."""
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        case Decimal():
            return float(value) if Decimal(repr(float(value))) == value else str(value)
        case dict():
            return {k: _in_json(v) for k, v in cast("dict[str, object]", value).items()}
        case list():
            return [_in_json(each) for each in cast("list[object]", value)]
        case _:
            return value


def _escape_in_json(text: str) -> str:
    """Returns JSON of the same content with all control characters escaped."""
    shown = make_printable(text, keep="\n")
    if shown == text:
        return text
    return "".join(
        character
        if character == "\n" or make_printable(character) == character
        else f"\\u{ord(character):04x}"
        for character in text
    )


def _csv_cell(value: object) -> str:
    """Returns a CSV cell: empty for null, two quotes for the empty text."""
    if value is None:
        return ""
    text = _text(value)
    if text == "" or any(character in text for character in _IN_CSV):
        return '"' + text.replace('"', '""') + '"'
    return text


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(_in_json(cast("object", value)), ensure_ascii=False)
    return str(value)
