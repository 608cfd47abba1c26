"""The protocol of stores. The tests check every store against it, in `contract.py`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypedDict

CHUNK_BYTES = 4 * 1024 * 1024

Attributes = Mapping[str, str]
"""What else an object is kept with, as obstore names it: `Cache-Control`, `Content-Disposition`,
`Storage-Class`; any other name is the object's own metadata. A local folder keeps none."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as a store lists it.

    Attributes:
        key: Its full key within the bucket.
        size_bytes: Its size.
        modified_at: When it was last written, with time zone.
        etag: A text that changes when the file does; None where the storage has none.
    """

    key: str
    size_bytes: int
    modified_at: datetime
    etag: str | None


class KeptWith(TypedDict, total=False):
    """The options of `Store.put_file` and `Store.copy`, for stores that pass them on."""

    content_type: str | None
    attributes: Attributes | None


class Store(Protocol):
    """One bucket, or the file system of this machine. It can be used by many threads.

    A key is the full key within the bucket, names joined by `/`; in the file system it is the
    absolute path without its leading slash. Every method raises `UnsafeKeyError` for a key with an
    empty name, `.`, `..` or NUL, and `StoreFaultError` if the storage itself fails, with the
    subclasses `StoreDeniedError` and `StoreFullError` where the reason is known.
    """

    def fileurl(self, key: str) -> str:
        """Returns the fileurl of a key, whether or not the file exists."""
        ...

    def put(self, key: str, data: bytes, *, content_type: str | None = None) -> None:
        """Writes or replaces a file; readers see the whole old file or the whole new one.

        Args:
            key: The key; folders are made as needed.
            data: The whole content, possibly empty.
            content_type: The media type; ignored by stores that do not keep it.
        """
        ...

    def put_file(
        self,
        key: str,
        staged: Path,
        *,
        content_type: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Moves a local file into the store, replacing any existing file.

        The staged file is gone afterwards, unless an error is raised. It must not be written to any
        more.

        Raises:
            StoredFileMissingError: The staged file does not exist.
        """
        ...

    def staging_folder(self, key_prefix: str) -> Path | None:
        """Returns the folder to stage files in, so that `put_file` below the prefix is a rename.

        The folder exists when this returns. Name files in it with `staging_name`, so that `list`
        does not show them. None means that any local folder will do.
        """
        ...

    def create(self, key: str, data: bytes) -> None:
        """Creates a file that does not exist yet, whole or not at all, and durably.

        Of any number of callers, in any number of processes and machines, exactly one succeeds.

        Raises:
            FileExistsInStoreError: Another caller was first. Its file is unchanged.
        """
        ...

    def get(self, key: str) -> bytes:
        """Returns the whole content of a file.

        Raises:
            StoredFileMissingError: The file does not exist, or is a folder.
        """
        ...

    def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Yields the content of a file in chunks of 1 to `chunk_bytes` bytes, none if it is empty.

        Raises:
            StoredFileMissingError: The file does not exist; raised with the first chunk.
        """
        ...

    def download(self, key: str, target: Path) -> None:
        """Makes a local copy of a file, chunk by chunk; the target's folder must exist.

        The copy may share its bytes with other files: replace or delete it, but never change it in
        place.

        Raises:
            StoredFileMissingError: The file does not exist.
        """
        ...

    def head(self, key: str) -> StoredFile:
        """Returns the same as `list` for one file.

        Raises:
            StoredFileMissingError: The file does not exist, or is a folder.
        """
        ...

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        """Yields all files whose key begins with a prefix, sorted by key in code point order.

        Files that are added or deleted in the meantime may be listed or not; staged files never
        are. It yields nothing if no key begins with the prefix.

        Args:
            prefix: Any text: `a/b` finds `a/b`, `a/bc` and `a/b/c`.
            start_after: Only keys greater than this one, whether or not it exists.
        """
        ...

    def folders(self, prefix: str) -> Sequence[str]:
        """Returns the names of the folders directly below a folder, sorted, in few requests.

        A folder is the part of a key before a slash. A local one may be empty, and is not a link.

        Args:
            prefix: A key with its trailing slash, or empty for the whole bucket.
        """
        ...

    def list_staged(self, prefix: str = "") -> Iterator[StoredFile]:
        """Yields files that were staged below a prefix and never put, in any order.

        Killed processes leave them behind; `delete` accepts their keys.
        """
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes files. Keys that do not exist are skipped; folders stay."""
        ...

    def copy(
        self,
        source_key: str,
        target_key: str,
        *,
        content_type: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Copies a file within the bucket, replacing any existing one, or onto itself.

        Args:
            source_key: The file.
            target_key: Its copy.
            content_type: The media type of the copy, if it gets attributes.
            attributes: What the copy is kept with instead of what the file is kept with; None to
                keep that.

        Raises:
            StoredFileMissingError: The source does not exist.
        """
        ...

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Returns an https URL that can read the file until it expires; the file need not exist.

        Raises:
            NotSignableError: The store is not cloud storage.
        """
        ...

    def path(self, key: str) -> Path | None:
        """Returns the local path of a key, whether or not it exists; None in object storage."""
        ...
