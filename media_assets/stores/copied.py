"""A bucket of files that never change, with local copies of those that were read."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Unpack, cast

from media_assets.cache import Cache, link_or_copy
from media_assets.stores.protocol import KeptWith, Store, StoredFile


def with_copies(store: Store, cache: Cache) -> Store:
    """Returns a bucket whose files are read from a cache if a listing gave their etags."""
    return cast("Store", _CopiedStore(store, cache))


class _CopiedStore:
    """Reads a file from the cache if a listing gave its etag.

    A listing is thus the only request for files that any process of this machine has read before.
    Unlisted files, and those that the cache lost, are read from the bucket.
    """

    def __init__(self, store: Store, cache: Cache) -> None:
        self._store, self._cache = store, cache
        self._etags: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  any attribute
        """Returns an attribute of the bucket; only methods that read or write files are here."""
        if name.startswith("_"):  # such as `_store` itself, in a copy that is being unpickled
            raise AttributeError(name)
        return getattr(self._store, name)

    def get(self, key: str) -> bytes:
        """Reads a copy, whose bytes are verified, or the bucket."""
        etag = self._etags.get(key)
        if etag is None:
            return self._store.get(key)
        url = self._store.fileurl(key)
        digest = self._cache.digest_of(url, etag)
        data = self._cache.read(digest) if digest else None
        if data is None:
            data = self._store.get(key)
            digest = sha256(data).hexdigest()
            if self._cache.put(digest, data):
                self._cache.remember(url, etag, digest)
        return data

    def download(self, key: str, target: Path) -> None:
        """Reads a copy, whose bytes are verified, or the bucket."""
        etag = self._etags.get(key)
        digest = self._cache.digest_of(self._store.fileurl(key), etag) if etag else None
        copy = self._cache.get(digest) if digest else None
        if copy is not None:
            with suppress(FileNotFoundError):  # it may be deleted at any time
                link_or_copy(copy, target)
                return
        self._store.download(key, target)
        if etag is not None:
            with target.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            if self._cache.put_file(digest, target):
                self._cache.remember(self._store.fileurl(key), etag, digest)

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        for file in self._store.list(prefix, start_after=start_after):
            if file.etag is not None:
                self._etags[file.key] = file.etag
            yield file

    def put(self, key: str, data: bytes, *, content_type: str | None = None) -> None:
        self._etags.pop(key, None)
        self._store.put(key, data, content_type=content_type)

    def put_file(self, key: str, staged: Path, **kept: Unpack[KeptWith]) -> None:
        self._etags.pop(key, None)
        self._store.put_file(key, staged, **kept)

    def create(self, key: str, data: bytes) -> None:
        self._etags.pop(key, None)
        self._store.create(key, data)

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes files of the bucket; their copies stay until the cache needs the space."""
        self._store.delete(self._forgotten(keys))

    def copy(self, source_key: str, target_key: str, **kept: Unpack[KeptWith]) -> None:
        self._etags.pop(target_key, None)
        self._store.copy(source_key, target_key, **kept)

    def _forgotten(self, keys: Iterable[str]) -> Iterator[str]:
        for key in keys:
            self._etags.pop(key, None)
            yield key
