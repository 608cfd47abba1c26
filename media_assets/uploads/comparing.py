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
from media_assets.uploads.log import History, Upload, UploadLog

_LONGEST = 256 * 1024 * 1024
"""Bytes of a remote file that are read to compare it."""
_NOT_COMPARED = ""
"""In the place of the digest of a longer one: no content has it, so it counts as another."""

HasPartition = Callable[[str], bool]


def any_partition(_: str) -> bool:
    """Says of every partition that the table has it."""
    return True


class Comparison(Enum):
    """What a found file means for the row of its name."""

    NEW = auto()
    """The row did not exist, or was deleted and comes back."""
    REPLACED = auto()
    """Other content was read."""
    CHANGED = auto()
    """A stored object has another size or version at the row's own address; it was not read."""
    MOVED = auto()
    """The same content at another address."""
    TOUCHED = auto()
    """The same content, whose version or signature is another one."""
    MISPLACED = auto()
    """What was recorded, in a partition that the table does not have any more."""
    UNCHANGED = auto()
    STILL_DELETED = auto()
    """The content with which the row was deleted, of another version or at another address."""
    REFUSED = auto()
    """Other content at an address that is not the row's."""


class OutOfBytesError(Exception):
    """The next file would be read past the limit of bytes; another time goes on there."""


def find_misplaced(histories: Mapping[str, History], has_partition: HasPartition) -> frozenset[str]:
    """Returns the rows that stand in partitions which their table does not have any more."""
    standing = {row: h.upload.partition for row, h in histories.items() if not h.is_deleted}
    gone = {partition for partition in set(standing.values()) if not has_partition(partition)}
    return frozenset(row for row, partition in standing.items() if partition in gone)


def find_unrecorded(
    log: UploadLog, found: Sequence[Upload], has_partition: HasPartition = any_partition
) -> list[Upload]:
    """Returns those files that are not in a log just as they were found, in their order.

    What became of their rows does not matter: a row that was deleted, or replaced from elsewhere,
    does not come back because its old file still lies there. Rows in partitions that their table
    does not have any more count as not recorded.
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

    Older records hold the version alone: they count where size and address agree, too.
    """
    if record.input_digest == upload.identity:
        return True
    in_place = Upload(upload.row, record.fileurl or "", 0, "").address
    return (
        record.input_digest == upload.version
        and record.size_bytes == upload.size_bytes
        and in_place == upload.address
    )


@dataclass(slots=True)
class ByteLimit:
    """How much may be read to compare files: so many bytes, or one file that is larger."""

    most: int
    read: int = 0

    def take(self, size_bytes: int) -> None:
        """Counts a file that is about to be read.

        Raises:
            OutOfBytesError: It is not to be read any more.
        """
        if self.read and self.read + size_bytes > self.most:
            raise OutOfBytesError
        self.read += size_bytes


@dataclass(slots=True)
class Comparer:
    """Decides what found files mean.

    Attributes:
        reader: What it takes to reach files.
        records: Returns the source column's newest records of a partition.
        is_named: Whether somebody named the files: deleted rows come back, and objects are read.
        replaces: Whether other content from another address replaces a row.
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
            OutOfBytesError: A file would have to be read past the limit.
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
        """Decides about a file at a row's own address that is not as it was recorded there."""
        if not (self.is_named or history.is_deleted or found.uri.startswith(LOCAL)):
            return Comparison.CHANGED
        is_equal = self._is_equal(found, history)
        if is_equal is None:
            return Comparison.UNCHANGED
        if is_equal:
            return self._of_equal(found, history)
        return Comparison.NEW if history.is_deleted else Comparison.REPLACED

    def _as_seen(self, found: Upload, history: History) -> Comparison:
        """Decides about a file that is in the log just as it was found."""
        if history.is_deleted and self.is_named:
            return Comparison.NEW
        held = history.upload
        is_renewed = found.address == held.address and found.uri != held.uri
        return Comparison.TOUCHED if is_renewed and not history.is_deleted else Comparison.UNCHANGED

    def held_digest(self, history: History) -> str | None:
        """Returns the digest of a row's content, if it was ever read."""
        upload = history.upload
        record = self.records(upload.partition).get(upload.row)
        if record is not None and record.digest and is_made_from(record, upload):
            return record.digest
        return upload.digest

    def _from_elsewhere(self, found: Upload, history: History) -> Comparison:
        """Decides about a file at an address that was never recorded for the row."""
        if self._is_equal(found, history):
            return self._of_equal(found, history)
        if history.is_deleted:
            return Comparison.NEW
        replaces = self.replaces or self._is_lost(history)
        return Comparison.REPLACED if replaces else Comparison.REFUSED

    def _is_lost(self, history: History) -> bool:
        """Whether a row's file went before anybody read it, so that no content is replaced."""
        held = history.upload
        if self.held_digest(history) is not None or not held.uri.startswith(LOCAL):
            return False
        return not Path("/" + parse_fileurl(held.uri)[1]).exists()

    def _of_equal(self, found: Upload, history: History) -> Comparison:
        if history.is_deleted:
            return Comparison.NEW if self.is_named else Comparison.STILL_DELETED
        return Comparison.TOUCHED if found.address == history.upload.address else Comparison.MOVED

    def _is_equal(self, found: Upload, history: History) -> bool | None:
        """Whether a file has a row's content, as far as can be told; None if it is unreadable."""
        held = history.upload
        if min(found.size_bytes, held.size_bytes) >= 0 and found.size_bytes != held.size_bytes:
            return False
        md5 = md5_of(found.version)
        if md5 is not None and md5 == md5_of(held.version) and not self.reader.is_web(found.uri):
            return True
        digest = self.held_digest(history)
        if digest is None and found.address != held.address:
            # Nothing was made of it yet. What lies there now may be another version.
            digest = self.digest(held)
        if digest is None:
            return False
        now = self.digest(found)
        return None if now is None else now == digest

    def digest(self, upload: Upload) -> str | None:
        """Returns the SHA-256 of a file's content; None for one that is gone, or changed."""
        key = upload.uri, upload.version
        if key not in self._digests:
            if self.limit is not None:
                self.limit.take(max(upload.size_bytes, 0))
            self._digests[key] = content_digest(upload, self.reader)
        return self._digests[key]


def content_digest(upload: Upload, reader: Reader) -> str | None:
    """Returns the SHA-256 of an upload's content; None for one that is gone, changed, or too long.

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
    """Returns the SHA-256 of a local file; None for one that is gone, changed, or elsewhere."""
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
