"""Reading of files by fileurl, from this machine, the cache, storage or the web."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, NoReturn

from media_assets.cache import Cache
from media_assets.destinations import Destination, parse_fileurl
from media_assets.errors import (
    CorruptFileError,
    FileurlError,
    ImageTooLargeError,
    LinkChangedError,
    MediaAssetsError,
    SourceAnswerError,
    SourceDeniedError,
    SourceMissingError,
    SourceRefusedError,
    StorageAddressError,
    StoredFileMissingError,
    StoredFileRefusedError,
)
from media_assets.fetch import FetchLimits, SourceFacts, fetch, head
from media_assets.machine import path_of_open_file
from media_assets.masking import redact_uri
from media_assets.public_urls import PublicUrls
from media_assets.storage_sources import StorageSources
from media_assets.stores.local_version import has_version
from media_assets.stores.storage import Storage

_WEB = ("http://", "https://")
UNBOUNDED = 2**63 - 1
"""The size limit of files that are not read into memory: those of their kind count."""

_PERHAPS_FOR_KEYS = (
    SourceAnswerError,
    SourceDeniedError,
    SourceMissingError,
    SourceRefusedError,
)
"""Errors of requests without a key, even if the file exists."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine that is read by its path, and whose bytes were hashed.

    Attributes:
        path: The file.
        digest: SHA-256 of its bytes when it was hashed, in hex.
        size_bytes: Its size then.
        stamp: What changes when the file does; empty for a copy, which nobody changes.
    """

    path: Path
    digest: str
    size_bytes: int
    stamp: tuple[int, ...] = ()

    def is_unchanged(self) -> bool:
        """Whether the file is still as it was when it was hashed."""
        try:
            return not self.stamp or _stamp_of(self.path.stat()) == self.stamp
        except OSError:
            return False


def _stamp_of(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files by their fileurls; a picklable value.

    Attributes:
        storage: Access to stored files.
        fetch_limits: The limits of sources on the web, and the allowed private networks.
        cache_folder: The folder for copies of remote files; None for no cache.
        cache_bytes: The size limit of the cache, 0 for no cache; None for a fifth of the free disk
            space.
        sources: The prefixes below which an http(s) address is storage.
        public: The public URLs of files.
    """

    storage: Storage = field(default_factory=Storage)
    fetch_limits: FetchLimits = field(default_factory=FetchLimits)
    cache_folder: Path | None = None
    cache_bytes: int | None = None
    sources: StorageSources = field(default_factory=StorageSources)
    public: PublicUrls = field(default_factory=PublicUrls)

    @property
    def cache(self) -> Cache | None:
        """The cache of remote files, the same one for the same folder."""
        if self.cache_folder is None or self.cache_bytes == 0:
            return None
        return _cache(self.cache_folder, self.cache_bytes)

    def is_web(self, fileurl: str) -> bool:
        """Returns whether a URL is a plain http(s) address, fetched without keys."""
        if not fileurl[:8].lower().startswith(_WEB):
            return False
        try:
            root, key = parse_fileurl(fileurl)
        except FileurlError:
            return True
        return not self.sources.cover(root, key, self.storage)

    def with_sources(self, *prefixes: Destination) -> "Reader":
        """Returns a reader for which http(s) addresses below these prefixes are also storage."""
        return replace(self, sources=replace(self.sources, named=(*self.sources.named, *prefixes)))

    def resolve(self) -> "Reader":
        """Returns a reader that needs no catalog, for other machines."""
        return replace(self, sources=self.sources.resolve(self.storage))

    def head(self, url: str) -> SourceFacts:
        """Returns the facts of a web address; no key is sent.

        Raises:
            SourceError: The address does not give a file.
        """
        with self._without_keys(url):
            return head(url, limits=self.fetch_limits)

    def copy(self, digest: str | None) -> Path | None:
        """Returns the path of a verified copy in the cache, if any; it may be deleted any time."""
        copies = self.cache
        return copies.get(digest) if copies and digest else None

    def path(self, fileurl: str) -> Path | None:
        """Returns the local path of a file if it is on this machine."""
        if self.is_web(fileurl):
            return None
        store, key = self.storage.store_of(fileurl)
        return store.path(key)

    def read(
        self, fileurl: str, *, max_bytes: int, digest: str | None = None, version: str | None = None
    ) -> bytes:
        """Returns a file's bytes.

        A remote file is read from the cache if possible, and kept there after it was fetched.
        Remote bytes with a wrong digest are fetched once more.

        Args:
            fileurl: The file.
            max_bytes: The size limit.
            digest: SHA-256 of its content in hex, if known.
            version: A text that changes with the file, if known.

        Raises:
            StoredFileMissingError: The file does not exist.
            StoredFileRefusedError: It exists, but cannot be read.
            LinkChangedError: A local path with a link leads to another file than was found.
            CorruptFileError: The bytes of a remote file had a wrong digest twice.
            ImageTooLargeError: It exceeds the limit; the error has its size.
            SourceError: The address does not give a file.
            StoreFaultError: Its storage fails.
        """
        path = self.path(fileurl)
        if path is not None:
            return _read_local(path, fileurl, max_bytes, version)
        copies = self.cache
        known = digest or (copies.digest_of(fileurl, version) if copies and version else None)
        if copies and known and (data := copies.read(known)) is not None:
            return data
        data = self._remote(fileurl, max_bytes)
        if digest is not None and sha256(data).hexdigest() != digest:
            data = self._remote(fileurl, max_bytes)
        found = sha256(data).hexdigest()
        if digest not in (None, found):
            raise CorruptFileError(fileurl, digest, found)
        if copies:
            copies.put(found, data)
            if version:
                copies.remember(fileurl, version, found)
        return data

    def local_file(
        self, fileurl: str, path: Path, *, max_bytes: int, version: str | None = None
    ) -> LocalFile:
        """Hashes a file on this machine that will be read by its path.

        Args:
            fileurl: The file.
            path: Its path, as `path` returns it.
            max_bytes: The size limit.
            version: A text that changes with the file, if known.

        Raises:
            MediaAssetsError: As for `read`.
        """
        with _opened(path, fileurl, max_bytes, version) as file:
            digest = file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # a real file
            status = os.fstat(file.fileno())
            return LocalFile(path, digest, status.st_size, _stamp_of(status))

    def download(
        self,
        fileurl: str,
        target: Path,
        *,
        max_bytes: int,
        digest: str | None = None,
        version: str | None = None,
    ) -> str:
        """Makes a local copy of a remote file, chunk by chunk, as `read` does in memory.

        Args:
            fileurl: The file; it must not be on this machine.
            target: The copy, in an existing folder. Replace or delete it, but never change it in
                place: it may share its bytes with the cache.
            max_bytes: The size limit.
            digest: SHA-256 of its content in hex, if known.
            version: A text that changes with the file, if known.

        Returns:
            SHA-256 of the copy, in hex.

        Raises:
            MediaAssetsError: As for `read`.
        """
        copies = self.cache
        known = digest or (copies.digest_of(fileurl, version) if copies and version else None)
        if copies and known and copies.copy_to(known, target):
            return known
        found = self._download(fileurl, target, max_bytes)
        if digest not in (None, found):
            found = self._download(fileurl, target, max_bytes)
        if digest not in (None, found):
            raise CorruptFileError(fileurl, digest, found)
        if copies:
            copies.put_file(found, target)
            if version:
                copies.remember(fileurl, version, found)
        return found

    def keep_recorded(self, fileurl: str, digest: str | None, copy: Path) -> LocalFile:
        """Returns a local file with the bytes that the catalog recorded for a file.

        A file that is not on this machine is copied first.

        Args:
            fileurl: The file.
            digest: SHA-256 of the recorded bytes, in hex.
            copy: Where a copy would be, in an existing folder.

        Raises:
            CorruptFileError: The file has other bytes now.
            MediaAssetsError: As for `read`.
        """
        path = self.path(fileurl)
        if path is None:
            found = self.download(fileurl, copy, max_bytes=UNBOUNDED, digest=digest)
            return LocalFile(copy, found, copy.stat().st_size)
        file = self.local_file(fileurl, path, max_bytes=UNBOUNDED)
        if file.digest != digest:
            raise CorruptFileError(fileurl, digest, file.digest)
        return file

    def read_recorded(self, fileurl: str, digest: str | None, *, max_bytes: int) -> bytes:
        """Returns the bytes that the catalog recorded for a file; raises like `read`.

        Raises:
            CorruptFileError: The file has other bytes now, also if it is local.
        """
        data = self.read(fileurl, max_bytes=max_bytes, digest=digest)
        found = sha256(data).hexdigest()
        if found != digest:
            raise CorruptFileError(fileurl, digest, found)
        return data

    def _remote(self, fileurl: str, max_bytes: int) -> bytes:
        file = BytesIO()
        self._write_to(file, fileurl, max_bytes)
        return file.getvalue()

    def _download(self, fileurl: str, target: Path, max_bytes: int) -> str:
        target.unlink(missing_ok=True)
        with target.open("x+b") as file:
            self._write_to(file, fileurl, max_bytes)
            file.seek(0)
            return file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # a real file

    def _write_to(self, file: BinaryIO, fileurl: str, max_bytes: int) -> None:
        """Writes a remote file's bytes, at most slightly more than the limit."""
        if self.is_web(fileurl):
            with self._without_keys(fileurl):
                facts = fetch(
                    fileurl, limits=self.fetch_limits, stops_after=max_bytes + 1, into=file
                ).facts
            if file.tell() > max_bytes:
                _refuse_size(facts.size_bytes or file.tell(), max_bytes)
            return
        store, key = self.storage.store_of(fileurl)
        for chunk in store.stream(key):
            file.write(chunk)
            if file.tell() > max_bytes:
                _refuse_size(store.head(key).size_bytes, max_bytes)

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


@cache
def _cache(folder: Path, max_bytes: int | None) -> Cache:
    return Cache(folder, max_bytes)


def _read_local(path: Path, fileurl: str, max_bytes: int, version: str | None) -> bytes:
    with _opened(path, fileurl, max_bytes, version) as file:
        # Python reserves as much memory as it is asked to read.
        size = os.fstat(file.fileno()).st_size
        data = file.read(size + 1)
        if len(data) > size:  # it has grown in the meantime
            data += file.read(max_bytes + 1 - len(data))
        if len(data) > max_bytes:
            _refuse_size(os.fstat(file.fileno()).st_size, max_bytes)
        return data


@contextmanager
def _opened(path: Path, fileurl: str, max_bytes: int, version: str | None) -> Generator[BinaryIO]:
    """Opens a local file, and checks that it is the one that was found."""
    try:
        if not path.is_file():
            raise StoredFileMissingError(fileurl)
        # Without blocking, in case it has become a pipe that has no writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not S_ISREG(status.st_mode):
                raise StoredFileMissingError(fileurl)
            is_as_found = version is None or has_version(status, version)
            if not is_as_found and _is_linked(file.fileno(), path):
                raise LinkChangedError(fileurl)
            if status.st_size > max_bytes:
                _refuse_size(status.st_size, max_bytes)
            yield file
    except MediaAssetsError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoredFileMissingError(fileurl) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoredFileRefusedError(
            fileurl, action="read", reason=reason, is_local=True
        ) from error


def _refuse_size(size_bytes: int, max_bytes: int) -> NoReturn:
    unit = "bytes"
    raise ImageTooLargeError(unit, size_bytes, max_bytes, setting=f"ImageLimits.max_{unit}")


def _is_linked(descriptor: int, path: Path) -> bool:
    """Returns whether the path of an open file contains a link."""
    return path_of_open_file(descriptor, path) != os.path.abspath(path)  # noqa: PTH100
