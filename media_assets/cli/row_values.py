"""Row values on the command line: `--set`, `--null`, and data with a line per row."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import click

from media_assets.cli.parameters import TEXT
from media_assets.columns import declared_types, parse_value
from media_assets.errors import RowValueError
from media_assets.tables.table import MediaTable

Command = TypeVar("Command", bound=Callable[..., object])


def data_options(command: Command) -> Command:
    """Adds `--from` and `--ignore-columns` to a verb."""
    data = click.option(
        "--from",
        "data",
        type=click.Path(path_type=Path),
        help="Take the rows of a CSV, TSV, Parquet or JSON file: its columns are row, source (a "
        "path or URL; for inserts) and the table's row values.",
    )
    ignore = click.option(
        "--ignore-columns", is_flag=True, help="Pass over further columns of the data."
    )
    return data(ignore(command))


def value_options(command: Command) -> Command:
    """Adds `--set` and `--null` to a verb."""
    given = click.option(
        "--set",
        "values",
        multiple=True,
        type=TEXT,
        help="A value of the rows, NAME=VALUE; may be given several times.",
    )
    nulls = click.option(
        "--null", "nulls", multiple=True, type=TEXT, help="A value that is null: its name."
    )
    return given(nulls(command))


def parse_values(
    table: MediaTable, values: Sequence[str], nulls: Sequence[str]
) -> Mapping[str, object]:
    """Returns the values that options name, by name.

    Raises:
        RowValueError: A text stands for no value of its type.
    """
    given: dict[str, object] = {}
    given.update((name, None) for name in nulls)
    for option in values:
        name, sign, text = option.partition("=")
        if not sign:
            message = f"{option!r} names no value. Write NAME=VALUE, such as label=cat."
            raise click.BadParameter(message, param_hint="--set")
        given[name] = text
    return {name: _parse(table, name, text) for name, text in given.items()}


def check_sources(files: Sequence[str], data: Path | None, *, options: Sequence[object]) -> None:
    """Refuses an insert of neither files nor data, and of both.

    Args:
        files: The files that are named.
        data: The file with a line per row.
        options: What is given for files alone.
    """
    if bool(files) == (data is not None):
        message = "Name FILES, or a file with a line per row by --from: one of both."
        raise click.UsageError(message)
    if data is not None and any(options):
        message = "--name, --set, --null and --all are for FILES: data has the values itself."
        raise click.UsageError(message)


def _parse(table: MediaTable, name: str, text: object) -> object:
    value = table.values.get(name)
    if value is None or not isinstance(text, str):
        return text
    try:
        return parse_value(value, text)
    except ValueError as error:
        problem = ("--set", name, str(error))
        raise RowValueError(table.name, [problem], values=declared_types(table.values)) from error
