"""Reading of files by fileurl, from this machine, the cache, storage or the web."""

from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from media_assets.addresses import is_part, split_address
from media_assets.cache import Cache
from media_assets.destinations import Destination
from media_assets.errors import CorruptFileError
from media_assets.fetch import FetchLimits
from media_assets.local_reading import LocalFile, hash_local, read_local, refuse_size
from media_assets.part_files import PARENTS, digest_of_part, extract
from media_assets.public_urls import PublicUrls
from media_assets.remote_reading import RemoteFiles
from media_assets.storage_sources import StorageSources
from media_assets.stores.storage import Storage
from media_assets.temporary_folder import TemporaryFolder

if TYPE_CHECKING:
    from media_assets.fetch.facts import SourceFacts

UNBOUNDED = 2**63 - 1
"""The size limit of files that are not read into memory: those of their kind count."""


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

    @property
    def remote(self) -> RemoteFiles:
        """The files that are not on this machine."""
        return RemoteFiles(self.storage, self.fetch_limits, self.sources)

    def is_web(self, fileurl: str) -> bool:
        """Returns whether a URL is a plain http(s) address, fetched without keys."""
        return self.remote.is_web(fileurl)

    def with_sources(self, *prefixes: Destination) -> "Reader":
        """Returns a reader for which http(s) addresses below these prefixes are also storage."""
        return replace(self, sources=replace(self.sources, named=(*self.sources.named, *prefixes)))

    def resolve(self) -> "Reader":
        """Returns a reader that needs no catalog, for other machines."""
        return replace(self, sources=self.sources.resolve(self.storage))

    def head(self, url: str) -> "SourceFacts":
        """Returns the facts of a web address; no key is sent.

        Raises:
            SourceError: The address does not give a file.
        """
        return self.remote.head(url)

    def copy(self, digest: str | None) -> Path | None:
        """Returns the path of a verified copy in the cache, if any; it may be deleted any time."""
        copies = self.cache
        return copies.get(digest) if copies and digest else None

    def path(self, fileurl: str) -> Path | None:
        """Returns the local path of a file if it is on this machine.

        Not of a part that is kept in its parent's file.
        """
        if is_part(fileurl) or self.is_web(fileurl):
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
        if is_part(fileurl):
            file = BytesIO()
            self._extract(fileurl, digest, file, max_bytes)
            return file.getvalue()
        path = self.path(fileurl)
        if path is not None:
            return read_local(path, fileurl, max_bytes, version)
        copies = self.cache
        known = digest or (copies.digest_of(fileurl, version) if copies and version else None)
        if copies and known and (data := copies.read(known)) is not None:
            return data
        data = self.remote.read(fileurl, max_bytes)
        found = sha256(data).hexdigest()
        if digest not in (None, found):
            data = self.remote.read(fileurl, max_bytes)
            found = sha256(data).hexdigest()
        if digest not in (None, found):
            raise CorruptFileError(fileurl, digest, found)
        if copies:
            copies.put(found, data)
            if version:
                copies.remember(fileurl, version, found)
        return data

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
        if is_part(fileurl):
            target.unlink(missing_ok=True)
            with target.open("x+b") as file:
                return self._extract(fileurl, digest, file, max_bytes)
        copies = self.cache
        known = digest or (copies.digest_of(fileurl, version) if copies and version else None)
        if copies and known and copies.copy_to(known, target):
            return known
        found = self.remote.download(fileurl, target, max_bytes)
        if digest not in (None, found):
            found = self.remote.download(fileurl, target, max_bytes)
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
        file = self.hashed(fileurl, path)
        if file.digest != digest:
            raise CorruptFileError(fileurl, digest, file.digest)
        return file

    def read_recorded(self, fileurl: str, digest: str | None, *, max_bytes: int) -> bytes:
        """Returns the bytes that the catalog recorded for a file; raises like `read`.

        Raises:
            CorruptFileError: The file has other bytes now, also if it is local.
        """
        data = self.read(fileurl, max_bytes=max_bytes, digest=digest)
        if is_part(fileurl):  # whose digest says what it is made from
            return data
        found = sha256(data).hexdigest()
        if found != digest:
            raise CorruptFileError(fileurl, digest, found)
        return data

    def kept(self, fileurl: str, digest: str | None) -> Path | None:
        """Returns the path of a file on this machine, or of its copy in the cache, if there is one.

        A part that is kept in a file on this machine is written into the cache for it.

        Raises:
            MediaAssetsError: As for `read`, of a part.
        """
        path = self.path(fileurl)
        if path is not None or not is_part(fileurl):
            return path or self.copy(digest)
        copies = self.cache
        if copies is None or digest is None:
            return None
        known = copies.digest_of(fileurl, digest)
        if known is not None and (found := copies.get(known)) is not None:
            return found
        if self.path(split_address(fileurl)[0]) is None:
            return None
        with TemporaryFolder() as folder:
            copy = folder.path / "part"
            self.download(fileurl, copy, max_bytes=UNBOUNDED, digest=digest)
            known = self.hashed(copy.as_uri(), copy).digest
            copies.put_file(known, copy)
        copies.remember(fileurl, digest, known)
        return copies.get(known)

    def version(self, fileurl: str) -> str | None:
        """Returns what changes when a file elsewhere does, if its server says so."""
        return self.remote.version(fileurl)

    def hashed(self, fileurl: str, path: Path, version: str | None = None) -> LocalFile:
        """Hashes a file of any size on this machine, which will be read by its path.

        Raises:
            MediaAssetsError: As for `read`.
        """
        return hash_local(path, fileurl, UNBOUNDED, version)

    def copied(self, fileurl: str, target: Path, version: str | None) -> LocalFile:
        """Returns a copy of a file of any size that is not on this machine."""
        digest = self.download(fileurl, target, max_bytes=UNBOUNDED, version=version)
        return LocalFile(target, digest, target.stat().st_size)

    def _extract(self, fileurl: str, digest: str | None, file: BinaryIO, max_bytes: int) -> str:
        """Writes a part that is kept in its parent's file, and returns its digest.

        Raises:
            CorruptFileError: The parent is not what it was when the part was recorded.
        """
        parent, fragment = split_address(fileurl)
        held = PARENTS.hold(self, parent)
        found = digest_of_part(held.file.digest, fragment or "")
        if digest not in (None, found):
            raise CorruptFileError(fileurl, digest, found)
        extract(held.file.path, fragment or "", file)
        if not held.file.is_unchanged():
            raise CorruptFileError(fileurl, digest, "another one, as it is being changed")
        if file.tell() > max_bytes:
            refuse_size(file.tell(), max_bytes)
        return found


@cache
def _cache(folder: Path, max_bytes: int | None) -> Cache:
    return Cache(folder, max_bytes)
