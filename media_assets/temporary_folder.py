"""Folders for files on their way, which outlive their process by a run at most.

The kernel holds a lock on each as long as its process lives, and lets go of it however that ends:
whoever looks for folders without a lock finds what processes of this machine left that were killed.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Self
from weakref import finalize

_PREFIX = "media-assets-run-"


_own: set[Path] = set()


class TemporaryFolder:
    """A new folder in the system's temporary folder, removed when it is closed or let go of.

    Attributes:
        path: Where it is.
    """

    def __init__(self) -> None:
        self.path, lock = _lock_folder()
        _own.add(self.path)
        self.close = finalize(self, _remove, self.path, lock)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the folder and all that is in it."""
        self.close()


def remove_own_folders() -> None:
    """Removes all folders of this process, for one that ends at once."""
    for path in _own.copy():
        rmtree(path, ignore_errors=True)


def list_abandoned() -> Iterator[Path]:
    """Yields this user's folders whose process is gone; each is locked until the next is asked for.

    Where the temporary folder is on a file system without locks, there are none.
    """
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with suppress(OSError):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(folder).st_uid == os.geteuid():
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield path
            finally:
                os.close(folder)


def remove_abandoned_folders() -> None:
    """Removes what killed processes left."""
    for path in list_abandoned():
        rmtree(path, ignore_errors=True)


def _lock_folder() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError):  # taken for abandoned before it was locked
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            with suppress(OSError):  # no locks here: it is not found to be abandoned either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)


def _remove(path: Path, lock: int) -> None:
    rmtree(path, ignore_errors=True)
    _own.discard(path)
    os.close(lock)
