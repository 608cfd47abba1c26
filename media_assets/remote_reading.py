"""Reading of files that are not on this machine: from storage or the web, without a cache."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from media_assets.addresses import is_web_address
from media_assets.destinations import parse_fileurl
from media_assets.errors import (
    FileurlError,
    SourceAnswerError,
    SourceDeniedError,
    SourceMissingError,
    SourceRefusedError,
    StorageAddressError,
)
from media_assets.fetch import FetchLimits, fetch, head
from media_assets.local_reading import refuse_size
from media_assets.masking import redact_uri
from media_assets.storage_sources import StorageSources
from media_assets.stores.storage import Storage

if TYPE_CHECKING:
    from media_assets.fetch.facts import SourceFacts

_PERHAPS_FOR_KEYS = (
    SourceAnswerError,
    SourceDeniedError,
    SourceMissingError,
    SourceRefusedError,
)
"""Errors of requests without a key, even if the file exists."""


@dataclass(frozen=True, slots=True)
class RemoteFiles:
    """Storage and the web, and which of them an address belongs to.

    Attributes:
        storage: Access to stored files.
        fetch_limits: The limits of sources on the web, and the allowed private networks.
        sources: The prefixes below which an http(s) address is storage.
    """

    storage: Storage
    fetch_limits: FetchLimits
    sources: StorageSources

    def is_web(self, fileurl: str) -> bool:
        """Returns whether a URL is a plain http(s) address, fetched without keys."""
        if not is_web_address(fileurl):
            return False
        try:
            root, key = parse_fileurl(fileurl)
        except FileurlError:
            return True
        return not self.sources.cover(root, key, self.storage)

    def head(self, url: str) -> "SourceFacts":
        """Returns the facts of a web address; no key is sent.

        Raises:
            SourceError: The address does not give a file.
        """
        with self._without_keys(url):
            return head(url, limits=self.fetch_limits)

    def version(self, fileurl: str) -> str | None:
        """Returns what changes when a file does, if its server says so."""
        if self.is_web(fileurl):
            return self.head(fileurl).version
        store, key = self.storage.store_of(fileurl)
        return store.head(key).etag

    def read(self, fileurl: str, max_bytes: int) -> bytes:
        """Returns a file's bytes, at most slightly more than the limit.

        Raises:
            ImageTooLargeError: It exceeds the limit; the error has its size.
        """
        file = BytesIO()
        self._write_to(file, fileurl, max_bytes)
        return file.getvalue()

    def download(self, fileurl: str, target: Path, max_bytes: int) -> str:
        """Writes a file to a new one, and returns its SHA-256 in hex; raises as `read`."""
        target.unlink(missing_ok=True)
        with target.open("x+b") as file:
            self._write_to(file, fileurl, max_bytes)
            file.seek(0)
            return file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # a real file

    def _write_to(self, file: BinaryIO, fileurl: str, max_bytes: int) -> None:
        if self.is_web(fileurl):
            with self._without_keys(fileurl):
                facts = fetch(
                    fileurl, limits=self.fetch_limits, stops_after=max_bytes + 1, into=file
                ).facts
            if file.tell() > max_bytes:
                refuse_size(facts.size_bytes or file.tell(), max_bytes)
            return
        store, key = self.storage.store_of(fileurl)
        for chunk in store.stream(key):
            file.write(chunk)
            if file.tell() > max_bytes:
                refuse_size(store.head(key).size_bytes, max_bytes)

    @contextmanager
    def _without_keys(self, url: str) -> Generator[None]:
        """Adds to the errors of a storage's address that keys are needed, and how to give them."""
        try:
            yield
        except _PERHAPS_FOR_KEYS as error:
            if self._is_at_storage(url):
                raise StorageAddressError(redact_uri(url), reason=error.what) from error
            raise

    def _is_at_storage(self, url: str) -> bool:
        try:
            root, _ = parse_fileurl(url)
        except FileurlError:
            return False
        return self.storage.is_configured(root)
