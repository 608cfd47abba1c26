"""Files named by 64 hex digits, in 256 folders that may be deleted at any time."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

_FOLDER_NAME = 2  # digits, so 256 folders
_TRIES = 3
_STALE_SECONDS = 24 * 60 * 60


class DigestFolder:
    """A folder of such files, shared with other processes; it need not exist.

    The access time of a file is set on each use. Its modification time may belong to another file,
    since it may be a hard link.
    """

    def __init__(self, folder: Path, incoming: Path) -> None:
        self._folder, self._incoming = folder, incoming

    def path(self, name: str) -> Path:
        """Returns the path of a name, whether or not the file exists."""
        return self._folder / name[:_FOLDER_NAME] / name

    def put(self, name: str, write: Callable[[Path], object]) -> bool:
        """Writes or replaces a file, whole or not at all.

        Args:
            name: 64 hex digits.
            write: Makes the file at a given path.

        Returns:
            Whether it exists now; False if folders are deleted faster than they are made.

        Raises:
            OSError: The disk is full, or writing is not permitted.
        """
        target = self.path(name)
        for _ in range(_TRIES):
            temporary = self._incoming / uuid4().hex
            try:
                write(temporary)
                self.touch(temporary)
                temporary.replace(target)
            except FileNotFoundError:
                for folder in (self._incoming, target.parent):
                    folder.mkdir(parents=True, exist_ok=True)
            else:
                return True
            finally:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
        return False

    def touch(self, path: Path) -> None:
        """Records that a file was used now, if it still exists."""
        with suppress(OSError):
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))

    def last_used(self, name: str) -> int | None:
        """Returns when a file was last used, in nanoseconds; None if it does not exist."""
        try:
            return self.path(name).stat().st_atime_ns
        except OSError:
            return None

    def remove(self, name: str) -> bool:
        """Deletes a file, and returns whether it existed."""
        try:
            self.path(name).unlink()
        except OSError:
            return False
        return True

    def entries(self) -> Iterator[os.DirEntry[str]]:
        """Yields all files, in no order, possibly with some that are added or deleted meanwhile."""
        for folder in list(_scan(self._folder)):
            if len(folder.name) == _FOLDER_NAME:
                yield from _scan(folder)

    def remove_stale(self) -> None:
        """Deletes files that killed processes left half-written, if at least a day old."""
        oldest = time.time() - _STALE_SECONDS
        for entry in _scan(self._incoming):
            with suppress(OSError):
                # A hard link has its source's modification time, but its own change time.
                if entry.stat(follow_symlinks=False).st_ctime < oldest:
                    Path(entry.path).unlink(missing_ok=True)


def _scan(folder: Path | os.DirEntry[str]) -> Iterator[os.DirEntry[str]]:
    """Lists a folder; a missing one is empty."""
    with suppress(OSError), os.scandir(folder) as entries:
        yield from entries
