"""The cache: files by their digests, and digests by the URLs that the files came from."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from media_assets.cache.digest_folder import DigestFolder
from media_assets.cache.eviction import CacheSpace
from media_assets.errors import UnsafeKeyError

_SHARE_OF_FREE_DISK = 0.2
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """The hits and misses of a cache in this process."""

    hits: int
    misses: int


class Cache:
    """Local copies of remote files; the least recently used are deleted first.

    Many threads and processes may share one folder, and it or any file in it can be deleted at any
    time. Failures of the cache raise no errors: the file is simply not kept. Each entry counts in
    blocks of 4 KiB, a remembered URL as one block.
    """

    def __init__(self, folder: Path, max_bytes: int | None = None) -> None:
        """Reads and writes nothing yet.

        Args:
            folder: The folder of the copies; made when needed.
            max_bytes: The size limit; by default a fifth of the disk's free space now.
        """
        if max_bytes is None:
            max_bytes = int(_free_bytes(folder) * _SHARE_OF_FREE_DISK)
        self.folder, self.max_bytes = folder, max_bytes
        self._files = DigestFolder(folder / "files", folder / "incoming")
        self._urls = DigestFolder(folder / "urls", folder / "incoming")
        self._room = CacheSpace(folder, (self._files, self._urls), max_bytes)
        self._lock = Lock()
        self._hits = self._misses = 0

    @property
    def counts(self) -> CacheCounts:
        """The hits and misses of `get` and `read` so far."""
        with self._lock:
            return CacheCounts(self._hits, self._misses)

    def get(self, digest: str) -> Path | None:
        """Returns the path of a copy whose bytes have just been verified.

        It may be deleted at any time, even before it is opened; once open, it stays readable.

        Args:
            digest: SHA-256 in hex.

        Returns:
            None if there is no copy, or only a damaged one, which is deleted.
        """
        path = self._files.path(_check_digest(digest))
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found = None
        return path if self._is_hit(digest, found) else None

    def has(self, digest: str) -> bool:
        """Returns whether there is a copy, without reading it."""
        return self._files.path(_check_digest(digest)).is_file()

    def read(self, digest: str) -> bytes | None:
        """Returns the verified bytes of a copy, read once; None as for `get`."""
        try:
            data = self._files.path(_check_digest(digest)).read_bytes()
        except OSError:
            data = None
        found = None if data is None else hashlib.sha256(data).hexdigest()
        return data if self._is_hit(digest, found) else None

    def copy_to(self, digest: str, target: Path) -> bool:
        """Makes a file of a copy, as a hard link if possible, which stays when the copy is deleted.

        Do not change it in place. It replaces what is there.

        Returns:
            Whether there was a copy, whose bytes have just been verified.
        """
        path = self.get(digest)
        if path is None:
            return False
        target.unlink(missing_ok=True)
        try:
            link_or_copy(path, target)
        except FileNotFoundError:  # deleted in the meantime
            return False
        return True

    def put(self, digest: str, data: bytes) -> bool:
        """Keeps a copy of some bytes.

        Args:
            digest: Their SHA-256 in hex; it is verified not here but at each read.
            data: The bytes.

        Returns:
            Whether there is a copy now; False if the disk is full, or the cache too small.
        """
        _check_digest(digest)
        return self._keep(self._files, digest, len(data), lambda path: path.write_bytes(data))

    def put_file(self, digest: str, path: Path) -> bool:
        """Keeps a copy of a file, as a hard link if possible.

        Do not change the file in place afterwards; replacing or deleting it is safe.

        Args:
            digest: The SHA-256 of its bytes in hex, as for `put`.
            path: The file, which is kept.

        Returns:
            As for `put`; also False if the file does not exist.
        """
        _check_digest(digest)
        try:
            if not path.is_file():
                return False
            source = path.resolve()
            size_bytes = source.stat().st_size
        except OSError:
            return False
        return self._keep(self._files, digest, size_bytes, lambda copy: link_or_copy(source, copy))

    def digest_of(self, url: str, version: str) -> str | None:
        """Returns the remembered digest of a version of a URL; None if there is none.

        A copy may or may not exist.
        """
        name = _name_of(url, version)
        path = self._urls.path(name)
        try:
            digest = path.read_text(encoding="ascii")
        except OSError:
            return None
        except UnicodeDecodeError:
            digest = ""
        if not _DIGEST.fullmatch(digest):
            self._urls.remove(name)
            return None
        self._urls.touch(path)
        return digest

    def remember(self, url: str, version: str, digest: str) -> bool:
        """Remembers the digest of a version of a URL.

        Args:
            url: A fileurl, or the URL of a source; only its digest is stored.
            version: A text that changes with the bytes: an ETag or a time.
            digest: SHA-256 of the bytes in hex.

        Returns:
            Whether it is remembered now, as for `put`.
        """
        _check_digest(digest)
        name, content = _name_of(url, version), digest.encode("ascii")
        if self.digest_of(url, version) not in (None, digest):
            self._urls.remove(name)
        return self._keep(self._urls, name, len(content), lambda path: path.write_bytes(content))

    def _keep(
        self, shelf: DigestFolder, name: str, size_bytes: int, write: Callable[[Path], object]
    ) -> bool:
        path = shelf.path(name)
        try:
            if _size_of(path) == size_bytes:
                shelf.touch(path)
                return True
            with self._room.reserve(size_bytes) as has_room:
                return has_room and self._place(shelf, name, size_bytes, write)
        except OSError:
            return False

    def _place(
        self, shelf: DigestFolder, name: str, size_bytes: int, write: Callable[[Path], object]
    ) -> bool:
        is_placed = False
        try:
            is_placed = shelf.put(name, write)
        finally:
            if not is_placed:
                self._room.release(size_bytes)
        return is_placed

    def _is_hit(self, digest: str, found: str | None) -> bool:
        is_hit = found == digest
        if is_hit:
            self._files.touch(self._files.path(digest))
        elif found is not None:
            self._files.remove(digest)
        with self._lock:
            self._hits += is_hit
            self._misses += not is_hit
        return is_hit


def _check_digest(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise UnsafeKeyError(digest, problem="it is not a SHA-256 digest in lower-case hex")
    return digest


def _name_of(url: str, version: str) -> str:
    return hashlib.sha256(json.dumps([url, version]).encode("ascii")).hexdigest()


def _size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def link_or_copy(source: Path, copy: Path) -> None:
    """Makes a hard link to a file, or a copy if links are not possible."""
    try:
        os.link(source, copy)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, no support for links, or too many links
        shutil.copyfile(source, copy)


def _free_bytes(folder: Path) -> int:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free
