"""Deletion of rows: recorded now, their files collected later."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, partial
from operator import attrgetter

from media_assets.errors import UnknownRowsError
from media_assets.records.manifests import Record
from media_assets.spellings import find_spelling, spellings
from media_assets.uploads.changes import local_digest, recorded_digest
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload


def delete_rows(table: StoredTable, source: str, rows: Iterable[str]) -> int:
    """Records that rows are deleted, all or none; no view shows them from then on.

    A deletion keeps the digest of the content, so that a scan can tell the same file from a new
    one. Files stay until garbage is collected; uploads that stay in place are never deleted.

    Args:
        table: The table.
        source: Its source column, whose manifests know the digests.
        rows: The rows' names, in either form of Unicode; duplicates count once.

    Returns:
        How many rows were deleted.

    Raises:
        UnknownRowsError: A row does not exist; nothing was recorded.
    """
    names = list(dict.fromkeys(rows))
    while True:
        position, log = table.refresh(), table.log
        known = log.histories(spelling for name in names for spelling in spellings(name))
        standing = {row: one.upload for row, one in known.items() if not one.is_deleted}
        # A deleted name in exactly this form does not mean a row in another Unicode form.
        meant = {
            name: None if name in known and name not in standing else find_spelling(name, standing)
            for name in names
        }
        if unknown := [name for name, found in meant.items() if found is None]:
            raise UnknownRowsError(table.name, unknown)
        found = dict.fromkeys(name for name in meant.values() if name is not None)
        cells = cache(partial(table.cells, source))
        gone = [
            replace(one, supersedes=None, digest=_digest(one, cells(one.partition).get(one.row)))
            for one in sorted((standing[name] for name in found), key=attrgetter("row"))
        ]
        if not gone or log.append(position, deletions=gone):
            return len(gone)


def _digest(upload: Upload, record: Record | None) -> str | None:
    """Returns the digest of an upload, if known; reads a local file that no run has read yet."""
    return recorded_digest(record, upload) or local_digest(upload)
