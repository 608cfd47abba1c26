"""Comparison of found files with the rows of their names, reading as little as possible."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from media_assets.addresses import LOCAL
from media_assets.destinations import parse_fileurl
from media_assets.errors import MediaAssetsError, StoreFaultError
from media_assets.reading import Reader
from media_assets.records.manifests import Record
from media_assets.stores.local_version import local_version
from media_assets.uploads.identity import is_same_version, md5_of
from media_assets.uploads.log import UploadLog
from media_assets.uploads.upload import History, Upload

_LONGEST = 256 * 1024 * 1024
"""The most bytes of a remote file that are read to compare it."""
_NOT_COMPARED = ""
"""Stands for the digest of a longer file: no content has it, so the file counts as different."""

HasPartition = Callable[[str], bool]


def any_partition(_: str) -> bool:
    """Returns True: the table has every partition."""
    return True


class Comparison(Enum):
    """What a found file means for the row of its name."""

    NEW = auto()
    """The row is new, or was deleted and comes back."""
    REPLACED = auto()
    """The file was read, and its content is different."""
    CHANGED = auto()
    """A stored object at the row's own address has another size or version; it was not read."""
    MOVED = auto()
    """The same content at another address."""
    TOUCHED = auto()
    """The same content with another version or signature."""
    MISPLACED = auto()
    """As recorded, but in a partition that the table no longer has."""
    UPDATED = auto()
    """As recorded, with other row values."""
    UNCHANGED = auto()
    STILL_DELETED = auto()
    """The content of a deleted row, with another version or at another address."""
    REFUSED = auto()
    """Different content at an address that is not the row's."""


class OutOfBytesError(Exception):
    """Reading the next file would exceed the limit; the next scan continues there."""


def find_misplaced(histories: Mapping[str, History], has_partition: HasPartition) -> frozenset[str]:
    """Returns the rows in partitions that their table no longer has."""
    standing = {row: h.upload.partition for row, h in histories.items() if not h.is_deleted}
    gone = {partition for partition in set(standing.values()) if not has_partition(partition)}
    return frozenset(row for row, partition in standing.items() if partition in gone)


def find_unrecorded(
    log: UploadLog, found: Sequence[Upload], has_partition: HasPartition = any_partition
) -> list[Upload]:
    """Returns the files that a log does not have exactly as they were found, in order.

    The state of their rows does not matter: a deleted row, or one replaced from elsewhere, does not
    come back because its old file is still there. Rows in partitions that their table no longer
    has count as not recorded.
    """
    histories = log.histories(upload.row for upload in found)
    elsewhere = find_misplaced(histories, has_partition)

    def is_recorded(upload: Upload) -> bool:
        history = histories.get(upload.row)
        if history is None or upload.row in elsewhere:
            return False
        seen = history.seen.get(upload.address)
        return seen is not None and _is_as_seen(upload, seen)

    return [upload for upload in found if not is_recorded(upload)]


def is_made_from(record: Record, upload: Upload) -> bool:
    """Returns whether a source cell was made from an upload's content.

    For older records, which have only the version, size and address must be equal as well.
    """
    if record.input_digest == upload.identity:
        return True
    in_place = Upload(upload.row, record.fileurl or "", 0, "").address
    return (
        record.input_digest == upload.version
        and record.size_bytes == upload.size_bytes
        and in_place == upload.address
    )


def recorded_digest(record: Record | None, upload: Upload) -> str | None:
    """Returns the digest in a row's source cell, if that was made from the upload's content."""
    return record.digest if record is not None and is_made_from(record, upload) else None


@dataclass(slots=True)
class ByteLimit:
    """The limit for reading files to compare them: a number of bytes, or one larger file."""

    most: int
    read: int = 0

    def take(self, size_bytes: int) -> None:
        """Counts a file before it is read.

        Raises:
            OutOfBytesError: It exceeds the limit.
        """
        if self.read and self.read + size_bytes > self.most:
            raise OutOfBytesError
        self.read += size_bytes


@dataclass(slots=True)
class Comparer:
    """Decides what found files mean for their rows.

    Attributes:
        reader: Access to the files.
        records: Returns the source column's newest records of a partition.
        is_named: Whether the user named the files: deleted rows come back, and objects are read.
        replaces: Whether different content from another address replaces a row.
        limit: How much may be read; None for no limit.
    """

    reader: Reader
    records: Callable[[str], Mapping[str, Record]]
    is_named: bool = False
    replaces: bool = False
    limit: ByteLimit | None = None
    _digests: dict[tuple[str, str], str | None] = field(
        default_factory=dict[tuple[str, str], str | None]
    )

    def kind(self, found: Upload, history: History | None) -> Comparison:
        """Returns what a file means for its row.

        Raises:
            OutOfBytesError: Reading a file would exceed the limit.
            StoreFaultError: A storage fails.
        """
        if history is None:
            return Comparison.NEW
        seen = history.seen.get(found.address)
        if seen is None:
            return self._from_elsewhere(found, history)
        is_current = found.address == history.upload.address
        if _is_as_seen(found, seen) and (is_current or not self.is_named):
            return self._as_seen(found, history)
        return self._of_another_version(found, history)

    def _of_another_version(self, found: Upload, history: History) -> Comparison:
        """Compares a file at a row's own address that differs from its record."""
        if not (self.is_named or history.is_deleted or found.uri.startswith(LOCAL)):
            return Comparison.CHANGED
        is_equal = self._is_equal(found, history)
        if is_equal is None:
            return Comparison.UNCHANGED
        if is_equal:
            return self._of_equal(found, history)
        return Comparison.NEW if history.is_deleted else Comparison.REPLACED

    def _as_seen(self, found: Upload, history: History) -> Comparison:
        """Compares a file that is in the log exactly as it was found."""
        if history.is_deleted and self.is_named:
            return Comparison.NEW
        held = history.upload
        is_renewed = found.address == held.address and found.uri != held.uri
        return Comparison.TOUCHED if is_renewed and not history.is_deleted else Comparison.UNCHANGED

    def held_digest(self, history: History) -> str | None:
        """Returns the digest of a row's content, if it has ever been read."""
        upload = history.upload
        record = self.records(upload.partition).get(upload.row)
        return recorded_digest(record, upload) or upload.digest

    def _from_elsewhere(self, found: Upload, history: History) -> Comparison:
        """Compares a file at an address that was never recorded for the row."""
        if self._is_equal(found, history):
            return self._of_equal(found, history)
        if history.is_deleted:
            return Comparison.NEW
        replaces = self.replaces or self._is_lost(history)
        return Comparison.REPLACED if replaces else Comparison.REFUSED

    def _is_lost(self, history: History) -> bool:
        """Returns whether a row's file disappeared unread, so that no content is replaced."""
        held = history.upload
        if self.held_digest(history) is not None or not held.uri.startswith(LOCAL):
            return False
        return not Path("/" + parse_fileurl(held.uri)[1]).exists()

    def _of_equal(self, found: Upload, history: History) -> Comparison:
        if history.is_deleted:
            return Comparison.NEW if self.is_named else Comparison.STILL_DELETED
        return Comparison.TOUCHED if found.address == history.upload.address else Comparison.MOVED

    def _is_equal(self, found: Upload, history: History) -> bool | None:
        """Returns whether a file has a row's content, if known; None if it is unreadable."""
        held = history.upload
        if min(found.size_bytes, held.size_bytes) >= 0 and found.size_bytes != held.size_bytes:
            return False
        md5 = md5_of(found.version)
        if md5 is not None and md5 == md5_of(held.version) and not self.reader.is_web(found.uri):
            return True
        digest = self.held_digest(history)
        if digest is None and found.address != held.address:
            # Nothing was made from it yet, and the file there now may be another version.
            digest = self.digest(held)
        if digest is None:
            return False
        now = self.digest(found)
        return None if now is None else now == digest

    def digest(self, upload: Upload) -> str | None:
        """Returns the SHA-256 of a file's content; None if it is gone or changed."""
        key = upload.uri, upload.version
        if key not in self._digests:
            if self.limit is not None:
                self.limit.take(max(upload.size_bytes, 0))
            self._digests[key] = content_digest(upload, self.reader)
        return self._digests[key]


def content_digest(upload: Upload, reader: Reader) -> str | None:
    """Returns the SHA-256 of an upload's content; None if it is gone, changed or too long.

    Raises:
        StoreFaultError: Its storage fails.
    """
    if upload.uri.startswith(LOCAL):
        return local_digest(upload)
    if upload.size_bytes > _LONGEST:
        return _NOT_COMPARED
    try:
        data = reader.read(upload.uri, max_bytes=_LONGEST, version=upload.read_version)
    except StoreFaultError:
        raise
    except MediaAssetsError:
        return None
    return hashlib.sha256(data).hexdigest() if len(data) <= _LONGEST else None


def local_digest(upload: Upload) -> str | None:
    """Returns the SHA-256 of a local file; None if it is gone, changed, or not local."""
    if not upload.uri.startswith(LOCAL):
        return None
    path = Path("/" + parse_fileurl(upload.uri)[1])
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        status = path.stat()
    except OSError:
        return None
    return digest if _is_as_seen(upload, (status.st_size, local_version(status))) else None


def _is_as_seen(found: Upload, seen: tuple[int, str]) -> bool:
    size_bytes, version = seen
    return found.size_bytes == size_bytes and is_same_version(found.uri, version, found.version)
