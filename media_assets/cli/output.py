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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Self, TypeVar, cast
from urllib.parse import quote, unquote

import click

from media_assets.cli.suggestions import with_options
from media_assets.masking import make_printable, mask_secrets
from media_assets.values import shorten_value

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from media_assets.catalog import Answer

Format = Literal["table", "csv", "json"]
Command = TypeVar("Command", bound=Callable[..., object])

_WIDTH_OF_FILES = 240
_LEAST_NAME = 12
_IN_CSV = '",\r\n'
"""Characters for which a CSV cell is quoted."""
_IN_LINKS = "".join(map(chr, range(33, 127)))
"""The characters that a terminal accepts in the address of a link."""


@dataclass(frozen=True, slots=True)
class Link:
    """A file in a table for people: its name, which a terminal links to its address."""

    name: str
    address: str

    @classmethod
    def to(cls, fileurl: str) -> Self:
        """Returns a link to a file, without the secrets of its address."""
        address = mask_secrets(fileurl)
        path = address.partition("?")[0]
        return cls(unquote(path.rpartition("/")[2]) or address, address)

    def cut(self, longest: int) -> Self:
        """Returns this link with at most this many letters of its name, the last ones included."""
        if len(self.name) <= longest:
            return self
        end = (longest - 1) // 2
        return replace(self, name=f"{self.name[: longest - 1 - end]}…{self.name[-end:]}")


def format_option(command: Command) -> Command:
    """Adds `--format` to a verb."""
    formats = click.Choice(["table", "csv", "json"])
    return click.option(
        "--format", "output_format", type=formats, default="table", help="The output format."
    )(command)


def say(text: str) -> None:
    """Prints a line for people on standard output; `tell` is for standard error."""
    _write(make_printable(mask_secrets(with_options(text)), keep="\n\t") + "\n")


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
        out = console()
        out.print(_table(answer.columns, _fitted(answer.columns, rows, out.width), title))


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


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None) -> "Table":
    from rich.table import Table  # noqa: PLC0415  slow to import
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=Text(make_printable(title)) if title else None, title_justify="left")
    for place, name in enumerate(columns):
        is_number = _are_numbers(row[place] for row in rows)
        justify = "right" if is_number else "left"
        table.add_column(Text(make_printable(name)), overflow="fold", justify=justify)
    for row in rows:
        table.add_row(*map(_text_of, row))
    return table


def _fitted(
    columns: Sequence[str], rows: Sequence[Sequence[object]], width: int
) -> Sequence[Sequence[object]]:
    """Returns rows with the names of linked files cut so far that the table fits a width."""
    kinds = [any(isinstance(row[place], Link) for row in rows) for place in range(len(columns))]
    texts = [columns, *([_shown(value) for value in row] for row in rows)]
    widths = [max(len(text) for text in column) for column in zip(*texts, strict=True)]
    borders = 3 * len(columns) + 1
    others = sum(size for size, is_link in zip(widths, kinds, strict=True) if not is_link)
    links = [size for size, is_link in zip(widths, kinds, strict=True) if is_link]
    room, longest = width - borders - others, _LEAST_NAME
    while longest < max(links, default=0) and sum(min(w, longest + 1) for w in links) <= room:
        longest += 1
    return [[v.cut(longest) if isinstance(v, Link) else v for v in row] for row in rows]


def _are_numbers(cells: Iterable[object]) -> bool:
    """Whether all cells that are not empty are numbers, which are aligned to the right."""
    kinds = {type(cell) for cell in cells if cell is not None}
    return bool(kinds) and kinds <= {int, float, Decimal}


def _text_of(value: object) -> "Text":
    from rich.style import Style  # noqa: PLC0415  slow to import
    from rich.text import Text  # noqa: PLC0415

    if not isinstance(value, Link):
        return Text(_shown(value))
    address = quote(make_printable(value.address), safe=_IN_LINKS)
    return Text(_shown(value), Style(link=address))


def _shown(value: object) -> str:
    """Returns the text of a cell; what the terminal lacks is escaped now, so that columns align."""
    text = make_printable(value.name if isinstance(value, Link) else _format(value))
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


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
    if value is None or isinstance(value, bool | int | float | Decimal | Link):
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
