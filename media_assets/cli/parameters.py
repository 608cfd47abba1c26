"""Parameter types of the command line: text in any locale, and durations."""

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    _ParamType = click.ParamType[str]
else:  # not generic before click 8.4
    _ParamType = click.ParamType


class _Text(_ParamType):
    """Text in UTF-8, whatever the locale is. Paths stay in the locale's encoding."""

    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        del param, ctx
        return os.fsencode(str(value)).decode("utf-8", "backslashreplace")


TEXT = _Text()


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]+)([smhd])")


def duration(text: str) -> timedelta:
    """Returns the duration that a text says.

    >>> duration("24h")
    datetime.timedelta(days=1)
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        message = (
            f"{text!r} is not a duration. Write a whole number and a unit: 90s, 15m, 24h, 30d."
        )
        raise click.BadParameter(message)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def count_or_duration(text: str) -> int | timedelta:
    """Returns the number (at least 1) or the duration that a text says.

    >>> count_or_duration("10")
    10
    """
    if not text.isdigit():
        return duration(text)
    if int(text) < 1:
        message = "0 is too small. Write 1 or more: the newest one is always kept."
        raise click.BadParameter(message)
    return int(text)


def split_names(names: str | None) -> tuple[str, ...] | None:
    """Returns the names in a comma-separated option, or None if it was not given."""
    if names is None:
        return None
    return tuple(name.strip() for name in names.split(",") if name.strip())
