"""What is inserted: files and folders in, rows in batches out, recorded in the upload log."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath

from media_assets.destinations import parse_fileurl
from media_assets.errors import UploadError
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record, newest_manifest
from media_assets.uploads.batches import assign_batches
from media_assets.uploads.log import Upload, UploadLog

IMAGE_EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif"}
)
"""What a folder gives unless all its files are asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """Files that were named or found, before anything is recorded."""

    uploads: tuple[Upload, ...]
    left_alone: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an insert or scan came to.

    Attributes:
        new: Rows that did not exist.
        replaced: Rows that existed with other content.
        unchanged: Rows that existed with the same content.
        left_alone: Files of folders that are no images by their names, and hidden ones.
        partitions: The partitions that hold the new, replaced and unchanged rows, oldest first.
    """

    new: int
    replaced: int
    unchanged: int
    left_alone: int
    partitions: tuple[str, ...] = field(default=())


def find_files(
    paths: Sequence[Path],
    *,
    name: str | None = None,
    all_files: bool = False,
    relative_to: Path | None = None,
) -> Found:
    """Lists what the paths name: a file as it is, a folder's image files recursively.

    A row's name is the path relative to the folder given, or a single file's own name. A file
    that is named twice counts once. Broken links, pipes and the like are left alone in folders.

    Args:
        paths: Files and folders.
        name: The row's name, for a single file.
        all_files: Take every file of a folder, whatever its extension; hidden ones excepted.
        relative_to: The folder that the names of folders' files are relative to, if it is not
            the folder given.

    Raises:
        UploadError: A path does not exist, a folder cannot be read, two files have one row's
            name, or `name` is given with more than one file.
    """
    uploads: list[Upload] = []
    left_alone = 0
    for path in paths:
        # pathlib would follow links, and fail for a file named "~x".
        location = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111
        if location.is_dir():
            taken, others = _folder_uploads(location, relative_to or location, all_files=all_files)
            uploads += taken
            left_alone += others
        elif location.is_file():
            uploads.append(file_upload(location, location.name))
        else:
            raise UploadError(
                what=f"There is no file or folder {str(path)!r}.",
                accepted="Existing files, and folders of image files.",
                fix="Check the path; nothing was inserted.",
            )
    uploads = one_of_each(uploads)
    if name is None:
        return Found(tuple(uploads), left_alone)
    if len(uploads) != 1:
        raise UploadError(
            what=f"--name {name!r} was given with {len(uploads)} files.",
            accepted="A name for one single file.",
            fix="Insert the files one by one, or drop --name.",
        )
    return Found((replace(uploads[0], row=row_name(name)),), left_alone)


def file_upload(path: Path, row: str) -> Upload:
    """Returns a local file as an upload; a name that is no text is shown with its bytes escaped."""
    status = path.stat()
    return Upload(row_name(row), path.as_uri(), status.st_size, str(status.st_mtime_ns))


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


def _folder_uploads(folder: Path, root: Path, *, all_files: bool) -> tuple[list[Upload], int]:
    """Returns the wanted files of a folder, named relative to the root, and how many others."""
    uploads: list[Upload] = []
    left_alone = 0
    for file in _files_below(folder):
        if is_wanted(file.relative_to(folder), all_files=all_files) and file.is_file():
            uploads.append(file_upload(file, file.relative_to(root).as_posix()))
        else:
            left_alone += 1
    return uploads, left_alone


def _files_below(folder: Path) -> Iterator[Path]:
    """All files of a folder in a stable order; links to folders are not followed.

    Raises:
        UploadError: A folder cannot be read: what is in it would be missed in silence.
    """
    for parent, folders, files in os.walk(folder, onerror=_refuse_unreadable):
        folders.sort()
        for file in sorted(files):
            yield Path(parent, file)


def is_wanted(relative: PurePath, *, all_files: bool) -> bool:
    """Whether a file of a folder is taken: not hidden or temporary, and an image or all are."""
    is_hidden = any(part.startswith((".", "~")) for part in relative.parts)
    return not is_hidden and (all_files or relative.suffix.lower() in IMAGE_EXTENSIONS)


def row_name(name: str) -> str:
    """Returns a file's name as a row's: bytes that are no text are shown escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _refuse_unreadable(error: OSError) -> None:
    raise UploadError(
        what=f"The folder {str(error.filename)!r} cannot be read: {error.strerror}.",
        accepted="Folders that this user may list.",
        fix="Grant the right to read it, or move it away; nothing was inserted.",
    ) from error


def one_of_each(uploads: Iterable[Upload]) -> list[Upload]:
    """Returns each row once; refuses two files under one name."""
    seen: dict[str, Upload] = {}
    for upload in uploads:
        other = seen.setdefault(upload.row, upload)
        if other.uri != upload.uri:
            raise UploadError(
                what=f"Two files have the row name {upload.row!r}: {other.uri} and {upload.uri}.",
                accepted="Each row's name once within an insert.",
                fix="Insert their common folder, or name one with --name; nothing was inserted.",
            )
    return list(seen.values())
