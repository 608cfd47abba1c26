"""How verbs print rows: a table for people, CSV or JSON for programs."""

import json
import sys
from collections.abc import Callable
from typing import Literal, TypeVar, cast

import click
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

Format = Literal["table", "csv", "json"]
Command = TypeVar("Command", bound=Callable[..., object])

_WIDTH_OF_FILES = 240


def format_option(command: Command) -> Command:
    """Adds `--format` to a verb."""
    formats = click.Choice(["table", "csv", "json"])
    return click.option(
        "--format", "output_format", type=formats, default="table", help="How rows are printed."
    )(command)


def console() -> Console:
    """A console as wide as the terminal, or wide enough for fileurls where there is none."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)


def print_rows(rows: pd.DataFrame, output_format: Format, *, title: str | None = None) -> None:
    """Prints a DataFrame; CSV and JSON hold rows only."""
    if output_format == "csv":
        click.echo(rows.to_csv(index=False), nl=False)
    elif output_format == "json":
        # pandas writes every slash as `\/`, so that no fileurl could be copied from its output.
        text = rows.to_json(orient="records", date_format="iso", double_precision=15)
        records: object = json.loads(cast("str", text))
        click.echo(json.dumps(records, ensure_ascii=False, indent=2))
    else:
        console().print(_table(rows, title))


def _table(rows: pd.DataFrame, title: str | None) -> Table:
    table = Table(title=title, title_justify="left")
    for name in cast("list[object]", rows.columns.to_list()):
        table.add_column(Text(str(name)), overflow="fold")
    for values in rows.itertuples(index=False, name=None):
        table.add_row(*(Text(_shown(value)) for value in cast("tuple[object, ...]", values)))
    return table


def _shown(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124  NaN
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
