"""What all handles on local files share: the temporary files that they write and read."""

from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from media_assets.temporary_folder import TemporaryFolder

Handle = TypeVar("Handle", bound="FileHandle")


class FileHandle:
    """A local file, or what edits make of it."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._written: Path | None = None
        self._folder: TemporaryFolder | None = None
        self._copy: TemporaryFolder | None = None

    def keep(self, copy: TemporaryFolder) -> None:
        """Keeps the folder of a copy that it reads, for itself and for handles made from it."""
        self._copy = copy

    def close(self) -> None:
        """Deletes the temporary file of an edited handle, if there is one."""
        if self._folder is not None:
            self._folder.close()
            self._folder = self._written = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write_once(self, name: str, write: Callable[[Path], None]) -> Path:
        """Returns the temporary file of this name, written at the first time."""
        if self._written is None:
            folder = TemporaryFolder()
            write(folder.path / name)
            self._folder, self._written = folder, folder.path / name
        return self._written

    def _pass_on(self, made: Handle) -> Handle:
        """Returns a handle that reads the same file."""
        if self._copy is not None:
            made.keep(self._copy)
        return made
