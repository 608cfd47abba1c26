"""Errors of the values that are given with rows, and of data with a line per row."""

from collections.abc import Mapping, Sequence
from shlex import quote

from media_assets.errors.base import MediaAssetsError
from media_assets.errors.declaring import UploadError, what_stays
from media_assets.masking import shorten

_SHOWN = 3


class RowValueError(UploadError):
    """Values of rows that their columns cannot hold, or that are missing; nothing was recorded."""

    def __init__(
        self,
        table: str,
        problems: Sequence[tuple[str, str, str]],
        *,
        values: Mapping[str, str],
        count: int | None = None,
        recorded: int = 0,
    ) -> None:
        """Takes the problems as row, column and what is wrong, and the types of the row values.

        `count` is how many there are in all, if not all are given; `recorded`, how many rows of the
        same data were recorded before.
        """
        total = len(problems) if count is None else count
        shown = "; ".join(
            f"row {row!r}, {column}: {what}" for row, column, what in problems[:_SHOWN]
        )
        more = f"; and {total - _SHOWN} more" if total > _SHOWN else ""
        declared = ", ".join(f"{name}: {kind}" for name, kind in values.items()) or "none"
        super().__init__(
            f"{total} {'value' if total == 1 else 'values'} of rows of table {table!r} cannot be "
            f"used: {shown}{more}.",
            accepted=f"The values of a row are {declared}; null only where `| None` says so.",
            fix=f"Correct them. {what_stays(recorded)}"
            if recorded
            else "Correct them; nothing was recorded.",
        )


class RowDataError(UploadError):
    """Data with a line per row that cannot be read as rows."""

    def __init__(self, *, where: str, problem: str, accepted: str, fix: str) -> None:
        """Takes what the data is, such as a file's name, and what is wrong with it."""
        super().__init__(
            f"The rows of {where} cannot be used: {problem}.", accepted=accepted, fix=fix
        )


class DataFileError(UploadError):
    """A file of rows that was named as an upload."""

    def __init__(self, path: str, *, table: str) -> None:
        super().__init__(
            f"The insert got {path!r} as an upload; by its name, it is a file of rows.",
            accepted="Images, or the medium of the table; or rows, which are named as data.",
            fix=f"To insert its rows: media-assets insert {quote(table)} --from {quote(path)}, or "
            f"in Python insert(data={path!r}). Nothing was recorded.",
        )


def show_value(value: object) -> str:
    """Returns a value as a message shows it: cut where it is long."""
    return shorten(repr(value), 80)


class RowValueMissingError(MediaAssetsError, ValueError):
    """A row without a value that a column reads, or with one of an earlier type."""

    def __init__(self, row: str, value: str, kind: str, held: str | None) -> None:
        """Takes the row, the value's name and type, and what the row has; "" for nothing."""
        has = f"has no {value!r}" if held == "" else f"has {value!r} {_text(held)}"
        super().__init__(
            f"Row {row!r} {has}.",
            accepted=f"A value of type {kind}.",
            fix=f"Give it: media-assets update TABLE --row {quote(row)} --set {value}=...",
        )


def _text(held: str | None) -> str:
    return "null" if held is None else show_value(held)
