"""Local paths of the catalog's files, for DuckDB to read, which compares no checksum."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from uuid import uuid4

from media_assets.concurrency import map_concurrently
from media_assets.records.file_headers import read_whole_header
from media_assets.stores import Store
from media_assets.stores.os_errors import local_faults
from media_assets.temporary_folder import TemporaryFolder


class LocalCopies:
    """Finds files that never change, or makes copies that are deleted with this object.

    Each is read once to compare its checksum, at two gigabytes a second.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._paths: dict[str, Path] = {}
        self._folder: TemporaryFolder | None = None
        self._lock = Lock()

    def path(self, key: str) -> Path:
        """Returns the path of one file.

        Raises:
            StoredFileMissingError: The file does not exist. A local file is not looked for.
            ManifestFormatError: It is damaged, or written by a newer version.
        """
        if (path := self._paths.get(key)) is not None:
            return path
        path = self._store.path(key) or self._copy(key)
        try:
            file = path.open("rb")
        except OSError:  # whoever reads it finds out
            return path
        with file:
            read_whole_header(file, key=key)
        return self._paths.setdefault(key, path)

    def forget(self, key: str) -> None:
        """Reads a file anew when it is next asked for: the key is another file's now."""
        self._paths.pop(key, None)

    def paths(self, keys: Iterable[str]) -> list[Path]:
        """Returns the paths of files, copying and reading them in parallel; raises as `path`."""
        asked = list(keys)
        unknown = [key for key in asked if key not in self._paths]
        found = dict(zip(unknown, map_concurrently(self.path, unknown), strict=True))
        return [found.get(key) or self.path(key) for key in asked]

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
