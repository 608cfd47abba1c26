"""Local paths of the catalog's files, for DuckDB to read."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from uuid import uuid4

from media_assets.concurrency import map_concurrently
from media_assets.stores import Store
from media_assets.stores.os_errors import local_faults
from media_assets.temporary_folder import TemporaryFolder


class LocalCopies:
    """Finds files that never change, or makes copies that are deleted with this object."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._paths: dict[str, Path] = {}
        self._folder: TemporaryFolder | None = None
        self._lock = Lock()

    def path(self, key: str) -> Path:
        """Returns the path of one file.

        Raises:
            StoredFileMissingError: The file does not exist. A local file is not checked.
        """
        path = self._paths.get(key) or self._store.path(key) or self._copy(key)
        return self._paths.setdefault(key, path)

    def paths(self, keys: Iterable[str]) -> list[Path]:
        """Returns the paths of files, copying them in parallel; raises as `path` does."""
        asked = list(keys)
        remote = [key for key in asked if key not in self._paths and self._store.path(key) is None]
        self._paths.update(zip(remote, map_concurrently(self.path, remote), strict=True))
        return [self.path(key) for key in asked]

    def read(self, key: str) -> bytes:
        """Returns the bytes of one file; raises as `path` does."""
        is_here = self._store.path(key) is not None
        return self._store.get(key) if is_here else self.path(key).read_bytes()

    def _copy(self, key: str) -> Path:
        copy = self._copies / f"{uuid4().hex}.parquet"
        self._store.download(key, copy)
        return copy

    @property
    def _copies(self) -> Path:
        with self._lock:
            if self._folder is None:
                with local_faults(Path(gettempdir()).as_uri(), action="write to"):
                    self._folder = TemporaryFolder()
            return self._folder.path
