"""What is inserted: files and folders in, rows in batches out, recorded in the upload log."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from media_assets.destinations import parse_fileurl
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record, newest_manifest
from media_assets.uploads.batches import assign_batches
from media_assets.uploads.folders import Found
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.local_files import file_upload
from media_assets.uploads.log import Upload, UploadLog


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an insert or scan came to.

    Attributes:
        new: Rows that did not exist.
        replaced: Rows that existed with other content.
        unchanged: Rows that existed with the same content.
        left_alone: What was found and is no upload, and why.
        partitions: The partitions that hold the new, replaced and unchanged rows, oldest first.
    """

    new: int
    replaced: int
    unchanged: int
    left_alone: LeftAlone
    partitions: tuple[str, ...] = field(default=())


def record_uploads(
    root: CatalogRoot,
    table: str,
    source: str,
    found: Found,
    *,
    batch_rows: int,
    partition_of: Callable[[str], str] | None = None,
    is_named: bool = False,
    log: UploadLog | None = None,
) -> Recorded:
    """Records new and changed files in the upload log, all or none.

    A file whose size and modification time are as recorded is unchanged; one that was only
    touched is compared by its content's digest with what was materialized. A deleted row whose
    file is still the same stays deleted, unless it is named.

    Args:
        root: The catalog.
        table: The table's name.
        source: Its source column, whose manifests know the content of what is there.
        found: What was found.
        batch_rows: How many rows a new batch holds at most.
        partition_of: The partition of a row, for tables that are not made of batches.
        is_named: Whether somebody named the files, which brings deleted rows back.
        log: The table's upload log, where it is open already: what it knows is not read again.
    """
    log = log or UploadLog(root, table)
    known = _KnownContent(root, table, source)
    # Names of files that are no text may be one row's: an entry holds each row once, and who looks
    # for changes finds the other one again.
    uploads = list({upload.row: upload for upload in found.uploads}.values())
    while True:
        position = log.refresh()
        newest, deleted = log.standing(upload.row for upload in uploads)
        standing = newest if is_named else deleted | newest
        changed = [u for u in uploads if not known.has(u, standing.get(u.row))]
        if partition_of is None:
            assigned = _assign(log, changed, newest, batch_rows)
        else:
            assigned = [
                _placed(upload, partition_of(upload.row), newest.get(upload.row))
                for upload in changed
            ]
        if not assigned or log.append(position, assigned):
            break
    is_changed = {u.row for u in assigned}
    replaced = sum(u.row in newest for u in assigned)
    held_by = {u.partition for u in assigned}
    held_by |= {u.partition for row, u in newest.items() if row not in is_changed}
    order = {partition: n for n, partition in enumerate(log.partitions())} if held_by else {}
    return Recorded(
        new=len(assigned) - replaced,
        replaced=replaced,
        unchanged=len(uploads) - len(assigned),
        left_alone=found.left_alone,
        partitions=tuple(sorted(held_by, key=lambda p: order[p])),
    )


def _assign(
    log: UploadLog, changed: Sequence[Upload], newest: Mapping[str, Upload], batch_rows: int
) -> list[Upload]:
    if not changed:
        return []
    existing = log.partitions()
    open_batch = (existing[-1], log.rows_recorded(existing[-1])) if existing else None
    return assign_batches(
        changed,
        newest=newest,
        open_batch=open_batch,
        batch_rows=batch_rows,
        existing=existing,
        now=datetime.now(UTC),
    )


def _placed(upload: Upload, partition: str, previous: Upload | None) -> Upload:
    """Puts an upload where the table's rule says, also when that said otherwise before."""
    supersedes = previous.partition if previous else None
    return replace(upload, partition=partition, supersedes=supersedes)


class _KnownContent:
    """Answers whether an upload is what a row holds already, reading as little as possible."""

    def __init__(self, root: CatalogRoot, table: str, source: str) -> None:
        self._root, self._table, self._source = root, table, source
        self._records: dict[str, Mapping[str, Record]] = {}

    def has(self, upload: Upload, standing: Upload | None) -> bool:
        if standing is None or upload.uri != standing.uri:
            return False
        if upload.size_bytes != standing.size_bytes:
            return False
        if upload.version == standing.version:
            return True
        digest = standing.digest
        if digest is None and (record := self._of(standing.partition).get(upload.row)):
            digest = record.digest
        return digest is not None and digest == content_digest(upload)

    def _of(self, partition: str) -> Mapping[str, Record]:
        if partition not in self._records:
            manifest = newest_manifest(self._root.ledger(self._table, self._source, partition))
            self._records[partition] = manifest.records if manifest else {}
        return self._records[partition]


def content_digest(upload: Upload) -> str | None:
    """SHA-256 of a local file's content; None for one that is gone, changed, or kept elsewhere."""
    if not upload.uri.startswith("file:"):
        return None
    path = Path("/" + parse_fileurl(upload.uri)[1])
    if not path.is_file() or file_upload(path, upload.row).version != upload.version:
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
