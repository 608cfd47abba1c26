"""The values of rows in the upload log: as a JSON object of each value's text, merged by name."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import cast

from media_assets.errors import UnknownRowsError
from media_assets.spellings import find_spelling, spellings
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

Texts = Mapping[str, str | None]
"""The text of each value of a row, as `media_assets.values` writes it; None for null."""

_JSON = json.JSONDecoder()


def pack_values(values: Texts) -> str | None:
    """Returns the values of a row as the upload log keeps them; None for none at all."""
    return json.dumps(dict(sorted(values.items())), ensure_ascii=False) if values else None


def unpack_values(text: str | None) -> dict[str, str | None]:
    """Returns the values that a row has, by name."""
    # A fifth of the time of `json.loads`, which also takes bytes and looks for spaces around.
    return cast("dict[str, str | None]", _JSON.raw_decode(text)[0]) if text else {}


def merge_values(held: str | None, given: str | None) -> str | None:
    """Returns the values that a row has once others were given: those that are named are new.

    >>> merge_values('{"label": "cat", "stars": "4"}', '{"label": "dog"}')
    '{"label": "dog", "stars": "4"}'
    """
    if not given:
        return held
    return pack_values({**unpack_values(held), **unpack_values(given)})


def find_rows(table: StoredTable, names: Iterable[str]) -> dict[str, Upload]:
    """Returns the rows of a table that are meant by names, in either form of Unicode.

    Raises:
        UnknownRowsError: There is no such row.
    """
    wanted = list(names)
    standing = table.log.newest_of(form for name in wanted for form in spellings(name))
    meant = {name: find_spelling(name, standing) for name in wanted}
    if unknown := [name for name, found in meant.items() if found is None]:
        raise UnknownRowsError(table.name, unknown)
    return {name: standing[found] for name, found in meant.items() if found is not None}


def update_rows(
    table: StoredTable, changes: Mapping[str, Texts], *, types: Mapping[str, str]
) -> tuple[int, set[str]]:
    """Records other values of rows, all or none; their files and partitions stay as they are.

    Args:
        table: The table.
        changes: The new values by row, whose name may be in either form of Unicode.
        types: The types of the table's row values, which the log keeps for whoever reads it.

    Returns:
        How many rows have other values now, and the partitions of all rows that were named.

    Raises:
        UnknownRowsError: There is no such row; nothing was recorded.
    """
    while True:
        position, log = table.refresh(), table.log
        standing = find_rows(table, changes)
        merged = {upload.row: upload for upload in standing.values()}
        for name, given in changes.items():
            held = merged[standing[name].row]
            values = merge_values(held.values, pack_values(given))
            merged[held.row] = replace(held, supersedes=None, values=values)
        before = {upload.row: upload.values for upload in standing.values()}
        changed = [upload for upload in merged.values() if upload.values != before[upload.row]]
        changed.sort(key=attrgetter("row"))
        if not changed or log.append(position, changes=changed, value_types=types):
            return len(changed), {upload.partition for upload in merged.values()}
