"""Files under names of 64 hex digits, in 256 folders that may vanish at any moment."""

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

    A file's access time says when it was last used, set here on each use: its modification time
    may belong to somebody else, where the file is a hard link.
    """

    def __init__(self, folder: Path, incoming: Path) -> None:
        self._folder, self._incoming = folder, incoming

    def path(self, name: str) -> Path:
        """Returns where the file of a name is, or would be."""
        return self._folder / name[:_FOLDER_NAME] / name

    def put(self, name: str, write: Callable[[Path], object]) -> bool:
        """Writes a file, replacing what is there: whole, or not at all.

        Args:
            name: 64 hex digits.
            write: Makes the file at the path that it gets.

        Returns:
            Whether it is there; False where folders vanish faster than they are made.

        Raises:
            OSError: There is no room, or no right to write.
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
        """Notes that a file was used now; a file that is gone stays gone."""
        with suppress(OSError):
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))

    def last_used(self, name: str) -> int | None:
        """Returns when a file was last used, in nanoseconds; None where it is not there."""
        try:
            return self.path(name).stat().st_atime_ns
        except OSError:
            return None

    def remove(self, name: str) -> bool:
        """Removes a file, and returns whether it was there."""
        try:
            self.path(name).unlink()
        except OSError:
            return False
        return True

    def entries(self) -> Iterator[os.DirEntry[str]]:
        """Gives all files, in no order; those that come or go meanwhile may be among them."""
        for folder in list(_scan(self._folder)):
            if len(folder.name) == _FOLDER_NAME:
                yield from _scan(folder)

    def remove_stale(self) -> None:
        """Removes what killed processes left half-written a day ago or earlier."""
        oldest = time.time() - _STALE_SECONDS
        for entry in _scan(self._incoming):
            with suppress(OSError):
                # A hard link has its source's modification time, and a change time of its own.
                if entry.stat(follow_symlinks=False).st_ctime < oldest:
                    Path(entry.path).unlink(missing_ok=True)


def _scan(folder: Path | os.DirEntry[str]) -> Iterator[os.DirEntry[str]]:
    """Lists a folder; one that is gone, or none, is empty."""
    with suppress(OSError), os.scandir(folder) as entries:
        yield from entries
