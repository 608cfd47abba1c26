"""The arguments of an insert and an update in Python: files, values by row, or rows of data."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from media_assets.errors import DeclarationError, InsertSourceError, UpdateError


def split_sources(sources: object, data: object) -> tuple[tuple[str, ...], object | None]:
    """Returns the files of an insert as texts, or else its data.

    Args:
        sources: Files, or rows of data in memory: a dict, a list of dicts, a DataFrame, an Arrow
            table.
        data: Rows of data, also the path of a file with these.

    Raises:
        InsertSourceError: A source is none of these.
        DeclarationError: Both are given, or neither.
    """
    if (sources is None) == (data is None):
        raise DeclarationError(
            what=f"insert() got {'neither files nor' if data is None else 'both files and'} data.",
            accepted="Files, or rows of data: one of both.",
            fix='Write it like insert("uploads/"), insert(frame) or insert(data="rows.csv").',
        )
    if data is not None:
        return (), data
    given = list(cast("Iterator[object]", sources)) if isinstance(sources, Iterator) else sources
    return ((), given) if _is_data(given) else (_texts(given), None)


def check_data_options(**of_files: object) -> None:
    """Refuses options that are for files alone, since data has names and values itself.

    Raises:
        DeclarationError: One is given.
    """
    given = [name for name, value in of_files.items() if value]
    if given:
        raise DeclarationError(
            what=f"insert() got data and {given[0]}=.",
            accepted=f"{', '.join(f'{name}=' for name in of_files)} with files; data has columns.",
            fix="Drop it, or add a column to the data.",
        )


def changes_of(changes: object, data: object) -> object:
    """Returns what an update changes: values by row, or rows of data.

    Raises:
        UpdateError: The values are not by row, or a path is not given as data.
        DeclarationError: Both are given, or neither.
    """
    if (changes is None) == (data is None):
        raise DeclarationError(
            what=f"update() got {'neither values nor' if data is None else 'both values and'} "
            "data.",
            accepted="A dict of values for the name of each row, or rows of data: one of both.",
            fix='Write it like update({"a.jpg": {"label": "cat"}}) or update(data="rows.csv").',
        )
    if data is not None:
        return data
    if isinstance(changes, str | Path):
        raise UpdateError(changes)
    if isinstance(changes, Mapping):
        by_row = cast("Mapping[object, object]", changes)
        if not all(isinstance(k, str) and isinstance(v, Mapping) for k, v in by_row.items()):
            raise UpdateError(by_row)
        return by_row
    return changes


def _is_data(sources: object) -> bool:
    if isinstance(sources, list | tuple):
        return any(isinstance(each, Mapping) for each in cast("Sequence[object]", sources))
    return isinstance(sources, Mapping) or hasattr(sources, "__arrow_c_stream__")


def _texts(sources: object) -> tuple[str, ...]:
    """Returns files as texts; `~` is replaced by the user's home directory."""
    if isinstance(sources, str | Path):
        return (os.path.expanduser(sources),)  # noqa: PTH111  a Path would change a URL
    # At runtime, it may be anything.
    if not isinstance(sources, list | tuple | set):
        raise InsertSourceError(sources)
    several = cast("Iterable[object]", sources)
    return tuple(text for source in several for text in _texts(_file(source)))


def _file(source: object) -> str | Path:
    if not isinstance(source, str | Path):
        raise InsertSourceError(source)
    return source
