"""The bytes behind a fileurl, wherever they are: this machine, storage, or the web."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from media_assets.destinations import parse_fileurl
from media_assets.errors import FileurlError, StoredFileMissingError
from media_assets.fetch import FetchLimits, fetch
from media_assets.stores.storage import Storage

_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files by their fileurls; a picklable value.

    Attributes:
        storage: What it takes to reach stored files.
        fetch_limits: What a source on the web may take, and which private networks are allowed.
    """

    storage: Storage = field(default_factory=Storage)
    fetch_limits: FetchLimits = field(default_factory=FetchLimits)

    def is_web(self, fileurl: str) -> bool:
        """Whether a URL is just an http address, and none of a storage that is configured."""
        if not fileurl.lower().startswith(_WEB):
            return False
        try:
            root, _ = parse_fileurl(fileurl)
        except FileurlError:
            return True
        return not self.storage.is_configured(root)

    def path(self, fileurl: str) -> Path | None:
        """The local path of a file, when it is on this machine."""
        if self.is_web(fileurl):
            return None
        store, key = self.storage.locate(fileurl)
        return store.path(key)

    def read(self, fileurl: str, *, max_bytes: int) -> bytes:
        """Returns a file's bytes, but never more than one byte past a limit.

        Raises:
            StoredFileMissingError: There is no such file.
            SourceError: The web gives no file.
            StoreFaultError: Its storage fails.
        """
        if self.is_web(fileurl):
            return self._fetched(fileurl, max_bytes)
        store, key = self.storage.locate(fileurl)
        path = store.path(key)
        if path is not None:
            if not path.is_file():
                raise StoredFileMissingError(fileurl)
            with path.open("rb") as file:
                return file.read(min(max_bytes, path.stat().st_size) + 1)
        return _at_most(max_bytes + 1, store.stream(key))

    def _fetched(self, url: str, max_bytes: int) -> bytes:
        with fetch(url, limits=self.fetch_limits) as download:
            return _at_most(max_bytes + 1, download)


def _at_most(count: int, chunks: Iterable[bytes]) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) >= count:
            break
    return bytes(data)
