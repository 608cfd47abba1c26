"""Deletion of rows: recorded now, their files collected later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from media_assets.errors import UnknownRowsError
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record, newest_manifest
from media_assets.spellings import find_spelling, spellings
from media_assets.uploads.comparing import is_made_from, local_digest
from media_assets.uploads.log import Upload, UploadLog


def delete_rows(root: CatalogRoot, table: str, source: str, rows: Iterable[str]) -> int:
    """Records that rows are deleted, all or none; no view shows them from then on.

    A deletion keeps the digest of the content, so that a scan can tell the same file from a new
    one. Files stay until garbage is collected; uploads that stay in place are never deleted.

    Args:
        root: The catalog.
        table: The table's name.
        source: Its source column, whose manifests know the digests.
        rows: The rows' names, in either form of Unicode; duplicates count once.

    Returns:
        How many rows were deleted.

    Raises:
        UnknownRowsError: A row does not exist; nothing was recorded.
    """
    names = list(dict.fromkeys(rows))
    log = UploadLog(root, table)
    while True:
        position = log.refresh()
        known = log.histories(spelling for name in names for spelling in spellings(name))
        standing = {row: one.upload for row, one in known.items() if not one.is_deleted}
        # A deleted name in exactly this form does not mean a row in another Unicode form.
        meant = {
            name: None if name in known and name not in standing else find_spelling(name, standing)
            for name in names
        }
        if unknown := [name for name, found in meant.items() if found is None]:
            raise UnknownRowsError(table, unknown)
        found = dict.fromkeys(name for name in meant.values() if name is not None)
        gone = _with_digests(root, table, source, [standing[name] for name in found])
        if not gone or log.append(position, deletions=gone):
            return len(gone)


def _with_digests(
    root: CatalogRoot, table: str, source: str, uploads: Sequence[Upload]
) -> list[Upload]:
    records: dict[str, Mapping[str, Record]] = {}
    for partition in {upload.partition for upload in uploads}:
        manifest = newest_manifest(root.ledger(table, source, partition))
        records[partition] = manifest.records if manifest else {}
    return [
        replace(
            upload,
            supersedes=None,
            digest=_digest(upload, records[upload.partition].get(upload.row)),
        )
        for upload in sorted(uploads, key=attrgetter("row"))
    ]


def _digest(upload: Upload, record: Record | None) -> str | None:
    """Returns the digest of an upload, if known; reads a local file that no run has read yet."""
    if record is not None and record.digest and is_made_from(record, upload):
        return record.digest
    return local_digest(upload)
