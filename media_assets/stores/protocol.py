"""The protocol of stores. The tests hold each store to it: see `contract.py` there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 4 * 1024 * 1024


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


class Store(Protocol):
    """One bucket, or this machine's file system; safe to use from many threads at once.

    A key is the full key within the bucket, names joined by `/`; for the file system the absolute
    path without its leading slash. Every method refuses a key with an empty name, `.`, `..` or NUL
    (`UnsafeKeyError`), and raises `StoreFaultError` when the storage itself fails, of which
    `StoreDeniedError` and `StoreFullError` are the kinds that can be told apart.
    """

    def fileurl(self, key: str) -> str:
        """Returns the fileurl of a key, whether or not there is such a file."""
        ...

    def put(self, key: str, data: bytes, *, content_type: str | None = None) -> None:
        """Writes a file, replacing what is there: readers see the old file or the new one, whole.

        Args:
            key: Where to; folders come into being as needed.
            data: The whole content, possibly empty.
            content_type: The media type; a store that keeps none ignores it.
        """
        ...

    def put_file(self, key: str, staged: Path, *, content_type: str | None = None) -> None:
        """Moves a local file into the store, replacing what is there.

        The staged file is gone afterwards. When this raises, it is still there. It must not be
        written to any more.

        Raises:
            StoredFileMissingError: There is no staged file.
        """
        ...

    def staging_folder(self, key_prefix: str) -> Path | None:
        """Returns the folder to stage files in, so that `put_file` below the prefix is a rename.

        The folder exists when this returns. Name files in it by `staging_name`: such names are
        hidden from `list`. None means that any local folder will do.
        """
        ...

    def create(self, key: str, data: bytes) -> None:
        """Writes a file that is not there yet, whole or not at all, and durably.

        Of any number of callers, in any number of processes and machines, exactly one succeeds.

        Raises:
            FileExistsInStoreError: Somebody was first. Their file is untouched.
        """
        ...

    def get(self, key: str) -> bytes:
        """Returns the whole content of a file.

        Raises:
            StoredFileMissingError: There is no such file; a folder is none.
        """
        ...

    def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Yields the content of a file in chunks of 1 to `chunk_bytes` bytes, none if it is empty.

        Raises:
            StoredFileMissingError: There is no such file; raised with the first chunk.
        """
        ...

    def download(self, key: str, target: Path) -> None:
        """Makes a local copy of a file, chunk by chunk; its folder has to be there.

        It may share its bytes with others that are kept: replace or delete it, and never change it
        in place.

        Raises:
            StoredFileMissingError: There is no such file.
        """
        ...

    def head(self, key: str) -> StoredFile:
        """Returns what `list` would say of one file.

        Raises:
            StoredFileMissingError: There is no such file; a folder is none.
        """
        ...

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        """Yields all files whose key begins with a text, sorted by key in code point order.

        Files that come or go meanwhile may be listed or not; staged files never are. A prefix that
        nothing begins with gives nothing.

        Args:
            prefix: Any text: `a/b` finds `a/b`, `a/bc` and `a/b/c`.
            start_after: Only keys greater than this one, whether or not it exists.
        """
        ...

    def folders(self, prefix: str) -> Sequence[str]:
        """Returns the names of the folders right below a folder, sorted, in a request or few.

        A folder is what keys share up to a slash; a local one may be empty, and is no link.

        Args:
            prefix: A key with its trailing slash, or nothing for the whole bucket.
        """
        ...

    def list_staged(self, prefix: str = "") -> Iterator[StoredFile]:
        """Yields files that were staged below a prefix and never put, in no certain order.

        They are what a killed process leaves behind; `delete` takes their keys.
        """
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes files. A key that is not there is passed over; folders stay."""
        ...

    def copy(self, source_key: str, target_key: str) -> None:
        """Copies a file within the bucket, replacing what is there; onto itself is allowed.

        Raises:
            StoredFileMissingError: There is no file to copy.
        """
        ...

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Returns an https URL that reads the file until it expires; the file need not exist.

        Raises:
            NotSignableError: This is no cloud storage.
        """
        ...

    def path(self, key: str) -> Path | None:
        """Returns the local path of a key, whether or not it exists; None in object storage."""
        ...
