"""What is inserted: files and folders in, rows in batches out, recorded in the upload log."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from media_assets.errors import UploadError
from media_assets.ledger import CatalogRoot
from media_assets.manifests import Record, newest_manifest
from media_assets.upload_log import Upload, UploadLog, assign_batches

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
    paths: Sequence[Path], *, name: str | None = None, all_files: bool = False
) -> Found:
    """Lists what the paths name: a file as it is, a folder's image files recursively.

    A row's name is the path relative to the folder given, or a single file's own name.

    Args:
        paths: Files and folders.
        name: The row's name, for a single file.
        all_files: Take every file of a folder, whatever its extension; hidden ones excepted.

    Raises:
        UploadError: A path does not exist, two files have one row's name, or `name` is given
            with more than one file.
    """
    uploads: list[Upload] = []
    left_alone = 0
    for path in paths:
        location = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100  keeps symbolic links
        if location.is_dir():
            files = list(_files_below(location))
            taken = [f for f in files if _is_wanted(f.relative_to(location), all_files=all_files)]
            left_alone += len(files) - len(taken)
            uploads += [file_upload(f, f.relative_to(location).as_posix()) for f in taken]
        elif location.is_file():
            uploads.append(file_upload(location, name or location.name))
        else:
            raise UploadError(
                f"There is no file or folder {str(path)!r}.",
                accepted="Existing files, and folders of image files.",
                fix="Check the path; nothing was inserted.",
            )
    if name is not None and len(uploads) != 1:
        raise UploadError(
            f"--name {name!r} was given with {len(uploads)} files.",
            accepted="A name for one single file.",
            fix="Insert the files one by one, or drop --name.",
        )
    _refuse_duplicates(uploads)
    return Found(tuple(uploads), left_alone)


def file_upload(path: Path, row: str) -> Upload:
    """Returns a local file as an upload; a name that is no text is shown with its bytes escaped."""
    status = path.stat()
    name = row.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Upload(name, path.as_uri(), status.st_size, str(status.st_mtime_ns))


def record_uploads(
    root: CatalogRoot, table: str, source: str, found: Found, *, batch_rows: int
) -> Recorded:
    """Records new and changed files in the upload log, all or none.

    A file whose size and modification time are as recorded is unchanged; one that was only
    touched is compared by its content's digest with what was materialized.

    Args:
        root: The catalog.
        table: The table's name.
        source: Its source column, whose manifests know the content of what is there.
        found: What was found.
        batch_rows: How many rows a new batch holds at most.
    """
    log = UploadLog(root, table)
    known = _KnownContent(root, table, source)
    while True:
        position = log.refresh()
        newest = log.newest_of([u.row for u in found.uploads])
        changed = [u for u in found.uploads if not known.has(u, newest.get(u.row))]
        assigned = _assign(log, changed, newest, batch_rows)
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
        unchanged=len(found.uploads) - len(assigned),
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


class _KnownContent:
    """Answers whether an upload is what a row holds already, reading as little as possible."""

    def __init__(self, root: CatalogRoot, table: str, source: str) -> None:
        self._root, self._table, self._source = root, table, source
        self._records: dict[str, Mapping[str, Record]] = {}

    def has(self, upload: Upload, standing: Upload | None) -> bool:
        if standing is None or (upload.uri, upload.size_bytes) != (
            standing.uri,
            standing.size_bytes,
        ):
            return False
        if upload.version == standing.version:
            return True
        record = self._of(standing.partition).get(upload.row)
        if record is None or record.digest is None:
            return False
        path = Path.from_uri(upload.uri) if hasattr(Path, "from_uri") else _path(upload.uri)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == record.digest

    def _of(self, partition: str) -> Mapping[str, Record]:
        if partition not in self._records:
            manifest = newest_manifest(self._root.ledger(self._table, self._source, partition))
            self._records[partition] = manifest.records if manifest else {}
        return self._records[partition]


def _files_below(folder: Path) -> Iterator[Path]:
    """All files of a folder in a stable order; links to folders are not followed."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            yield Path(parent, file)


def _is_wanted(relative: Path, *, all_files: bool) -> bool:
    is_hidden = any(part.startswith(".") for part in relative.parts)
    return not is_hidden and (all_files or relative.suffix.lower() in IMAGE_EXTENSIONS)


def _refuse_duplicates(uploads: Iterable[Upload]) -> None:
    seen: dict[str, Upload] = {}
    for upload in uploads:
        other = seen.setdefault(upload.row, upload)
        if other is not upload:
            raise UploadError(
                f"Two files have the row name {upload.row!r}: {other.uri} and {upload.uri}.",
                accepted="Each row's name once within an insert.",
                fix="Insert their common folder, or name one with --name; nothing was inserted.",
            )
