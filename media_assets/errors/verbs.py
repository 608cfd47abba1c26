"""Errors of verbs that are called in Python."""

from collections.abc import Mapping

from media_assets.errors.base import MediaAssetsError
from media_assets.errors.row_values import show_value

_SHOWN_FAILURES = 3


class RunFailedError(MediaAssetsError, RuntimeError):
    """Failed runs of a verb; error rows do not make a run fail."""

    def __init__(self, table: str, failures: Mapping[str, str], *, runs: int) -> None:
        shown = list(failures.items())[:_SHOWN_FAILURES]
        more = len(failures) - len(shown)
        told = " ".join(f"Partition {partition}: {text}" for partition, text in shown)
        super().__init__(
            f"{len(failures)} of {runs} partitions of table {table!r} failed. {told}"
            + (f" And {more} more." if more else ""),
            accepted="Finished work is kept.",
            fix="Solve the problem and call it again; it continues there.",
        )

    def _render_traceback_(self) -> list[str]:
        """The text that a notebook shows; the frames inside the package explain nothing."""
        return [f"{type(self).__name__}: {self}"]


class InsertSourceError(MediaAssetsError, TypeError):
    """A value that cannot be inserted."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f"insert() got {show_value(value)}, of type {type(value).__name__}.",
            accepted="A path, an http(s) URL, a URI in storage, or a list of these; or rows of "
            "data: a DataFrame, an Arrow table, or a list of dicts.",
            fix='Write it like insert("uploads/"), insert([path, url]) or insert(frame).',
        )


class UpdateError(MediaAssetsError, TypeError):
    """A value that does not say which rows get which values."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f"update() got {show_value(value)}, of type {type(value).__name__}.",
            accepted="A dict of values for the name of each row; or rows of data: a DataFrame, an "
            "Arrow table, or a list of dicts; or the path of a file of these as data=.",
            fix='Write it like update({"a.jpg": {"label": "cat"}}) or update(data="rows.csv").',
        )
